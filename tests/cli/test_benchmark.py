"""The arguments of `xrdsym benchmark`, and its answer as JSON."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from pymatgen.core import Lattice, Structure

from xrdsym.cli.main import main
from xrdsym.crystal.structure_table import from_pymatgen, write_structures

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("count", ["0", "-1", "many", "1.5"])
def test_a_wrong_count_is_a_usage_error(count: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "simulate", "--structures", "table.parquet", f"--count={count}"]) == 2
    assert f"'{count}' is not a whole number, 1 or more" in capsys.readouterr().err


def test_the_answer_is_one_line_of_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    salt = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    write_structures(tmp_path / "table.parquet", [from_pymatgen(salt, f"salt {number}") for number in range(3)])
    assert main(["benchmark", "simulate", "--structures", str(tmp_path / "table.parquet"), "--count=2", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    answer = json.loads(line)
    assert answer["count"] == 2
    assert answer["unmatched"] == 0
    assert answer["max_position_difference"] < 1e-6
