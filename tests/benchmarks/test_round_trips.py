"""Structures come back from every format with the same peaks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.round_trips import NAMES, TOLERANCE, WRITERS, idealised, run, trips
from xrdsym.crystal.structure_table import CrystalStructure

RUTILE = CrystalStructure(
    "rutile",
    "TiO2",
    np.diag([4.594, 4.594, 2.959]),
    np.array([22, 22, 8, 8, 8, 8], np.int16),
    np.array([[0, 0, 0], [0.5] * 3, *[[x, x, 0] for x in (0.305, 0.695)], *[[x, 1 - x, 0.5] for x in (0.195, 0.805)]]),
)


def test_one_structure_through_every_format(tmp_path: Path) -> None:
    ideal = idealised(RUTILE, np.random.default_rng(0))
    assert ideal is not None
    results = dict(trips(RUTILE, ideal, tmp_path))
    assert len(results) == 2 * len(WRITERS) + len(NAMES) + 1
    assert all(isinstance(result, float) and result < TOLERANCE for result in results.values()), results


@pytest.mark.slow
def test_real_structures_through_every_format(shared_data: Path) -> None:
    tried, equal, _, others = run(shared_data, 40)
    assert others == []
    assert tried == equal
    assert set(tried.values()) == {250}
