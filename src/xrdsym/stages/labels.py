"""Structures → labels: the symmetry of every structure, or why it has none; the dimensionality where that is asked."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from xrdsym.common.errors import XrdsymError
from xrdsym.common.files import atomic_path, write_json
from xrdsym.common.parallel import map_batches
from xrdsym.common.progress import progress_bar
from xrdsym.common.skips import SkipCounts
from xrdsym.crystal.labels import DIMENSIONALITY_SCHEMA, LABEL_SCHEMA, label_rows
from xrdsym.crystal.structure_table import count_structures, read_batches
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS

if TYPE_CHECKING:
    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params

BATCH_ROWS = 250


def run(paths: Paths, params: Params) -> None:
    """Write the label table and its counts.

    Raises:
        XrdsymError: No structure could be labelled.
    """
    bonds = params.labels.dimensionality
    analyse = partial(
        label_rows, symprec=params.labels.symprec, angle_tolerance=params.labels.angle_tolerance, bonds=bonds
    )
    schema = DIMENSIONALITY_SCHEMA if bonds else LABEL_SCHEMA
    systems: Counter[str] = Counter()
    skipped = SkipCounts()
    with (
        atomic_path(paths.labels) as temporary,
        pq.ParquetWriter(temporary, schema, compression="zstd") as writer,
        progress_bar(total=count_structures(paths.structures), description="labels", unit="structure") as bar,
    ):
        for rows in map_batches(analyse, read_batches(paths.structures, BATCH_ROWS)):
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=schema))
            for row in rows:
                if row["skipped"] is None:
                    systems[row["crystal_system"]] += 1
                else:
                    skipped.add(row["material_id"], row["skipped"], row["detail"])
            bar.update(len(rows))
        if not systems:
            skipped.report()
            reasons = skipped.text()
            msg = f"no structure of {paths.structures} could be labelled ({reasons}). Check their source, or `labels`."
            raise XrdsymError(msg)
    counts = {system: systems[system] for system in CRYSTAL_SYSTEMS}
    write_json(
        paths.summary("labels"), {"count": systems.total(), "crystal_systems": counts, "skipped": skipped.summary()}
    )
    skipped.report()
    print(f"labels: {systems.total()} structures, " + ", ".join(f"{n} {system}" for system, n in counts.items()))
