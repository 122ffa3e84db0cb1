"""The head of the answer: what came out in a few lines, and the table of the guesses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.why54.error_profiles import nearest_in_words
from research.why54.findings import evidence
from research.why54.sections import not_run
from research.why54.verdict import EXPLAINS, HELPS, NOTHING
from research.why54.words import arm_text, context, listed, named, points, probability, scored
from xrdsym.reporting.document import Block, Bullets, Table, Text
from xrdsym.reporting.paper import PAPER_ACCURACY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from research.why54.findings import Arm, Findings

HEADER = (
    "guess (study)",
    "best arm",
    "accuracy, points",
    "verdict",
    "macro F1, points",
    "n",
    "seeds",
    "p (Holm)",
    "visible from",
    "measured in",
    "hurts most",
)


def short_answer(everything: Sequence[Findings], ends: tuple[Findings, Arm, Arm] | None) -> list[Block]:
    """What came out, in a few sentences."""
    ready = [found for found in everything if found.baseline and found.facts.part == "validation"]
    if not ready:
        return [Text("No study is finished yet, so there is no answer yet.")]
    return [Bullets((*_as_written(ready), *_ends(ends), *_by_verdict(ready), " ".join(_open(ready))))]


def summary_table(everything: Sequence[Findings]) -> Block:
    """One row a guess: its best arm, where that was looked at most closely."""
    rows = []
    for own in everything:
        if not own.is_guess:
            continue
        name = f"{own.facts.guess.rstrip('.')} (`{own.facts.name}`)"
        best = _closest(own, everything)
        if best is None:
            rows.append((name, "", "", not_run(own), *[""] * (len(HEADER) - 4)))
            continue
        found, arm = best
        if arm.effect is None:
            continue
        rows.append(
            (
                name,
                arm_text(arm.name),
                points(arm.effect.accuracy),
                f"**{arm.verdict}**",
                points(arm.effect.macro_f1),
                f"{arm.effect.n:,}",
                str(arm.effect.seeds),
                probability(arm.p),
                f"{100 * arm.effect.accuracy.visible:.1f}",
                f"`{found.facts.name}`",
                _worst(own, everything),
            )
        )
    if not rows:
        return Text("No guess has been probed.")
    return Table(HEADER, tuple(rows), texts=("best arm", "verdict", "measured in", "hurts most"))


def _closest(own: Findings, everything: Sequence[Findings]) -> tuple[Findings, Arm] | None:
    """The best arm of a study, where it was looked at most closely; one that explains the result before any other."""
    if not own.is_compared or own.best is None:
        return None
    looked = [evidence(arm.name, own, everything) for arm in own.arms]
    return next((entry for entry in looked if entry[1].verdict == EXPLAINS), evidence(own.best.name, own, everything))


def _as_written(ready: Sequence[Findings]) -> list[str]:
    """What the paper's configuration gives, from epoch to epoch, and what else one may make of its text."""
    written = [one for one in ready if one.facts.role in {"readings", "full"}]
    if not written:
        return ["The paper's configuration as written has not been run."]
    found = max(written, key=lambda one: (one.facts.role == "full", one.all_arms[0].trained))
    baseline = found.all_arms[0]
    marks = baseline.error_profile
    text = (
        f"The paper's configuration, as it was run here, {'ends' if marks.near else 'does not end'} near "
        f"{PAPER_ACCURACY}: **{scored(baseline.score.accuracy)}** after the last epoch"
    )
    history = [row for run in baseline.runs for row in run.history]
    accuracies = [row["val_accuracy"] for row in history if "val_accuracy" in row]
    if accuracies:
        text += (
            f". From epoch to epoch it is anything from {min(accuracies):.2f} to {max(accuracies):.2f}, while training "
            f"ends at {history[-1]['accuracy']:.2f}: what such a training reports depends on where it stops"
        )
    texts = [f"{text} (study `{found.facts.name}`: {context(found)})."]
    for one in written:
        repaired = [arm for arm in one.arms if arm.effect and arm.verdict == HELPS and one.facts.role == "readings"]
        texts += [
            f"Read otherwise, by {arm_text(arm.name)} alone, {scored(one.all_arms[0].score.accuracy)} becomes "
            f"**{scored(arm.score.accuracy)}**, {points(arm.effect.accuracy)} points (study `{one.facts.name}`: "
            f"{context(one)})."
            for arm in repaired
            if arm.effect
        ]
    return texts


def _open(ready: Sequence[Findings]) -> list[str]:
    """Whether anything explains the paper's result."""
    texts = []
    causes = [
        f"{arm_text(arm.name)} (study `{one.facts.name}`)"
        for one in ready
        for arm in one.arms
        if arm.verdict == EXPLAINS
    ]
    if causes:
        texts.append(f"What parts a result like the paper's from a better one: {listed(causes)}.")
    else:
        texts.append("Open: no arm by itself accounts for the paper's accuracy together with its fingerprint.")
    texts.append(nearest_in_words(ready))
    return texts


def _ends(ends: tuple[Findings, Arm, Arm] | None) -> list[str]:
    """The best configuration."""
    if ends is None:
        return []
    found, before, after = ends
    gain = points(after.effect.accuracy) if after.effect else ""
    became = f"{scored(before.score.accuracy)} becomes **{scored(after.score.accuracy)}**, {gain} points of accuracy"
    start = f"With what held it back removed, and at its full width (study `{found.facts.name}`)"
    return [f"{start}, {became}, by {named(after.name)}."]


def _by_verdict(everything: Sequence[Findings]) -> list[str]:
    """The guesses sorted by what came out."""
    closest = [(own.facts.name, _closest(own, everything)) for own in everything if own.is_guess]
    texts = []
    for verdict, start in ((EXPLAINS, "Explains it"), (HELPS, "Helps")):
        chosen = [(name, entry[1]) for name, entry in closest if entry and entry[1].verdict == verdict]
        chosen.sort(key=lambda entry: -entry[1].gain)
        listing = [
            f"{arm_text(arm.name)} ({points(arm.effect.accuracy)}, n = {arm.effect.n:,})"
            for _, arm in chosen
            if arm.effect
        ]
        if listing:
            texts.append(f"{start} by itself, in points of accuracy: {'; '.join(listing)}.")
    worst = [evidence(own.worst.name, own, everything)[1] for own in everything if own.is_guess and own.worst]
    worst.sort(key=lambda arm: arm.gain)
    if worst:
        listing = [f"{arm_text(arm.name)} ({points(arm.effect.accuracy)})" for arm in worst if arm.effect]
        texts.append(f"Costs, where it is brought in, the worst arm of each guess: {'; '.join(listing)}.")
    costly = {own.facts.name for own in everything if own.worst}
    without = [f"`{name}`" for name, entry in closest if entry and entry[1].verdict == NOTHING and name not in costly]
    if without:
        texts.append(f"Neither gain nor loss seen, each by itself: {listed(without)}.")
    return texts


def _worst(own: Findings, everything: Sequence[Findings]) -> str:
    """The arm of a study that hurts most, where it was looked at most closely; empty where none hurts."""
    if own.worst is None:
        return ""
    arm = evidence(own.worst.name, own, everything)[1]
    return f"{arm_text(arm.name)} {points(arm.effect.accuracy)}" if arm.effect else ""
