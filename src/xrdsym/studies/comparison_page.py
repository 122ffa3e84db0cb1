"""The page of a comparison: a table for each target and split, and under it the commands of its rows."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from xrdsym.common.files import file_digest
from xrdsym.common.parallel import core_count
from xrdsym.encoding.features.settings import FeatureSettings
from xrdsym.studies.comparison_rows import accuracy, mcnemar, rows_of
from xrdsym.studies.trial_scores import MEASURED, TIMED_PATTERNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from xrdsym.studies.comparison_rows import Row
    from xrdsym.studies.definition import Study
    from xrdsym.studies.record import StudyRecord
    from xrdsym.studies.results import TrialResult

COLUMNS = (
    ("model", "---"),
    ("input, track", "---"),
    ("changed", "---"),
    ("to train on", "---:"),
    ("epochs", "---:"),
    ("training, s", "---:"),
    ("an answer, ms", "---:"),
    ("accuracy (95 %)", "---:"),
    ("macro F1", "---:"),
    ("p", "---:"),
)
TOP = "top_5_accuracy"
SMALLEST_P = 1e-99
TOP_HEADING, MEASURED_HEADING = "top 5", "measured (95 %)"
ON_MEASURED = f"{MEASURED}_accuracy"


def page(
    study: Study, record: StudyRecord, command: str, source: Mapping[str, str], patterns: Path | None = None
) -> str:
    """The page as Markdown.

    Args:
        study: The comparison.
        record: What its storage holds.
        command: What makes the page again.
        source: Where the structures came from, as parameters, for the commands; empty for those of `params.yaml`.
        patterns: The measured patterns that models were scored on, too.
    """
    part = "test" if study.test else "validation"
    text = [f"# Comparison: {study.guess}", "", _head(study, part, patterns), "", "```sh", command, "```", ""]
    for (target, split), rows in rows_of(study, record).items():
        text += _group(target, split, rows, part, source)
    return "\n".join(text).rstrip() + "\n"


def _head(study: Study, part: str, patterns: Path | None) -> str:
    shared = ", ".join(f"`{name}={_shown(value)}`" for name, value in study.set.items())
    start = f"the preset `{study.start}`" if study.start != "params.yaml" else "`params.yaml`"
    told = f" with {shared}" if shared else ""
    before = f" after `xrdsym preset apply {study.start}`" if study.start != "params.yaml" else ""
    lines = FeatureSettings
    measured = ""
    if patterns is not None:
        measured = f"""
- Measured: accuracy on the patterns of `{patterns.name}` (SHA-256 {file_digest(patterns)[:12]}…), the largest of all
  probabilities against the class of each; `–` where a model takes no measured pattern, or was trained before there
  were any to score it on."""
    return f"""\
Each row is one training, judged on the {part} part. What it does not change is as in {start}{told}.

- Track: `ideal`, trained on patterns as they are calculated; `measured`, with effects of instrument and sample drawn
  into them. Features are of the track `ideal`: of lines told apart at {lines.resolution:g}° that have {lines.floor:g}
  of the strongest or more (lattices are looked for in those of {lines.lattice_floor:g} or more).
- Epochs: `–` where a model is fitted at once. Training is the fit or the epochs alone. An answer is from the peaks of a
  pattern to the probabilities, {TIMED_PATTERNS} patterns at once, all on {core_count()} cores.{measured}
- Interval: percentiles of bootstrap samples that draw the materials of one composition together.
- p: McNemar's exact test against the first row of the table, on the materials that both were judged on.
- The commands under a table queue its rows as experiments of DVC's{before}, and `dvc queue start` runs them and keeps
  their models; `params.yaml` stays as it is. The whole page:"""


def _group(target: str, split: str, rows: Sequence[Row], part: str, source: Mapping[str, str]) -> list[str]:
    done = [(row, row.result) for row in rows if row.result is not None]
    counts = sorted({len(result.predicted) for _, result in done})
    number = " to ".join(f"{count:,}" for count in dict.fromkeys((counts or [0])[:: max(1, len(counts) - 1)]))
    by = "random split" if split == "random" else f"split by {split.replace('_', ' ')}"
    lines = [f"## {target.replace('_', ' ').capitalize()}, {by}", ""]
    if done:
        columns = list(COLUMNS)
        if any(f"{part}_{TOP}" in result.metrics for _, result in done):
            columns.insert(-1, (TOP_HEADING, "---:"))
        if any(ON_MEASURED in result.metrics for _, result in done):
            columns.insert(-1, (MEASURED_HEADING, "---:"))
        lines += [f"{part.capitalize()} part, n = {number}.", ""]
        lines += [_line([name for name, _ in columns]), _line([rule for _, rule in columns])]
        shown = [name for name, _ in columns]
        lines += [_line(_cells(row, result, done[0][1], part, shown)) for row, result in done]
        lines.append("")
    lost = [row for row in rows if row.result is None]
    lines += [f"- `{_name(row)}`: no result, {row.reason}" for row in lost] + ([""] if lost else [])
    return [*lines, "```sh", *(_command(row, source) for row in rows), "```", ""]


def _cells(row: Row, result: TrialResult, best: TrialResult, part: str, columns: Sequence[str]) -> list[str]:
    metrics = result.metrics
    cells = [
        f"`{row.model}`",
        row.input,
        ", ".join(f"`{name}={_shown(value)}`" for name, value in row.settings.items()),
        f"{result.training_structures:,}",
        "–" if row.fitted else str(len(result.history)),
        _digits(metrics["training_seconds"]),
        _digits(metrics["inference_ms"]),
        _share(accuracy(result), metrics, part),
        f"{metrics[f'{part}_macro_f1']:.3f}",
        "" if result is best else _chance(mcnemar(result, best)),
    ]
    if TOP_HEADING in columns:
        top = metrics.get(f"{part}_{TOP}")
        cells.insert(-1, "" if top is None else f"{100 * top:.1f} %")
    if MEASURED_HEADING in columns:
        cells.insert(-1, _share(metrics[ON_MEASURED], metrics, MEASURED) if ON_MEASURED in metrics else "–")
    return cells


def _digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _chance(p: float) -> str:
    return f"{p:.2g}" if p >= SMALLEST_P else f"< {SMALLEST_P:g}"


def _share(value: float, metrics: Mapping[str, float], part: str) -> str:
    low, high = (metrics[f"{part}_accuracy_{end}"] for end in ("low", "high"))
    return f"{100 * value:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def _name(row: Row) -> str:
    return " ".join([row.model, *(f"{name}={_shown(value)}" for name, value in row.settings.items())])


def _command(row: Row, source: Mapping[str, str]) -> str:
    """The row as an experiment of DVC's, which keeps the model."""
    values = {**source, "train.input": "peaks", **{name: _shown(value) for name, value in row.every.items()}}
    return "dvc exp run --queue " + " ".join(f"-S {shlex.quote(f'{name}={value}')}" for name, value in values.items())


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
