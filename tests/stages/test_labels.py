from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from made_crystals import CELLS, SPACE_GROUPS, crystal, crystals
from params_of import preset_content, preset_params
from xrdsym.common.errors import XrdsymError
from xrdsym.config.params_file import params_from
from xrdsym.config.paths import Paths
from xrdsym.crystal.labels import read_labels
from xrdsym.crystal.structure_table import CrystalStructure, write_structures
from xrdsym.stages import labels


def test_every_structure_has_the_symmetry_of_its_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = Paths(tmp_path)
    write_structures(paths.structures, crystals())
    labels.run(paths, preset_params())
    for row in read_labels(paths.labels).itertuples():
        system = str(row.material_id).split("-")[0]
        assert (row.crystal_system, row.space_group) == (system, SPACE_GROUPS[system])
    summary = json.loads((tmp_path / "data" / "labels.json").read_text())
    assert summary["count"] == 12
    assert {system: count for system, count in summary["crystal_systems"].items() if count} == dict.fromkeys(CELLS, 3)
    assert "labels: 12 structures, 3 cubic" in capsys.readouterr().out


def test_a_wide_tolerance_sees_more_symmetry(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    write_structures(paths.structures, [crystal("nearly", np.diag([4.0, 4.0, 4.05]))])
    for symprec, system in ((0.01, "tetragonal"), (0.1, "cubic")):
        labels.run(paths, params_from(preset_content(labels__symprec=symprec)))
        assert read_labels(paths.labels)["crystal_system"].tolist() == [system]


def test_where_no_structure_can_be_labelled_the_reasons_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = Paths(tmp_path)
    twice = np.array([55, 55], np.int16)
    write_structures(paths.structures, [CrystalStructure("twice", "Cs", CELLS["cubic"], twice, np.zeros((2, 3)))])
    with pytest.raises(XrdsymError, match=r"no structure of .*structures\.parquet could be labelled \(1 no_symmetry\)"):
        labels.run(paths, preset_params())
    assert capsys.readouterr().err.startswith("skipped (no_symmetry): twice")
    assert not paths.labels.exists()
