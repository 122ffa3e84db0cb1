"""The sections of the answer: findings in, blocks out; every sentence that states a result is chosen by the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from research.why54.findings import is_learning_curve
from research.why54.verdict import mean_confusion
from research.why54.words import arm_text, context, counted, effect_table, listed, named, number, points, scored
from xrdsym.common.formatting import interval, percent
from xrdsym.common.progress import duration
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.reporting.confusion_figure import row_shares
from xrdsym.reporting.document import Block, Bullets, Heading, Picture, Table, Text
from xrdsym.reporting.paper import PAPER_STRUCTURES
from xrdsym.studies.cluster_bootstrap import measures_of
from xrdsym.studies.seed_variance import outlying_arms

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from research.why54.findings import Arm, Findings

BEST = 5
"""Best configurations of a search in its table."""
PAIRS = 8
"""Pairs of crystal systems in the table of confusions."""
ANSWER = "xrdsym study answer"


def guess_section(found: Findings, figures: Collection[str]) -> list[Block]:
    """One study: what it is about, its arms, what the best of them moves, how its training went."""
    facts = found.facts
    blocks: list[Block] = [Heading(3, facts.name.replace("_", " ")), Text(f"{_sentence(facts.guess)}")]
    if not found.is_compared:
        return [*blocks, Text(not_run(found))]
    blocks += [Text(f"{_sentence(context(found))}"), effect_table(found), Text(_in_words(found))]
    return blocks + _own_pictures(found, figures)


def not_run(found: Findings) -> str:
    """The line that stands for a study that has nothing to be compared."""
    if found.arms:
        return f"its baseline is not finished: `{found.facts.command}`"
    return f"not run: `{found.facts.command}`"


def picture(name: str, command: str) -> list[Block]:
    """A figure with its command."""
    return [Picture(name, CAPTIONS[name.partition("_")[0]]), Text(f"Made by `{command}`, then `{ANSWER}`.")]


def _own_pictures(found: Findings, figures: Collection[str]) -> list[Block]:
    """The figures that belong to one study alone."""
    if found.facts.part != "validation":
        return []
    names = [f"{kind}_{found.facts.name}" for kind in ("epochs", "learning_curve")]
    return [block for name in names if name in figures for block in picture(name, found.facts.command)]


CAPTIONS = {
    "forest": "Effect of every arm on the validation accuracy, 95 % intervals. The grey band is what would not have "
    "been seen with a probability of 80 %.",
    "waterfall": "From the baseline of the small protocol, one factor added after the other.",
    "learning": "Accuracy and macro F1 by the number of training structures.",
    "recalls": "Recall of each crystal system before and after, and the paper's.",
    "confusions": "What each crystal system (row) was taken for, in per cent of the row, before and after.",
    "epochs": "Accuracy by epoch on the training part (as trained) and on the validation part (as evaluated). A gap "
    "from the first epoch on is not overfitting but BatchNorm.",
}
"""What each figure shows, by the first word of its name."""


def steps_section(found: Findings, labels: Sequence[str], figures: Collection[str]) -> list[Block]:
    """From the baseline to the best, with each step against the one before."""
    blocks: list[Block] = [Heading(2, "From the baseline to the best")]
    if not found.is_compared:
        return [*blocks, Text(not_run(found))]
    rows = []
    for arm, label in zip(found.all_arms, labels, strict=True):
        step = points(arm.step.accuracy) if arm.step else ""
        whole = points(arm.effect.accuracy) if arm.effect else ""
        rows.append((named(label), step, whole, scored(arm.score.accuracy), scored(arm.score.macro_f1)))
    header = ("added", "step: accuracy", "against the baseline", "accuracy", "macro F1")
    blocks += [Text(_sentence(context(found))), Table(header, tuple(rows))]
    return blocks + (picture("waterfall", found.facts.command) if "waterfall" in figures else [])


def study_section(found: Findings, title: str, figures: Collection[str]) -> list[Block]:
    """A study that is no guess: several readings, confirmation, the whole set, a search."""
    blocks: list[Block] = [Heading(2, title), Text(_sentence(found.facts.guess))]
    if not found.all_arms or not (found.is_compared or found.facts.design == "search"):
        return [*blocks, Text(not_run(found))]
    blocks.append(Text(_sentence(context(found))))
    if found.facts.design == "search":
        best = sorted(found.all_arms, key=lambda arm: -arm.score.accuracy.value)[:BEST]
        rows = tuple((named(arm.name), scored(arm.score.accuracy), scored(arm.score.macro_f1)) for arm in best)
        caption = f"The best of {counted(len(found.all_arms), 'configuration')} that were tried."
        return [*blocks, Table(("configuration", "accuracy", "macro F1"), rows), Text(caption)]
    return [*blocks, effect_table(found), Text(_in_words(found)), *_own_pictures(found, figures)]


def systems_section(sides: tuple[Findings, Arm, Findings, Arm] | None, figures: Collection[str]) -> list[Block]:
    """Recall of each system and the pairs most confused, before and after (see `findings.compared_systems`)."""
    if sides is None:
        return []
    earlier, before, found, after = sides
    first, last = mean_confusion(before.runs), mean_confusion(after.runs)
    shares = [row_shares(matrix) for matrix in (first, last)]
    mistakes = np.where(np.eye(len(CRYSTAL_SYSTEMS), dtype=bool), 0, first)
    rows = []
    for cell in np.argsort(-mistakes, axis=None, kind="stable")[:PAIRS]:
        row, column = divmod(int(cell), len(CRYSTAL_SYSTEMS))
        rows.append(
            (
                f"{CRYSTAL_SYSTEMS[row]} → {CRYSTAL_SYSTEMS[column]}",
                f"{first[row, column]:,.0f}",
                percent(shares[0][row, column]),
                f"{last[row, column]:,.0f}",
                percent(shares[1][row, column]),
            )
        )
    blocks: list[Block] = [
        Heading(2, "Systems and pairs, before and after"),
        Text(f"Before: {arm_text(before.name)} of study `{earlier.facts.name}`; {_sentence(context(earlier))}"),
        Text(f"After: {arm_text(after.name)} of study `{found.facts.name}`; {_sentence(context(found))}"),
    ]
    for name in ("recalls", "confusions"):
        if name in figures:
            blocks += picture(name, found.facts.command)
    header = ("taken for", "before: count", "of the system", "after: count", "of the system ")
    caption = "The pairs confused most before; counts are means over seeds."
    return [*blocks, Table(header, tuple(rows)), Text(caption)]


def costs_section(everything: Sequence[Findings]) -> list[Block]:
    """The studies with the time of their trainings."""
    rows = []
    validated = [found for found in everything if found.facts.part == "validation"]
    for found in validated:
        runs = sum(len(arm.runs) for arm in found.all_arms)
        seconds = sum(arm.seconds for arm in found.all_arms)
        rows.append(
            (
                f"`{found.facts.name}`",
                found.facts.design,
                str(runs),
                duration(seconds) if runs else "",
                f"`{found.facts.command}`",
            )
        )
    total = sum(arm.seconds for found in validated for arm in found.all_arms)
    header = ("study", "design", "trials", "training", "command")
    texts = ("design", "command")
    return [
        Heading(2, "What was run, and how long it took"),
        Table(header, tuple(rows), texts=texts),
        Text(f"Training alone: {duration(total)}. The first trial of a process compiles, and its time holds that."),
    ]


def limits_section(everything: Sequence[Findings]) -> list[Block]:
    """What the numbers do not say."""
    arms = [arm for found in everything for arm in found.all_arms]
    if not arms:
        return []
    single = sum(arm.score.seeds == 1 for arm in arms)
    bare = sum(arm.effect is not None and not arm.effect.has_seed_variance for arm in arms)
    largest = max(arm.trained for arm in arms)
    items = [
        f"{single} of {counted(len(arms), 'arm')} ran with one seed; "
        + (
            f"the intervals of {bare} leave out the scatter between seeds, as no study with several seeds was there."
            if bare
            else "their intervals hold the scatter between seeds that arms with several seeds show."
        ),
        *_unsteady(everything),
        (
            f"At most {largest:,} structures were trained on; the paper had {PAPER_STRUCTURES:,} in all parts. Effects "
            "hold for the protocol that stands beside them, and may be others with more structures, width or epochs."
        ),
        (
            "Scores are those of the validation part where nothing else is said, on which the choices were made too; "
            "the greatest of many effects is a little too great, even where Holm's correction finds it."
        ),
        ("An arm by itself says nothing of what two changes do together; only the steps and the search do."),
        "Patterns are simulated, so nothing here is about noise, texture or impurities of measured ones.",
    ]
    return [Heading(2, "Limits"), Bullets(tuple(items))]


def _unsteady(everything: Sequence[Findings]) -> list[str]:
    """Arms whose score depends on the seed more than that of the others of their study."""
    texts = []
    for found in everything:
        wide = outlying_arms([arm.runs for arm in found.all_arms])
        for arm in (found.all_arms[place] for place in sorted(wide)):
            scores = sorted(measures_of(run)[0] for run in arm.runs)
            texts.append(
                f"{arm_text(arm.name)} of `{found.facts.name}` depends on the seed ({interval(scores[0], scores[-1])}) "
                "far more than the other arms; one training by such settings tells little."
            )
    return texts


def _in_words(found: Findings) -> str:
    """What the best arm of a study does, and to which systems."""
    best = found.best
    if best is None or best.effect is None:
        return ""
    visible = 100 * min(arm.effect.accuracy.visible for arm in found.arms if arm.effect)
    sentences = [
        (
            f"Best arm: {arm_text(best.name)}, {points(best.effect.accuracy)} points of accuracy ({best.verdict}), "
            f"{points(best.effect.macro_f1)} of macro F1. The smallest effect that this study would have seen is "
            f"{visible:.1f} points."
        )
    ]
    moved = [(name, effect) for name, effect in best.effect.recalls.items() if effect.low > 0 or effect.high < 0]
    moved.sort(key=lambda entry: -entry[1].value)
    if moved:
        texts = [f"{name} {points(effect)}" for name, effect in moved]
        sentences.append(f"Recalls that it moves (intervals without 0, not corrected): {', '.join(texts)}.")
    unpaired = [arm_text(arm.name) for arm in found.arms if arm.effect and not arm.effect.paired]
    if unpaired:
        sentences.append(f"Too few materials in common, so compared unpaired: {listed(unpaired)}.")
    fewer = [arm for arm in found.arms if arm.effect and arm.effect.paired and arm.effect.n < arm.score.n]
    if fewer:
        texts = [f"{arm_text(arm.name)} {arm.effect.n:,} of {arm.score.n:,}" for arm in fewer if arm.effect]
        sentences.append(f"Compared on the materials that both were evaluated on: {', '.join(texts)}.")
    if is_learning_curve(found):
        sentences.append(_slope(found))
    return " ".join(sentences)


def _slope(found: Findings) -> str:
    """What doubling the training structures gives, from the two largest sizes."""
    smaller, larger = sorted(found.all_arms, key=lambda arm: arm.trained)[-2:]
    if larger.trained == smaller.trained:
        return ""
    gain = larger.score.accuracy.value - smaller.score.accuracy.value
    doubled = 100 * gain / np.log2(larger.trained / smaller.trained)
    return (
        f"From {smaller.trained:,} to {larger.trained:,} training structures each doubling gives {number(doubled)} "
        "points of accuracy."
    )


def _sentence(text: str) -> str:
    """With a capital and a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")
