"""Where a run comes from and how it is described: git commit, DVC experiment and hashes, parameters, metrics."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import json
import math
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from xrdsym.common import formatting
from xrdsym.common.errors import XrdsymError
from xrdsym.common.files import file_digest
from xrdsym.common.yaml_reader import load_yaml
from xrdsym.encoding.recipe import RECIPE_SECTIONS, model_file, read_recipe
from xrdsym.evaluation.confusions import MANY_CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from xrdsym.config.schema import Params

LOCK = "dvc.lock"
TABLES = ("structures", "labels", "peaks", "split", "images")


@dataclass(frozen=True)
class DataHash:
    """One output of a stage in `dvc.lock`.

    Attributes:
        name: Name of the stage: structures, labels, peaks, split or images.
        path: Path below the working tree.
        md5: DVC's hash; a folder's ends in `.dir`.
        size: Size in bytes.
    """

    name: str
    path: str
    md5: str
    size: int


def git_state(root: Path) -> dict[str, str]:
    """`commit` (40 hexadecimal digits) and `dirty` (true or false) of a checkout; empty outside a git checkout."""
    git = shutil.which("git")
    if git is None:
        return {}

    def ask(*arguments: str) -> str | None:
        done = subprocess.run([git, "-C", str(root), *arguments], capture_output=True, text=True, check=False)  # noqa: S603 - git itself
        return done.stdout.strip() if done.returncode == 0 else None

    commit = ask("rev-parse", "--verify", "HEAD")
    changes = ask("status", "--porcelain", "--untracked-files=no")
    if commit is None or changes is None:
        return {}
    return {"commit": commit, "dirty": "true" if changes else "false"}


def dvc_state() -> dict[str, str]:
    """DVC's variables in a running stage: `experiment`, `baseline`, `stage`; empty outside DVC."""
    names = {"experiment": "DVC_EXP_NAME", "baseline": "DVC_EXP_BASELINE_REV", "stage": "DVC_STAGE"}
    return {name: os.environ[variable] for name, variable in names.items() if os.environ.get(variable)}


