"""Finished studies taken apart: every arm with its scores, its effect and a verdict, and where to look closest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from research.why54.verdict import EXPLAINS, HELPS, HURTS, ErrorProfile, error_profile, verdict
from research.why54.words import arm_parameters
from xrdsym.studies.definition import Design
from xrdsym.studies.effect_sizes import Comparison, compare, holm, score
from xrdsym.studies.results import BASELINE, TrialResult
from xrdsym.studies.seed_variance import Kind, SeedVariance, seed_variances, training_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Role = Literal["guess", "readings", "confirmation", "full"]
"""What a study is for: to screen a guess, to run several readings of the paper's text, to repeat the arms that matter
with more seeds, or to run on the whole set. Steps and searches are known by their design."""

LIMIT = "train.limit"


@dataclass(frozen=True)
class StudyFacts:
    """What is known of a study before any trial.

    Attributes:
        name: Of its file, e.g. `class_weighting`.
        guess: What it is about, in a line.
        design: `each`, `grid`, `steps` or `search`.
        protocol: What a score of it has to be read with: part, data, split, number of classes, width, side, epochs.
            Studies with the same text have the same baseline.
        command: What runs it.
        role: What it is for.
        part: Part that its results are from; the same trials may come again, evaluated on the test part.
        baseline: Parameters of its baseline, as `params.yaml` has them.
    """

    name: str
    guess: str
    design: Design
    protocol: str
    command: str
    role: Role = "guess"
    part: Literal["validation", "test"] = "validation"
    baseline: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Arm:
    """An arm of a study, its trainings taken together.

    Attributes:
        name: What sets it apart from the baseline.
        settings: The same, as parameters.
        runs: Its trials, one a seed.
        score: Its accuracy, macro F1 and recalls.
        error_profile: How its answers fall on the crystal systems.
        effect: Against the baseline of its study; None for the baseline itself, and in a search.
        p: The p-value of its effect on the accuracy, corrected over the arms of its study.
        p_macro_f1: The same on macro F1.
        verdict: In words; empty where there is no effect.
        step: Against the arm before it, in a study of steps.
    """

    name: str
    settings: Mapping[str, Any]
    runs: tuple[TrialResult, ...]
    score: Comparison
    error_profile: ErrorProfile
    effect: Comparison | None = None
    p: float = 1.0
    p_macro_f1: float = 1.0
    verdict: str = ""
    step: Comparison | None = None

    @property
    def trained(self) -> int:
        """Training structures."""
        return min(run.training_structures for run in self.runs)

    @property
    def seconds(self) -> float:
        """Of all its trainings."""
        return sum(run.seconds for run in self.runs)

    @property
    def gain(self) -> float:
        """Its effect on the accuracy; 0 for a baseline."""
        return self.effect.accuracy.value if self.effect else 0.0


@dataclass(frozen=True, eq=False)
class Findings:
    """A study taken apart; without any finished trial it has neither baseline nor arms.

    Attributes:
        facts: The study.
        baseline: The arm that changes nothing.
        arms: The others, in the order in which they were run.
    """

    facts: StudyFacts
    baseline: Arm | None
    arms: tuple[Arm, ...]

    @property
    def is_guess(self) -> bool:
        """It screens a guess: its arms stand each for itself."""
        return self.facts.role == "guess" and self.facts.design not in {"steps", "search"}

    @property
    def is_compared(self) -> bool:
        """There are arms and a baseline that they are compared with."""
        return self.baseline is not None and bool(self.arms) and self.facts.design != "search"

    @property
    def worst(self) -> Arm | None:
        """The arm that hurts most; None where none does."""
        return min((arm for arm in self.arms if arm.verdict == HURTS), key=lambda arm: arm.gain, default=None)

    @property
    def all_arms(self) -> tuple[Arm, ...]:
        """The baseline first."""
        return (self.baseline, *self.arms) if self.baseline else self.arms

    @property
    def best(self) -> Arm | None:
        """The arm with the greatest gain, or the one that explains the paper's result; in a search the best score."""
        if self.facts.design == "search":
            return max(self.all_arms, key=lambda arm: arm.score.accuracy.value, default=None)
        return max(self.arms, key=lambda arm: (arm.verdict == EXPLAINS, arm.gain), default=None)


def all_findings(studies: Sequence[tuple[StudyFacts, Sequence[TrialResult]]]) -> list[Findings]:
    """Take finished studies apart, each with the variances between the seeds of its arms (see `_Scatter`)."""
    grouped = [(facts, _by_arm(results)) for facts, results in studies]
    scatter = _Scatter(grouped)
    return [_findings(facts, arms, scatter.of(facts, arms)) for facts, arms in grouped]


class _Scatter:
    """The variance between seeds, by protocol and kind of training (`seed_variance.training_kind`).

    An arm of the same name at the same protocol, the baselines trained on equally many structures, is the same in all
    studies, so that baselines with another seed in each study count, too. Where no arm of a kind has several seeds at a
    protocol, those of this kind at all protocols count.
    """

    def __init__(self, grouped: Sequence[tuple[StudyFacts, Mapping[str, tuple[TrialResult, ...]]]]) -> None:
        arms: dict[tuple[tuple[str, int], str], dict[int, TrialResult]] = {}
        kinds: dict[tuple[tuple[str, int], str], Kind] = {}
        for facts, by_arm in grouped:
            for name, runs in by_arm.items():
                key = _protocol(facts, by_arm), name
                arms.setdefault(key, {}).update({run.seed: run for run in runs})
                kinds[key] = training_kind(facts.baseline, runs[0].settings)
        self._arms = {key: (tuple(runs.values()), kinds[key]) for key, runs in arms.items()}

    def of(self, facts: StudyFacts, by_arm: Mapping[str, tuple[TrialResult, ...]]) -> dict[str, SeedVariance | None]:
        """The variance of each arm of a study; None where no arm of its kind has several seeds anywhere."""
        protocol = _protocol(facts, by_arm)
        own = {name: arm for (where, name), arm in self._arms.items() if where == protocol}
        runs, kinds = zip(*own.values(), strict=True) if own else ((), ())
        return dict(zip(own, seed_variances(runs, kinds, list(self._arms.values())), strict=True))


