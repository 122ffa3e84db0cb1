"""A trial that this process runs, from its first epoch to its end in the storage."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from xrdsym.studies.definition import Point
from xrdsym.studies.record import MATERIALS, REUSED_ATTRIBUTES, outcome_attributes
from xrdsym.studies.results import pack_materials
from xrdsym.studies.search_space import OptunaTrial

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xrdsym.studies.record import EqualTrial
    from xrdsym.studies.trial import Outcome


class TrialStorage(Protocol):
    """The methods of `StoredStudy` in use."""

    def find_equal(self, digest: str, *, test: bool) -> EqualTrial | None:
        """Find a finished trial with the same parameters, data and code."""

    def add_materials(self, packs: Mapping[str, str]) -> None:
        """Store packed materials."""

    def end(self, trial: OptunaTrial, state: str, value: float | None = None) -> None:
        """End a trial."""


class PrunedError(Exception):
    """The pruner of a search stops a trial."""


@dataclass(frozen=True)
class OpenTrial:
    """A trial that this process runs.

    Attributes:
        point: The settings and the seed of the trial.
    """

    _stored: TrialStorage
    _trial: OptunaTrial
    point: Point

    @property
    def number(self) -> int:
        """The number of the trial in its study."""
        return int(self._trial.number)

    def report(self, epoch: int, value: float) -> None:
        """Report the metric of an epoch, which also shows that the worker is alive.

        Args:
            epoch: Number of the epoch, from 1.
            value: The metric.

        Raises:
            PrunedError: The pruner of a search stops the trial.
        """
        self._trial.report(value, epoch)
        self._trial.set_user_attr("beat", time.time())
        if self._trial.should_prune():
            raise PrunedError

    def find_equal(self, digest: str, *, test: bool) -> EqualTrial | None:
        """Find an equal trial; arguments as for `StoredStudy.find_equal`."""
        return self._stored.find_equal(digest, test=test)

    def copy_result(self, equal: EqualTrial) -> None:
        """End the trial with the result of an equal one."""
        self._stored.add_materials(equal.materials)
        for key in REUSED_ATTRIBUTES:
            if key in equal.attributes:
                self._trial.set_user_attr(key, equal.attributes[key])
        self._trial.set_user_attr("repeats", equal.name)
        self._stored.end(self._trial, "COMPLETE", equal.value)

    def complete(self, value: float, digest: str, outcome: Outcome) -> None:
        """End the trial with its result.

        Args:
            value: The metric of the study.
            digest: Digest of the parameters, the data and the code.
            outcome: The result of the training and its evaluation.
        """
        packs = [pack_materials(one) for one in (outcome.materials, outcome.test_materials) if one is not None]
        self._stored.add_materials({MATERIALS + materials_digest: text for materials_digest, text in packs})
        for name, content in outcome_attributes(digest, outcome).items():
            self._trial.set_user_attr(name, content)
        self._stored.end(self._trial, "COMPLETE", value)

    def prune(self) -> None:
        """End the trial as pruned."""
        self._stored.end(self._trial, "PRUNED")

    def fail(self, reason: str, *, again: bool = False) -> None:
        """End the trial as failed.

        Args:
            reason: Why it failed.
            again: The trial counts as not begun, so the next worker runs it again.
        """
        self._trial.set_user_attr("reason", reason)
        self._trial.set_user_attr("again", again)
        self._stored.end(self._trial, "FAIL")
