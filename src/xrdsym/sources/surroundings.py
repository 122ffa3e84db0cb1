"""What every source is given beside its own parameters."""

from __future__ import annotations

import glob
from collections.abc import Container
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xrdsym.config.paths import Paths, project_root

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Surroundings:
    """What a source may use beside its own parameters.

    A source is a function `source(params, surroundings)` that gives structures and what was skipped; `params` is the
    section of `structures` with the source's name, None where it has none.

    Attributes:
        name: Name of the source.
        paths: The working tree.
        taken: Ids that earlier sources gave.
        versions: Takes the version of the source's database, where it has one.
    """

    name: str
    paths: Paths
    taken: Container[str]
    versions: dict[str, str]

    @property
    def cache(self) -> Path:
        """A folder of the project for what the source downloads."""
        return project_root(self.paths) / "data" / f".{self.name}"

    def located(self, name: str) -> Path:
        """A path or glob relative to the working tree; in a temporary clone of it, else relative to the project."""
        here = self.paths.root / name
        if glob.glob(str(here), recursive=True):  # noqa: PTH207 - Path.glob takes no absolute pattern
            return here
        return project_root(self.paths) / name