def data_hashes(root: Path) -> list[DataHash]:
    """The hashes of the data in `dvc.lock`, in the order of the stages; empty where there is no `dvc.lock`.

    Raises:
        XrdsymError: The file is broken.
    """
    path = root / LOCK
    if not path.is_file():
        return []
    try:
        stages = load_yaml(path)["stages"].values()
        outs = [out for stage in stages for out in stage.get("outs", [])]
        found = {
            name: DataHash(name, out["path"], out["md5"], out.get("size", 0))
            for out in outs
            if (name := _table_name(out["path"])) is not None
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        msg = f"{path} is not a lock file of DVC ({error!r}). Restore it with `git checkout {LOCK}` or run `dvc repro`."
        raise XrdsymError(msg) from error
    return [found[name] for name in TABLES if name in found]


def _table_name(path: str) -> str | None:
    """The stage that writes a path of `dvc.lock`; None for counts, models and reports."""
    parts = PurePosixPath(path)
    known = parts.parent == PurePosixPath("data") and parts.suffix != ".json" and parts.stem in TABLES
    return parts.stem if known else None


def origin_tags(root: Path, hashes: list[DataHash]) -> dict[str, str]:
    """Tags for the origin of a run: git commit, DVC experiment, hashes of the data."""
    git = git_state(root)
    tags = {f"dvc.{name}": value for name, value in dvc_state().items()}
    tags |= {f"dvc.{data.name}_md5": data.md5 for data in hashes}
    tags |= {f"git.{name}": value for name, value in git.items()}
    if git:
        tags["mlflow.source.git.commit"] = git["commit"]  # MLflow's page shows this tag
    return tags


def flat_params(params: Params) -> dict[str, str]:
    """The parameters by flat names, as `dvc params` writes them: `train.class_weight` → `balanced`."""
    return flat(dataclasses.asdict(params))


def model_params(params: Params, model_folder: Path) -> dict[str, str]:
    """`flat_params`, where the sections of the model's recipe replace those of `params.yaml`.

    Raises:
        XrdsymError: The folder has no readable recipe.
    """
    recipe = dataclasses.asdict(read_recipe(model_folder))
    return flat_params(params) | flat({name: recipe[name] for name in RECIPE_SECTIONS})


def flat(content: Mapping[str, Any]) -> dict[str, str]:
    """Nested mappings by dotted names; lists are joined by commas, null, true and false written as in YAML."""
    return {name: _text(value) for name, value in formatting.flat(content).items()}


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ",".join(str(entry) for entry in value)
    return value if isinstance(value, str) else json.dumps(value)


def score_metrics(scores: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of `reports/scores.json` by flat names that start with the part.

    `validation_accuracy`, `validation_accuracy_low` and `_high` (95 % interval), `validation_recall_cubic`, …
    Values that are not numbers (names, the confusion matrix, undefined scores) are left out.

    Args:
        scores: The content of `reports/scores.json`.
    """
    part = scores["part"]
    result = number_metrics({name: value for name, value in scores.items() if name != "per_class"}, f"{part}_")
    for name, (low, high) in scores.get("intervals", {}).items():
        result |= number_metrics({f"{name}_low": low, f"{name}_high": high}, f"{part}_")
    per_class = scores.get("per_class", {})
    # hundreds of classes would be too many metrics: `tables/<part>_confusion.json` has them
    for label, row in per_class.items() if len(per_class) <= MANY_CLASSES else ():
        result |= number_metrics({f"{score}_{label}": value for score, value in row.items()}, f"{part}_")
    return result


def number_metrics(content: Mapping[str, Any], prefix: str) -> dict[str, float]:
    """The finite numbers of nested mappings, with names joined by underscores after `prefix`."""
    result: dict[str, float] = {}
    for name, value in content.items():
        if isinstance(value, dict):
            result |= number_metrics(value, f"{prefix}{name}_")
        elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            result[prefix + name] = float(value)
    return result


def history_rows(model_folder: Path) -> dict[int, dict[str, float]]:
    """Epoch → metrics of `history.csv`, without empty cells; empty where the folder has no such file.

    Raises:
        XrdsymError: The file has no column `epoch`.
    """
    path = model_folder / "history.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    try:
        return {
            int(row["epoch"]): {name: float(cell) for name, cell in row.items() if name != "epoch" and cell}
            for row in rows
        }
    except (KeyError, ValueError) as error:
        msg = f"{path} is not a training history ({error!r}). Fetch the model again with `dvc pull` or `dvc repro`."
        raise XrdsymError(msg) from error


def model_digest(model_folder: Path) -> str:
    """The SHA-256 of the model's file, which identifies the model.

    Raises:
        XrdsymError: The file is missing.
    """
    path = model_file(model_folder)
    if not path.is_file():
        msg = f"no {path.name} in {model_folder}. Run `dvc repro` to train a model or `dvc pull` to fetch one."
        raise XrdsymError(msg)
    return file_digest(path)


def comparison_key(model_folder: Path) -> str:
    """Eight hexadecimal digits that two models share if their scores can be compared.

    The key depends on the target, on the augmentation of the evaluation, and on every table that training read (labels,
    peaks, split), by the digests in the model's recipe. Other structures or another symprec, radiation or split change
    the key; another network, loss, σ or colormap does not.

    Raises:
        XrdsymError: The folder has no readable recipe.
    """
    recipe = read_recipe(model_folder)
    judged_with = (
        {name: getattr(recipe.effects, name) for name in recipe.effects.on} if recipe.effects.in_evaluation else None
    )
    content = json.dumps([dataclasses.asdict(recipe.target), judged_with, sorted(recipe.data.items())])
    return hashlib.sha256(content.encode()).hexdigest()[:8]
