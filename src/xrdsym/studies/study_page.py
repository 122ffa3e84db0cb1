"""The page of one study: question, data, arms with intervals and verdicts, figures, and the commands to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xrdsym.common.files import write_text
from xrdsym.common.formatting import interval
from xrdsym.common.progress import duration
from xrdsym.reporting.document import Block, Bullets, Code, Heading, Picture, Table, Text, html
from xrdsym.reporting.figure_style import svg_bytes
from xrdsym.studies.arm_effects import arm_effects, best_arm, effect_text
from xrdsym.studies.cluster_bootstrap import SAMPLES
from xrdsym.studies.definition import COMPARISON
from xrdsym.studies.study_figures import PANELS, effects_figure, epochs_figure
from xrdsym.studies.summary import data_of, remarks

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from xrdsym.studies.arm_effects import ArmEffect
    from xrdsym.studies.record import StudyRecord

WORDS = {"val_accuracy": "validation accuracy", "val_macro_f1": "validation macro F1"}
HEADER = ("arm", "verdict", "difference", "95 % interval", "score", "macro F1", "seeds", "training")


def write_study_page(record: StudyRecord, path: Path, option: str = "") -> Path:
    """Write the page of a study as one HTML file that opens offline, and return its path.

    Args:
        record: The study, with a finished trial or more.
        path: The file.
        option: What the commands need to find the storage: empty, or ` --storage FILE`.

    Raises:
        XrdsymError: The disk is full.
    """
    arms = arm_effects(record)
    figures = _figures(record, arms)
    blocks = page_blocks(record, arms, set(figures), option)
    write_text(path, html(blocks, {name: svg_bytes(figure) for name, figure in figures.items()}))
    return path


def page_blocks(record: StudyRecord, arms: list[ArmEffect], figures: set[str], option: str) -> list[Block]:
    """The page as blocks.

    Args:
        record: The study.
        arms: Its arms.
        figures: The names of the figures there are.
        option: As for `write_study_page`.
    """
    words = WORDS[record.metric]
    blocks: list[Block] = [
        Heading(1, f"Study {record.name}: {record.guess}"),
        Text(_answer(record, arms)),
        Text(f"Data: {data_of(record)}. Baseline: `{record.start}`. Score: {words}, mean over seeds."),
        Heading(2, "Arms"),
        Table(HEADER, tuple(map(_row, arms)), texts=("verdict",)),
    ]
    if record.failed:
        blocks.append(Bullets(tuple(f"failed: {arm} · seed {seed}: {reason}" for arm, seed, reason in record.failed)))
    if any(arm.effect is not None for arm in arms):
        blocks += [Text(_how_to_read(arms)), *map(Text, remarks(record, arms))]
    if "effects" in figures:
        shapes = "▲ above the baseline beyond the interval, ▼ below it, ○ neither."
        blocks += [Heading(2, "Effects"), Picture("effects", f"Difference of each arm in points of {words}. {shapes}")]
    if "epochs" in figures:
        left_out = sum(bool(arm.trials[0].history) for arm in arms) - PANELS
        others = f" The {left_out} arms with the lowest scores are left out." if left_out > 0 else ""
        caption = f"Accuracy by epoch, one mark a seed: training as trained, validation as evaluated.{others}"
        blocks += [Heading(2, "Training"), Picture("epochs", caption)]
    return [*blocks, Heading(2, "Go on"), Code(_commands(record, arms, option))]


def _answer(record: StudyRecord, arms: list[ArmEffect]) -> str:
    """What the study found, in a sentence."""
    if record.design == COMPARISON:
        return "A comparison: its rows differ in target and split, and have no baseline."
    if not any(arm.effect is not None for arm in arms):
        return "There are no intervals yet: they need a finished baseline and a finished arm."
    best = best_arm(arms)
    if best is None or best.effect is None:
        return "No arm is better than the baseline beyond its 95 % interval."
    return f"Best: **{best.name}**, {effect_text(best.effect)} above the baseline: {best.verdict}."


def _row(arm: ArmEffect) -> tuple[str, ...]:
    difference, ends = "", ""
    if arm.effect is not None:
        difference = f"{100 * arm.effect.value:+.1f}".replace("-", "−")
        ends = interval(100 * arm.effect.low, 100 * arm.effect.high, ".1f").replace("-", "−")
    scores = (arm.verdict, difference, ends, f"{arm.score:.4f}", f"{arm.mean('val_macro_f1'):.4f}")
    return (arm.name, *scores, str(len(arm.trials)), duration(arm.seconds))


def _how_to_read(arms: list[ArmEffect]) -> str:
    compared = [arm for arm in arms if arm.effect is not None]
    return (
        f"Difference and interval in points, on the materials that arm and baseline share, from {SAMPLES:,} bootstrap "
        "samples of whole compositions and seeds. *helps*, *hurts* (with one seed *higher*, *lower*): p below 0.05 "
        f"after Holm's correction for {len(compared)} arm{'' if len(compared) == 1 else 's'}."
    )


def _commands(record: StudyRecord, arms: list[ArmEffect], option: str) -> str:
    command = f"xrdsym study show {record.name}{option}"
    lines = [command, f"xrdsym study run {record.name}{option}    # what is left"]
    if best_arm(arms) is not None:
        lines.append(f"{command} --apply-best")
    return "\n".join([*lines, "mlflow ui"])


def _figures(record: StudyRecord, arms: list[ArmEffect]) -> dict[str, Figure]:
    """The figures that the arms allow, by name."""
    figures: dict[str, Figure] = {}
    if any(arm.effect is not None for arm in arms):
        figures["effects"] = effects_figure(arms, WORDS[record.metric])
    trained = [arm for arm in arms if len(arm.trials[0].history) > 1][:PANELS]
    if trained:
        baseline = next((arm for arm in arms if arm.is_baseline), None)
        figures["epochs"] = epochs_figure(trained, baseline)
    return figures
