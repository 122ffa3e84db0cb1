"""Operations as files list them."""

from __future__ import annotations

import numpy as np
import pytest

from xrdsym.sources.operations import combined, setting_by_triplets


@pytest.mark.parametrize(
    "triplets",
    [
        ["x,y,z", "-x,y+1/2,-z"],
        ["X, Y, Z", " -X , 1/2+Y , -Z "],
        ["x,y,z,+1", "-x,y+0.5,-z,-1"],
        ["-x,y-1/2,-z"],
        ["x,y,z", "x,y,z", "-x,y+.5,-z", "-x,y+3/2,-z"],
    ],
)
def test_ways_of_writing_a_screw_axis(triplets: list[str]) -> None:
    setting = setting_by_triplets(triplets, "listed")
    assert setting.rotations.tolist() == [np.eye(3).tolist(), np.diag([-1, 1, -1]).tolist()]
    assert setting.translations.tolist() == [[0, 0, 0], [0, 0.5, 0]]


def test_decimals_stand_for_fractions_and_others_are_kept() -> None:
    thirds = setting_by_triplets(["x,y,z", "x+0.6667,y+.333,z+0.33333", "x+0.333,y+0.667,z+2/3"], "listed")
    assert thirds.translations.tolist() == [[0, 0, 0], [16 / 24, 8 / 24, 8 / 24], [8 / 24, 16 / 24, 16 / 24]]
    fifths = setting_by_triplets([f"x,y,z+{step}/5" for step in range(5)], "listed")
    assert len(fifths.rotations) == 5


@pytest.mark.parametrize(
    "triplet", ["x,y", "x,y,z,u", "x,y,w", "2x,y,z", "x,x,z", "x*y,y,z", "", ",,", "x,y,z+1/0x", f"x,y,z+{'9' * 400}"]
)
def test_what_is_no_operation(triplet: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be read|are not a group"):
        setting_by_triplets(["x,y,z", triplet], "listed")


def test_lists_that_are_cut_are_no_group() -> None:
    with pytest.raises(ValueError, match="the 3 operations are not a group"):
        setting_by_triplets(["x,y,z", "-x,-y,z", "-x,y,-z"], "listed")


def test_centerings_complete_a_magnetic_list() -> None:
    part = setting_by_triplets(["x,y,z,+1", "-x,-y,z+1/4,+1"], "listed", closed=False)
    centering = setting_by_triplets(["x,y,z,+1", "x,y,z+1/2,-1"], "listed")
    assert len(combined(part, centering).rotations) == 4
    with pytest.raises(ValueError, match="are not a group"):
        combined(part, setting_by_triplets(["x,y,z"], "listed"))


def test_how_much_an_operation_changes_a_cell() -> None:
    turn = setting_by_triplets(["x,y,z", "-y,x,z", "-x,-y,z", "y,-x,z"], "listed")
    assert turn.mismatch(np.diag([4.0, 4.0, 6.0])) == 0
    assert turn.mismatch(np.diag([4.0, 4.04, 6.0])) == pytest.approx(0.02, abs=1e-3)
