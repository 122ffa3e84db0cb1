from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from made_crystals import crystals
from params_of import preset_content
from xrdsym.common.errors import XrdsymError
from xrdsym.config.params_file import params_from
from xrdsym.config.paths import Paths
from xrdsym.crystal.structure_table import read_structures, write_structures
from xrdsym.stages import structures


def test_a_table_of_ones_own_becomes_the_structure_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = crystals()
    write_structures(tmp_path / "own.parquet", made)
    content = preset_content(structures__sources=["files"], structures__files__path="own.parquet")
    structures.run(Paths(tmp_path), params_from(content))
    found = list(read_structures(tmp_path / "data" / "structures.parquet"))
    assert [one.material_id for one in found] == [one.material_id for one in made]
    np.testing.assert_array_equal([one.lattice for one in found], [one.lattice for one in made])
    summary = json.loads((tmp_path / "data" / "structures.json").read_text())
    assert summary == {"count": 12, "sources": {"files": 12}, "skipped": {}, "warnings": []}
    assert capsys.readouterr().out == "structures: 12, 12 from files\n"


def test_without_a_structure_there_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    content = preset_content(structures__sources=["files"], structures__files__path="empty")
    with pytest.raises(XrdsymError, match="empty"):
        structures.run(Paths(tmp_path), params_from(content))
    assert not (tmp_path / "data" / "structures.parquet").exists()
