"""What is fuzzed: a reader, and small inputs that it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


class Target(NamedTuple):
    """A reader and small inputs that it reads.

    Attributes:
        seeds: The inputs.
        suffix: That of their files.
        read: Reads a file; raises `XrdsymError` where it refuses it, and `Broken` where what it read is wrong.
        several: A refusal names all that is wrong, a line each.
    """

    seeds: Callable[[], Sequence[bytes]]
    suffix: str
    read: Callable[[Path], None]
    several: bool = False


class Broken(Exception):  # noqa: N818 - what an input did
    """A reader gave what it never should."""
