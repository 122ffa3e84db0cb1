"""All results → one HTML file, and the summary that `xrdsym results` prints."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from xrdsym.common.errors import XrdsymError
from xrdsym.common.files import write_text
from xrdsym.common.formatting import interval
from xrdsym.common.tables import aligned
from xrdsym.encoding.recipe import FILE_NAME, RECIPE_SECTIONS, read_recipe
from xrdsym.evaluation.confusions import worst_confusions
from xrdsym.evaluation.metrics import context_of
from xrdsym.reporting.run_report import Report, render_report
from xrdsym.scoring.mistakes import Mistake
from xrdsym.sources.origin import Origin
from xrdsym.tracking.provenance import dvc_state, git_state
from xrdsym.tracking.runs_page import runs_lines

if TYPE_CHECKING:
    from pathlib import Path

    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params

STAGES = ("structures", "labels", "peaks", "images")
"""Stages whose summaries hold `count` and `skipped`; that of `split` holds other counts."""

SCORES = (
    *("part", "split", "sources", "target", "n", "classes", "accuracy", "macro_f1", "balanced_accuracy", "intervals"),
    *("majority_class", "majority_accuracy", "per_class", "confusion_matrix"),
)
"""What the report needs of `scores.json`."""

COMMANDS = {
    "Activate the environment": ". .venv/bin/activate",
    "Compare runs in the browser": "mlflow ui",
    "Predict for your own patterns or structures": "xrdsym predict FILE",
    "Run again with one parameter changed": "dvc exp run -S profile.sigma=3",
    "Compare the experiments": "dvc exp show --only-changed --drop '.*/'",
}

NO_QUEUE = (
    "Experiments cannot be queued in this folder: DVC's queue takes paths of ASCII letters only. All else works; move "
    "the project before `dvc exp run --queue`."
)
"""DVC writes the path of its cache as ASCII when it prepares a task, which fails with an empty log."""

ANSWER = "why-54.html"
"""The page that `xrdsym study answer` writes beside the report."""


def run(paths: Paths, params: Params) -> None:
    """Write `reports/index.html`.

    Raises:
        XrdsymError: A file of the run is broken.
    """
    write_text(paths.reports / "index.html", render_report(gather(paths, params)))
    print("report: reports/index.html; `xrdsym results` prints the scores and the next commands")


def gather(paths: Paths, params: Params) -> Report:
    """Collect the contents of the report; files that are missing are left out.

    Raises:
        XrdsymError: A file of the run is broken.
    """
    model = paths.models / params.train.model
    scores = _scores(paths.reports / "scores.json")
    split = _json(paths.summary("split")) or {}
    parameters = dataclasses.asdict(params)
    facts = _facts(paths.root)
    provenance = dict(facts)
    if (model / FILE_NAME).is_file():
        recipe = dataclasses.asdict(read_recipe(model))
        parameters |= {name: recipe[name] for name in RECIPE_SECTIONS}
        provenance |= {f"{name}, SHA-256": digest for name, digest in recipe["data"].items()} | recipe["versions"]
    stages = {stage: _json(paths.summary(stage)) for stage in STAGES}
    training = _json(model / "training.json") or {}
    # the table of the parts has these counts
    training.pop("classes", None)
    mistakes = _mistakes(paths.reports / "mistakes.json") if scores else []
    return Report(
        model=params.train.model,
        written=dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        facts=facts,
        provenance=provenance,
        context=context_of(scores) if scores else "",
        scores=scores,
        stages={stage: counts for stage, counts in stages.items() if counts is not None},
        parts=split.get("parts", {}),
        shared_with_training=split.get("test_shares_with_train", {}),
        parameters=parameters,
        training=training,
        figures={path.stem: path.read_bytes() for path in sorted((paths.reports / "figures").glob("*.svg"))},
        mistakes=mistakes,
        confusions=_confusions(paths.reports / "predictions.csv"),
        commands=COMMANDS,
        answer=ANSWER if (paths.reports / ANSWER).is_file() else "",
    )


def last_words(paths: Paths, params: Params) -> str:
    """The results of the last run: their files, the scores, and the next commands.

    Raises:
        XrdsymError: A file of the run is broken.
    """
    places = {"report": paths.reports / "index.html", "model": paths.models / params.train.model}
    made = {name: place for name, place in places.items() if place.exists()}
    lines = ["", *(f"{name:9} {place.relative_to(paths.root)}" for name, place in made.items())]
    lines += [
        f"{place.relative_to(paths.root)} does not exist yet: `dvc repro` makes it, `dvc pull` fetches it."
        for name, place in places.items()
        if name not in made
    ]
    scores = _scores(paths.reports / "scores.json")
    # the scores may be those of a model that was removed
    if scores and "model" in made:
        ends = interval(*scores["intervals"]["accuracy"])
        majority = f"always answering {scores['majority_class']} gives {scores['majority_accuracy']:.3f}"
        lines += [
            f"accuracy  {scores['accuracy']:.3f} (95 % interval {ends}); {majority}",
            f"          {context_of(scores)}",
        ]
    commands = aligned([(f"  {command}", purpose) for purpose, command in COMMANDS.items()])
    queue = [] if str(paths.root).isascii() else ["", NO_QUEUE]
    lines += ["", "Next commands:", *commands, *queue, "", *runs_lines(paths)]
    return "\n".join(lines)


def _json(path: Path) -> dict[str, Any] | None:
    """The content of a JSON file; None where the file is missing."""
    if not path.is_file():
        return None
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        msg = f"{path} is not valid JSON ({error}). Run `dvc repro` to make it again."
        raise XrdsymError(msg) from error
    if not isinstance(content, dict):
        msg = f"{path} does not hold a JSON object. Run `dvc repro` to make it again."
        raise XrdsymError(msg)
    return content


def _scores(path: Path) -> dict[str, Any] | None:
    """The content of `scores.json`; None where the file is missing."""
    scores = _json(path)
    if scores is None:
        return None
    missing = [name for name in SCORES if name not in scores]
    if missing:
        msg = f"{path} lacks {', '.join(missing)}. Run `dvc repro --force --single-item evaluate` to make it again."
        raise XrdsymError(msg)
    return scores


def _confusions(path: Path) -> list[dict[str, Any]]:
    """The worst confusions in `predictions.csv`; none where the file is missing."""
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        classes = header[3:]
        actual = [classes.index(row[1]) for row in rows]
        probabilities = [[float(value) for value in row[3:]] for row in rows]
    except (ValueError, IndexError) as error:
        msg = f"{path} is not a table of predictions ({error}). Run `dvc repro evaluate` to make it again."
        raise XrdsymError(msg) from error
    return worst_confusions(actual, probabilities, [row[0] for row in rows], classes=classes)


def _mistakes(path: Path) -> list[dict[str, Any]]:
    """The wrong predictions in `mistakes.json`; none where the file is missing."""
    if not path.is_file():
        return []
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        mistakes = [Mistake(**{**row, "origin": row["origin"] and Origin(**row["origin"])}) for row in rows]
    except (ValueError, TypeError, KeyError) as error:
        msg = f"{path} is not a list of mistakes ({error}). Run `dvc repro evaluate` to make it again."
        raise XrdsymError(msg) from error
    return [dataclasses.asdict(mistake) for mistake in mistakes]


def _facts(root: Path) -> dict[str, str]:
    """The git commit and the DVC experiment, where there are any."""
    git, dvc = git_state(root), dvc_state()
    facts = {}
    if git:
        facts["git commit"] = git["commit"][:12] + (" with changes" if git["dirty"] == "true" else "")
    if "experiment" in dvc:
        facts["DVC experiment"] = dvc["experiment"]
    return facts
