"""All sources combined: in the given order, each material once, with ids that are valid file names."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from xrdsym.common.errors import XrdsymError
from xrdsym.common.skips import SkipCounts, Skipped
from xrdsym.config.data_sections import SOURCES
from xrdsym.crystal.material_ids import file_safe_id
from xrdsym.sources.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import StructuresParams
    from xrdsym.crystal.structure_table import CrystalStructure


class Combination:
    """The structures of all sources; of several with one id the first is kept.

    Attributes:
        counts: Number of structures from each source so far.
        skipped: Entries left out so far; duplicates have the reason `duplicate_id`.
        versions: Version of the database of each source that has one.
        warnings: What the readers of files supposed so far, each with the id of its material.
    """

    def __init__(self, paths: Paths, params: StructuresParams) -> None:
        self.counts: Counter[str] = Counter(dict.fromkeys(params.sources, 0))
        self.skipped = SkipCounts()
        self.versions: dict[str, str] = {}
        self.warnings: list[str] = []
        self._paths = paths
        self._params = params
        self._source_of: dict[str, str] = {}

    def structures(self) -> Iterator[CrystalStructure]:
        """Iterate over the structures; the attributes are complete when the iteration ends.

        Raises:
            XrdsymError: A source cannot be read, or no source has a structure.
        """
        # a source named twice is read once
        for name in dict.fromkeys(self._params.sources):
            for entry in self._source(name):
                if isinstance(entry, Skipped):
                    self.skipped.add(entry.name, entry.reason, entry.detail)
                    continue
                structure = self._admitted(entry, name)
                if structure is not None:
                    self.counts[name] += 1
                    self.warnings += [f"{structure.material_id}: {warning}" for warning in structure.warnings]
                    yield structure
        if not self._source_of:
            msg = f"no structure from {', '.join(self.counts)} ({self._reasons()}). Check `structures` in params.yaml."
            raise XrdsymError(msg)

    def _admitted(self, structure: CrystalStructure, source: str) -> CrystalStructure | None:
        """The structure with a file-safe id, or None if an earlier one has that id."""
        name = file_safe_id(structure.material_id)
        first = self._source_of.get(name)
        if first is not None:
            detail = f"{structure.material_id}: the source {first} has this id already; give it another id or remove it"
            self.skipped.add(structure.material_id, "duplicate_id", detail)
            return None
        self._source_of[name] = source
        return structure if name == structure.material_id else replace(structure, material_id=name)

    def _source(self, name: str) -> Iterable[CrystalStructure | Skipped]:
        """The entries of one source; its module is imported only when needed."""
        module, _, function = SOURCES[name].rpartition(".")
        read: Callable[[Any, Surroundings], Iterable[CrystalStructure | Skipped]] = getattr(
            import_module(f"xrdsym.sources.{module}"), function
        )
        return read(getattr(self._params, name, None), Surroundings(name, self._paths, self._source_of, self.versions))

    def _reasons(self) -> str:
        return ", ".join(f"{count} {reason}" for reason, count in self.skipped.summary().items()) or "no entries"
