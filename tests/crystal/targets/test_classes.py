"""Which classes a model has, and who belongs to which."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.config.schema import TargetParams
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.crystal.targets.classes import class_indices, target_values
from xrdsym.crystal.targets.definitions import TARGETS, systems_of, target_classes, target_of
from xrdsym.data.classes import chosen_classes


def test_absent_crystal_systems_stay_classes_unless_more_than_one_structure_is_asked_for() -> None:
    counts = {"cubic": 5, "trigonal": 1, "hexagonal": 2}
    everyone = chosen_classes(TargetParams("crystal_system", 1, "merge"), counts)
    assert (everyone.names, everyone.rare) == (CRYSTAL_SYSTEMS, {})
    two = chosen_classes(TargetParams("crystal_system", 2, "drop"), counts)
    assert two.names == ("cubic", "hexagonal")
    assert two.rare["trigonal"] == two.rare_structures == 1


def test_rare_classes_are_dropped_or_merged_where_there_is_something_to_merge() -> None:
    counts = {"P1": 4, "Fd-3m": 9, "P2_1/c": 1, "C2": 2}
    drop = chosen_classes(TargetParams("space_group", 3, "drop"), counts)
    assert drop.names == ("P1", "Fd-3m")
    assert (len(drop.rare), drop.rare_structures) == (228, 3)
    assert chosen_classes(TargetParams("space_group", 3, "merge"), counts).names == ("P1", "Fd-3m", "other")
    absent_alone = chosen_classes(TargetParams("space_group", 1, "merge"), counts)
    assert absent_alone.names == ("P1", "C2", "P2_1/c", "Fd-3m")


def test_a_model_of_one_class_is_refused() -> None:
    with pytest.raises(UsageError, match=r"target\.fewest: 5: 1 of the 230 classes .*Lower it"):
        chosen_classes(TargetParams("space_group", 5, "drop"), {"P1": 5, "Fd-3m": 4})


def test_who_is_in_no_class_is_other_or_left_out() -> None:
    assert class_indices(["b", "c", "a"], ["a", "b"]).tolist() == [1, -1, 0]
    assert class_indices(["b", "c", "a"], ["a", "b", "other"]).tolist() == [1, 2, 0]


def test_the_class_comes_from_the_space_group() -> None:
    numbers = [1, 14, 225, 167]
    labels = pd.DataFrame({"space_group": np.array(numbers, np.int16), "crystal_system": list("abcd")})
    for target in set(TARGETS) - {"crystal_system", "dimensionality"}:
        assert target_values(labels, target) == [target_of(target, number) for number in numbers]
    assert target_values(labels, "crystal_system") == list("abcd")
    with pytest.raises(XrdsymError, match=r"no dimensionality.*dvc repro labels"):
        target_values(labels, "dimensionality")
    with pytest.raises(XrdsymError, match="1 to 230"):
        target_values(labels.assign(space_group=[0, 1, 2, 3]), "space_group")


def test_the_crystal_system_of_a_class_is_reported_where_all_its_space_groups_agree() -> None:
    for target in ("crystal_system", "laue_class", "point_group", "space_group", "extinction_group_park"):
        found = systems_of(target)
        assert found is not None
        assert list(found) == [name for name in target_classes(target) if name in found]
        assert {target_of(target, number): found[target_of(target, number)] for number in (2, 14, 230)} == {
            target_of(target, 2): "triclinic",
            target_of(target, 14): "monoclinic",
            target_of(target, 230): "cubic",
        }
    for target in ("lattice_system", "bravais_lattice", "dimensionality"):
        assert systems_of(target) is None
