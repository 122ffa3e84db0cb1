"""What was left out and why: counted by reason, with a few lines of each reason for the person who looks."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from dataclasses import dataclass

LINES_SHOWN = 20
"""Lines printed for each reason."""


@dataclass(frozen=True)
class Skipped:
    """One material or file that could not be used.

    Attributes:
        name: The material's id or the file.
        reason: Why, in one snake_case word by which such materials are counted.
        detail: One line that says what is wrong and what to do.
    """

    name: str
    reason: str
    detail: str


class SkipCounts:
    """Counts what is left out by reason and keeps the first lines of each."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lines: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, name: str, reason: str, detail: str) -> None:
        """Count one material or file.

        Args:
            name: The material's id or the file.
            reason: Why, in one snake_case word.
            detail: What is wrong and what to do; may begin with the name.
        """
        reason = str(reason)  # of an enumeration, too
        self._counts[reason] += 1
        if len(self._lines[reason]) < LINES_SHOWN:
            line = " ".join(detail.split())
            self._lines[reason].append(line if line.startswith(name) else f"{name}: {line}")

    def summary(self) -> dict[str, int]:
        """The count of each reason, the reasons in alphabetical order."""
        return dict(sorted(self._counts.items()))

    def text(self) -> str:
        """The counts for a sentence: `2 empty, 1 not_finite`, or that there are none."""
        return ", ".join(f"{count} {reason}" for reason, count in self.summary().items()) or "nothing was left out"

    def report(self) -> None:
        """Print the first lines of each reason to standard error, and how many more there are."""
        for reason, count in self.summary().items():
            for line in self._lines[reason]:
                print(f"skipped ({reason}): {line}", file=sys.stderr)
            if count > LINES_SHOWN:
                print(f"skipped ({reason}): … and {count - LINES_SHOWN} more", file=sys.stderr)
