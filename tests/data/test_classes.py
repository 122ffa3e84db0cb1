from __future__ import annotations

import dataclasses

import pytest

from params_of import preset_params
from xrdsym.common.errors import UsageError
from xrdsym.config.schema import TargetParams
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.crystal.targets.classes import OTHER
from xrdsym.data.classes import chosen_classes

COUNTS = {"cubic": 50, "hexagonal": 9, "triclinic": 1}


def target(**changes: object) -> TargetParams:
    return dataclasses.replace(preset_params().target, **changes)


def test_all_crystal_systems_stay_where_only_absent_ones_would_be_rare() -> None:
    assert chosen_classes(target(), COUNTS).names == CRYSTAL_SYSTEMS


def test_rare_classes_are_left_out_or_merged() -> None:
    dropped = chosen_classes(target(fewest=5), COUNTS)
    assert dropped.names == ("cubic", "hexagonal")
    assert dropped.rare_structures == dropped.rare["triclinic"] == 1
    assert chosen_classes(target(fewest=5, rare="merge"), COUNTS).names == ("cubic", "hexagonal", OTHER)


def test_absent_classes_alone_make_no_class_of_others() -> None:
    counts = {"cubic": 50, "hexagonal": 9}
    assert chosen_classes(target(fewest=5, rare="merge"), counts).names == ("cubic", "hexagonal")


def test_one_class_is_refused_with_what_to_do() -> None:
    with pytest.raises(UsageError, match=r"target\.fewest: 20: 1 of the 7 classes .* Lower it"):
        chosen_classes(target(fewest=20), COUNTS)
