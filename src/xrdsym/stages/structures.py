"""Sources → structures: the structure table and the counts of skipped entries."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from xrdsym.common.files import write_json
from xrdsym.crystal.structure_table import write_structures
from xrdsym.sources.combine import Combination

if TYPE_CHECKING:
    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params

WARNINGS_PRINTED = 20


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
        for warning in sources.warnings[:WARNINGS_PRINTED]:
            print(f"warning: {warning}", file=sys.stderr)
        if len(sources.warnings) > WARNINGS_PRINTED:
            more = len(sources.warnings) - WARNINGS_PRINTED
            print(f"warning: … and {more} more in {paths.summary('structures')}", file=sys.stderr)
    summary = {
        "count": count,
        "sources": dict(sources.counts),
        "skipped": sources.skipped.summary(),
        "warnings": sources.warnings,
    }
    write_json(paths.summary("structures"), summary | ({"versions": sources.versions} if sources.versions else {}))
    print(f"structures: {count}, " + ", ".join(f"{n} from {name}" for name, n in sources.counts.items()))