def _protocol(facts: StudyFacts, by_arm: Mapping[str, tuple[TrialResult, ...]]) -> tuple[str, int]:
    """What makes the baselines of two studies the same."""
    trained = min((run.training_structures for run in by_arm.get(BASELINE, ())), default=0)
    return facts.protocol, trained


def evidence(name: str, own: Findings, everything: Iterable[Findings]) -> tuple[Findings, Arm]:
    """The arm of this name where it was looked at most closely: on the whole set, else confirmed, else in its study."""
    rank = {"full": 2, "confirmation": 1}
    validated = [found for found in everything if found.facts.part == "validation"]
    places = [(rank[found.facts.role], found) for found in validated if found.facts.role in rank]
    closer = [
        (order, found, arm)
        for order, found in places
        for arm in found.arms
        if arm.name == name and arm.effect is not None
    ]
    if closer:
        _, found, arm = max(closer, key=lambda entry: entry[0])
        return found, arm
    return own, next(arm for arm in own.arms if arm.name == name)


def before_and_after(everything: Sequence[Findings]) -> tuple[Findings, Arm, Arm] | None:
    """The baseline and the best arm of the study that goes farthest: the whole set, else the steps, else any."""

    def reach(found: Findings) -> tuple[bool, bool, float]:
        best = found.best
        steps = found.facts.design == "steps"
        return found.facts.role == "full", steps, best.score.accuracy.value if best else 0.0

    whole = [found for found in everything if found.is_compared and found.facts.part == "validation"]
    if not whole:
        return None
    found = max(whole, key=reach)
    baseline, best = found.baseline, found.best
    return (found, baseline, best) if baseline and best and best.gain > 0 else None


def compared_systems(everything: Sequence[Findings]) -> tuple[Findings, Arm, Findings, Arm] | None:
    """The two arms whose crystal systems are compared, before and after, each with its study.

    Before is the paper's configuration read in the way that helps it most, where one does: a network whose training
    fails takes all for one system, and tells nothing of systems.
    """
    ends = before_and_after(everything)
    if ends is None:
        return None
    found, before, after = ends
    readings = [one for one in everything if one.facts.role == "readings" and one.facts.part == "validation"]
    for one in readings if found.facts.role == "full" else []:
        if one.is_compared and one.best and one.best.verdict == HELPS:
            return one, one.best, found, after
    return found, before, found, after


def is_learning_curve(found: Findings) -> bool:
    """Whether its arms differ in nothing but the number of training structures."""
    return found.is_compared and all(set(arm.settings) == {LIMIT} for arm in found.arms)


def _by_arm(results: Sequence[TrialResult]) -> dict[str, tuple[TrialResult, ...]]:
    """The trials of each arm, one a seed (the latest), arms in the order in which they were run."""
    arms: dict[str, dict[int, TrialResult]] = {}
    for run in sorted(results, key=lambda result: result.number):
        arms.setdefault(arm_parameters(run.settings), {})[run.seed] = run
    return {name: tuple(runs.values()) for name, runs in arms.items()}


def _findings(
    facts: StudyFacts, grouped: Mapping[str, tuple[TrialResult, ...]], scatter: Mapping[str, SeedVariance | None]
) -> Findings:
    plain = {
        name: Arm(name, runs[0].settings, runs, score(runs, scatter[name]), error_profile(runs))
        for name, runs in grouped.items()
    }
    baseline = plain.pop(BASELINE, None)
    arms = list(plain.values())
    if baseline and arms and facts.design != "search":
        arms = _with_effects(baseline, arms, scatter)
    if baseline and facts.design == "steps":
        arms = [
            replace(arm, step=compare(arm.runs, before.runs, scatter[arm.name], scatter[before.name]))
            for before, arm in zip([baseline, *arms], arms, strict=False)
        ]
    return Findings(facts, baseline, tuple(arms))


def _with_effects(baseline: Arm, arms: Sequence[Arm], scatter: Mapping[str, SeedVariance | None]) -> list[Arm]:
    """The arms with their effects, corrected over all of them, and verdicts."""
    effects = [compare(arm.runs, baseline.runs, scatter[arm.name], scatter[BASELINE]) for arm in arms]
    corrected = holm([effect.accuracy.p for effect in effects])
    of_macro_f1 = holm([effect.macro_f1.p for effect in effects])
    return [
        replace(
            arm,
            effect=effect,
            p=float(p),
            p_macro_f1=float(p_macro_f1),
            verdict=verdict(
                baseline.error_profile, arm.error_profile, effect.accuracy, p, min(arm.trained, baseline.trained)
            ),
        )
        for arm, effect, p, p_macro_f1 in zip(arms, effects, corrected, of_macro_f1, strict=True)
    ]
