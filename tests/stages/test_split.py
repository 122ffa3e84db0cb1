from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from made_crystals import CELLS, crystal, crystals
from params_of import preset_content, preset_params
from xrdsym.config.params_file import params_from
from xrdsym.config.paths import Paths
from xrdsym.crystal.structure_table import write_structures
from xrdsym.stages import labels, split


def test_parts_have_the_shares_and_the_counts_that_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = Paths(tmp_path)
    write_structures(paths.structures, [*crystals(10), crystal("alone", CELLS["cubic"] * 2)])
    labels.run(paths, preset_params())
    params = params_from(preset_content(split__by="random", split__validation=0.2, split__test=0.1))
    split.run(paths, params)
    frame = pd.read_csv(paths.split)
    assert frame["part"].value_counts().to_dict() == {"train": 29, "validation": 8, "test": 4}
    summary = json.loads((tmp_path / "data" / "split.json").read_text())
    for part, counts in summary["parts"].items():
        for system in CELLS:
            rows = frame["material_id"].str.startswith((system, "alone") if system == "cubic" else system)
            assert counts[system] == (rows & (frame["part"] == part)).sum()
    # all are CsCl: every key of the test part is one of the train part
    assert summary["test_shares_with_train"] == {"composition": 1.0, "prototype": 1.0, "anonymous_formula": 1.0}
    assert "split: 29 train, 8 validation, 4 test, by random" in capsys.readouterr().out


def test_a_system_that_a_part_lacks_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = Paths(tmp_path)
    write_structures(paths.structures, [*crystals(10)[:20], crystal("orthorhombic", CELLS["orthorhombic"])])
    labels.run(paths, preset_params())
    split.run(paths, params_from(preset_content(split__by="random")))
    assert "split: no orthorhombic structure in the test part\n" in capsys.readouterr().out
