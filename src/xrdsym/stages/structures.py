"""Sources → structures: the structure table and the counts of skipped entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xrdsym.common.files import write_json
from xrdsym.crystal.structure_table import write_structures
from xrdsym.sources.combine import Combination

if TYPE_CHECKING:
    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params


def run(paths: Paths, params: Params) -> None:
    """Write the structure table and its counts.

    Raises:
        XrdsymError: A source cannot be read, or no source gives a structure.
    """
    sources = Combination(paths, params.structures)
    try:
        count = write_structures(paths.structures, sources.structures())
    finally:
        sources.skipped.report()
    summary = {"count": count, "sources": dict(sources.counts), "skipped": sources.skipped.summary()}
    write_json(paths.summary("structures"), summary | ({"versions": sources.versions} if sources.versions else {}))
    print(f"structures: {count}, " + ", ".join(f"{n} from {name}" for name, n in sources.counts.items()))
