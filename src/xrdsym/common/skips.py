"""Skipped materials and files: counts by reason, and the first messages of each reason."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from dataclasses import dataclass

from xrdsym.common.printable import printable

MESSAGES_PRINTED = 20
"""Messages of each reason that `report` prints."""


@dataclass(frozen=True)
class Skipped:
    """One material or file that could not be used.

    Attributes:
        name: The material's id or the file.
        reason: The kind of problem, in snake_case.
        detail: What is wrong and what to do, in one line.
    """

    name: str
    reason: str
    detail: str


class SkipCounts:
    """Count skipped materials by reason and keep the first messages of each reason."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._messages: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, name: str, reason: str, detail: str) -> None:
        """Count one material or file.

        Args:
            name: The material's id or the file.
            reason: The kind of problem, in snake_case.
            detail: What is wrong and what to do; may start with the name.
        """
        reason = str(reason)  # it may be a member of an enumeration
        self._counts[reason] += 1
        if len(self._messages[reason]) < MESSAGES_PRINTED:
            shown = printable(name)
            message = printable(" ".join((detail.replace(name, shown) if name else detail).split()))
            self._messages[reason].append(message if message.startswith(shown) else f"{shown}: {message}")

    def summary(self) -> dict[str, int]:
        """The count of each reason, in alphabetical order of the reasons."""
        return dict(sorted(self._counts.items()))

    def text(self) -> str:
        """The counts for a sentence: `2 empty, 1 not_finite`, or `nothing was skipped`."""
        return ", ".join(f"{count} {reason}" for reason, count in self.summary().items()) or "nothing was skipped"

    def report(self) -> None:
        """Print the first messages of each reason, and the number of the others, to standard error."""
        for reason, count in self.summary().items():
            for message in self._messages[reason]:
                print(f"skipped ({reason}): {message}", file=sys.stderr)
            if count > MESSAGES_PRINTED:
                print(f"skipped ({reason}): … and {count - MESSAGES_PRINTED} more", file=sys.stderr)
