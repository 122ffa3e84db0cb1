from __future__ import annotations

import pytest
from pymatgen.symmetry.groups import SpaceGroup

from xrdsym.common.errors import XrdsymError
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS, crystal_system


def test_every_space_group_has_pymatgens_system() -> None:
    for number in range(1, 231):
        assert crystal_system(number) == SpaceGroup.from_int_number(number).crystal_system


def test_classes_are_in_the_order_of_the_papers_table() -> None:
    assert tuple(sorted(CRYSTAL_SYSTEMS)) == CRYSTAL_SYSTEMS
    assert len(CRYSTAL_SYSTEMS) == 7


@pytest.mark.parametrize("number", [0, 231, -1])
def test_what_is_no_space_group_is_refused(number: int) -> None:
    with pytest.raises(XrdsymError, match="from 1 to 230"):
        crystal_system(number)
