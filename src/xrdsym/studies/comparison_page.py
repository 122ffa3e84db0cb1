"""The page of a comparison: a table for each target and split, and below it the commands of its rows."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from xrdsym.common.files import file_digest
from xrdsym.common.formatting import in_words, percent, percent_with_interval, setting
from xrdsym.common.parallel import core_count
from xrdsym.encoding.features.settings import FeatureSettings
from xrdsym.reporting.document import Block, Bullets, Code, Heading, Table, Text, markdown
from xrdsym.studies.comparison_rows import accuracy, mcnemar, rows_of
from xrdsym.studies.trial_scores import MEASURED, TIMED_PATTERNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from xrdsym.studies.comparison_rows import Row
    from xrdsym.studies.definition import Study
    from xrdsym.studies.record import StudyRecord
    from xrdsym.studies.results import TrialResult

SETTINGS_COLUMN = "settings"
TEXT_COLUMNS = ("input, patterns", SETTINGS_COLUMN)
TOP = "top_5_accuracy"
SMALLEST_P = 1e-99
ON_MEASURED = f"{MEASURED}_accuracy"
NONE = "–"


def page(
    study: Study, record: StudyRecord, command: str, source: Mapping[str, str], patterns: Path | None = None
) -> str:
    """The page as Markdown.

    Args:
        study: The comparison.
        record: Its trials, as read from the storage.
        command: The command that writes the page.
        source: Parameters of the source of the structures, for the commands; empty for that of `params.yaml`.
        patterns: File of the measured patterns that the models were scored on as well.
    """
    part = "test" if study.test else "validation"
    blocks = _head(study, part, command, patterns)
    for (target, split), rows in rows_of(study, record).items():
        blocks += _group(target, split, rows, part, source)
    return markdown(blocks, "")


def _head(study: Study, part: str, command: str, patterns: Path | None) -> list[Block]:
    shared = ", ".join(f"`{setting(name, value)}`" for name, value in study.set.items())
    own_start = study.start == "params.yaml"
    start = ("`params.yaml`" if own_start else f"the preset `{study.start}`") + (f" with {shared}" if shared else "")
    before = "" if own_start else f" after `xrdsym preset apply {study.start}`"
    notes = [_pattern_note(), _time_note(), *([] if patterns is None else [_measured_note(patterns)])]
    notes += [
        "Interval: percentiles of bootstrap samples that draw whole compositions (reduced formulas).",
        "p: McNemar's exact test against the first row of the table, on the materials that both were evaluated on.",
        (
            f"The commands below a table queue its rows as DVC experiments{before}. `dvc queue start` runs them and "
            "keeps their models; `params.yaml` stays as it is."
        ),
    ]
    return [
        Heading(1, f"Comparison: {study.guess}"),
        Text(f"Each row is one training, evaluated on the {part} part. All other parameters are those of {start}."),
        Bullets(tuple(notes)),
        Text("This page is written by"),
        Code(command),
    ]


def _pattern_note() -> str:
    features = FeatureSettings
    return (
        "Patterns: `ideal`, trained on patterns as calculated; `measured`, trained on patterns with effects of "
        f"instrument and sample. Features are of ideal patterns: peaks resolved at {features.resolution:g}°, intensity "
        f"at least {features.floor:g} of the strongest; lattices are searched in peaks of at least "
        f"{features.lattice_floor:g}."
    )


def _time_note() -> str:
    return (
        f"Epochs: `{NONE}` for a model that is fitted at once. Training is the time of the fit or of the epochs alone. "
        f"Prediction is the time from the peaks of a pattern to the probabilities, {TIMED_PATTERNS} patterns at once. "
        f"All on {core_count()} cores."
    )


def _measured_note(patterns: Path) -> str:
    return (
        f"Measured: accuracy on the patterns of `{patterns.name}` (SHA-256 {file_digest(patterns)[:12]}…); the "
        f"prediction is the class with the highest probability. `{NONE}` for a model that accepts no measured pattern, "
        "or that was trained before patterns were given."
    )


def _group(target: str, split: str, rows: Sequence[Row], part: str, source: Mapping[str, str]) -> list[Block]:
    done = [(row, row.result) for row in rows if row.result is not None]
    by = "random split" if split == "random" else f"split by {in_words(split)}"
    blocks: list[Block] = [Heading(2, f"{in_words(target).capitalize()}, {by}")]
    if done:
        sizes = sorted({len(result.predicted) for _, result in done})
        number = " to ".join(f"{size:,}" for size in dict.fromkeys((sizes[0], sizes[-1])))
        cells = [_cells(row, result, done[0][1], part) for row, result in done]
        # a column that no row has a value for is left out
        columns = [name for name in cells[0] if any(row[name] is not None for row in cells)]
        table = tuple(tuple(NONE if row[name] is None else str(row[name]) for name in columns) for row in cells)
        blocks += [Text(f"{part.capitalize()} part, n = {number}."), Table(tuple(columns), table, texts=TEXT_COLUMNS)]
    missing = [row for row in rows if row.result is None]
    if missing:
        blocks.append(Bullets(tuple(f"`{_name(row)}`: no result, {row.reason}" for row in missing)))
    return [*blocks, Code("\n".join(_command(row, source) for row in rows))]


def _cells(row: Row, result: TrialResult, best: TrialResult, part: str) -> dict[str, str | None]:
    """The cells of a row by column; None in a column that it has no value for."""
    metrics = result.metrics
    top = metrics.get(f"{part}_{TOP}")
    measured = _share(metrics[ON_MEASURED], metrics, MEASURED) if ON_MEASURED in metrics else None
    return {
        "model": f"`{row.model}`",
        TEXT_COLUMNS[0]: row.input,
        SETTINGS_COLUMN: ", ".join(f"`{setting(name, value)}`" for name, value in row.settings.items()),
        "training structures": f"{result.training_structures:,}",
        "epochs": NONE if row.fitted else str(len(result.history)),
        "training (s)": _digits(metrics["training_seconds"]),
        "prediction (ms)": _digits(metrics["inference_ms"]),
        "accuracy (95 %)": _share(accuracy(result), metrics, part),
        "macro F1": f"{metrics[f'{part}_macro_f1']:.3f}",
        "top 5": None if top is None else percent(top),
        "measured (95 %)": measured,
        "p": "" if result is best else _p_value(mcnemar(result, best)),
    }


def _digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _p_value(p: float) -> str:
    return f"{p:.2g}" if p >= SMALLEST_P else f"< {SMALLEST_P:g}"


def _share(value: float, metrics: Mapping[str, float], part: str) -> str:
    return percent_with_interval(value, metrics[f"{part}_accuracy_low"], metrics[f"{part}_accuracy_high"])


def _name(row: Row) -> str:
    return " ".join([row.model, *(setting(name, value) for name, value in row.settings.items())])


def _command(row: Row, source: Mapping[str, str]) -> str:
    """The row as a DVC experiment, which keeps the model."""
    settings = {**source, "train.input": "peaks", **row.every}
    words = (shlex.quote(setting(name, value)) for name, value in settings.items())
    return "dvc exp run --queue " + " ".join(f"-S {word}" for word in words)
