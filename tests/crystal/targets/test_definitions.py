from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.symmetry.groups import SpaceGroup

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS, import_spglib
from xrdsym.crystal.targets.definitions import LAUE_CLASSES, TARGETS, space_group_of, target_classes, target_of

NUMBERS = range(1, 231)
COUNTS = {
    "crystal_system": 7,
    "lattice_system": 7,
    "laue_class": 11,
    "point_group": 32,
    "bravais_lattice": 14,
    "space_group": 230,
    "extinction_group": 97,
    "extinction_group_park": 101,
    "dimensionality": 4,
}
CENTRED = dict(zip(LAUE_CLASSES, (2, 10, 47, 83, 123, 147, 164, 175, 191, 200, 221), strict=True))
"""The first space group of each Laue class that has an inversion centre."""
SETTLED = [target for target in COUNTS if target != "dimensionality"]


@pytest.fixture(scope="module")
def settings() -> dict[int, object]:
    """spglib's types of the 230 space groups in their reference settings."""
    spglib = import_spglib()
    types: dict[int, object] = {}
    for hall_number in range(1, 531):
        one = spglib.get_spacegroup_type(hall_number)
        types.setdefault(one.number, one)
    return types


def test_the_targets_and_the_numbers_of_their_classes() -> None:
    assert {target: len(target_classes(target)) for target in TARGETS} == COUNTS
    assert all(len(set(target_classes(target))) == count for target, count in COUNTS.items())


@pytest.mark.parametrize("target", SETTLED)
def test_every_class_has_a_space_group_and_every_space_group_a_class(target: str) -> None:
    assert {target_of(target, number) for number in NUMBERS} == set(target_classes(target))


@pytest.mark.parametrize("target", ["lattice_system", "laue_class", "point_group", "bravais_lattice", "space_group"])
def test_the_order_of_the_classes_never_changes(target: str) -> None:
    first = {"lattice_system": "cubic", "laue_class": "-1", "point_group": "1", "bravais_lattice": "aP"}
    last = {"lattice_system": "triclinic", "laue_class": "m-3m", "point_group": "m-3m", "bravais_lattice": "cI"}

    assert target_classes(target)[0] == first.get(target, "P1")
    assert target_classes(target)[-1] == last.get(target, "Ia-3d")


def test_crystal_systems_are_those_of_the_paper_and_of_pymatgen() -> None:
    assert target_classes("crystal_system") == CRYSTAL_SYSTEMS
    for number in NUMBERS:
        assert target_of("crystal_system", number) == SpaceGroup.from_int_number(number).crystal_system


def test_point_groups_are_spglibs(settings: dict[int, object]) -> None:
    for number in NUMBERS:
        # spglib names -6m2 so in all four groups, whichever way the axes lie
        assert target_of("point_group", number) == settings[number].pointgroup_international.replace("-62m", "-6m2")


def test_laue_classes_are_the_point_groups_with_an_inversion_added(settings: dict[int, object]) -> None:
    # by spglib: the order of the Laue class is that of the point group, doubled where that has no inversion
    orders = {"-1": 2, "2/m": 4, "mmm": 8, "4/m": 8, "4/mmm": 16, "-3": 6, "-3m": 12, "6/m": 12, "6/mmm": 24}
    orders |= {"m-3": 24, "m-3m": 48}
    for number in NUMBERS:
        operations = import_spglib().get_symmetry_from_database(settings[number].hall_number)["rotations"]
        rotations = {tuple(one.ravel()) for one in operations}
        rotations |= {tuple((-one).ravel()) for one in operations}
        assert len(rotations) == orders[target_of("laue_class", number)]
        assert target_of("crystal_system", number) == target_of(
            "crystal_system", CENTRED[target_of("laue_class", number)]
        )


CENTRED = dict(zip(LAUE_CLASSES, (2, 10, 47, 83, 123, 147, 164, 175, 191, 200, 221), strict=True))


def test_laue_classes_are_point_groups() -> None:
    assert set(LAUE_CLASSES) <= set(target_classes("point_group"))
    for name, number in CENTRED.items():
        assert target_of("point_group", number) == target_of("laue_class", number) == name


def test_bravais_lattices_are_what_pymatgens_symbols_say() -> None:
    letters = dict.fromkeys(CRYSTAL_SYSTEMS, "h") | {"cubic": "c", "monoclinic": "m", "orthorhombic": "o"}
    letters |= {"tetragonal": "t", "triclinic": "a"}
    for number in NUMBERS:
        group = SpaceGroup.from_int_number(number)
        centring = group.symbol[0]
        expected = letters[group.crystal_system] + {"A": "S", "C": "S"}.get(centring, centring)
        assert target_of("bravais_lattice", number) == expected


def test_rhombohedral_lattices_are_the_seven_r_groups() -> None:
    rhombohedral = [number for number in NUMBERS if target_of("lattice_system", number) == "rhombohedral"]

    assert rhombohedral == [146, 148, 155, 160, 161, 166, 167]
    assert {target_of("lattice_system", number) for number in (143, 164, 168, 194)} == {"hexagonal"}


def test_space_group_symbols_are_pymatgens() -> None:
    for number in NUMBERS:
        assert SpaceGroup(target_of("space_group", number)).int_number == number


@given(st.integers(1, 230))
def test_a_space_group_comes_back_from_its_symbol(number: int) -> None:
    assert space_group_of(target_of("space_group", number)) == number


@pytest.mark.parametrize(
    ("target", "finer"),
    [(target, "space_group") for target in SETTLED]
    + [
        ("crystal_system", "point_group"),
        ("crystal_system", "laue_class"),
        ("laue_class", "point_group"),
        ("crystal_system", "extinction_group_park"),
        ("bravais_lattice", "extinction_group"),
        ("lattice_system", "bravais_lattice"),
        ("lattice_system", "extinction_group"),
        ("extinction_group", "extinction_group_park"),
    ],
)
def test_a_class_of_the_finer_target_lies_in_one_of_the_coarser(target: str, finer: str) -> None:
    coarser = defaultdict(set)
    for number in NUMBERS:
        coarser[target_of(finer, number)].add(target_of(target, number))

    assert {name: found for name, found in coarser.items() if len(found) > 1} == {}


def test_only_the_hexagonal_family_makes_absences_and_crystal_systems_disagree() -> None:
    systems = defaultdict(set)
    for number in NUMBERS:
        systems[target_of("extinction_group", number)].add(target_of("crystal_system", number))

    mixed = {name: found for name, found in systems.items() if len(found) > 1}
    assert set(mixed) == {"hexagonal P - - -", "hexagonal P 3_1 - -", "hexagonal P - c -", "hexagonal P - - c"}
    assert all(found == {"trigonal", "hexagonal"} for found in mixed.values())


@pytest.mark.parametrize(("one", "other"), [(197, 199), (23, 24), (198, 208), (144, 171)])
def test_absences_do_not_tell_these_apart(one: int, other: int) -> None:
    assert target_of("extinction_group", one) == target_of("extinction_group", other)


def test_parks_classes_tell_trigonal_from_hexagonal() -> None:
    assert target_of("extinction_group_park", 144) == "trigonal P 3_1 - -"
    assert target_of("extinction_group_park", 171) == "hexagonal P 6_2 - -"
    assert target_of("extinction_group_park", 197) == target_of("extinction_group_park", 199)


@pytest.mark.parametrize(
    ("name", "space_groups"),
    [
        ("monoclinic P 1 2_1/c 1", [14]),
        ("monoclinic C 1 c 1", [9, 15]),
        ("orthorhombic P n a -", [33, 62]),
        ("orthorhombic C - c -", [36, 40, 63]),
        ("orthorhombic P b c a", [61]),
        ("tetragonal P - n -", [102, 118, 136]),
        ("tetragonal I a - d", [141]),
        ("hexagonal P 6_3 - -", [173, 176, 182]),
        ("hexagonal P - - c", [159, 163, 186, 190, 194]),
        ("hexagonal R - c", [161, 167]),
        ("cubic P a - -", [205]),
        ("cubic F - - -", [196, 202, 209, 216, 225]),
        ("cubic F d - -", [203, 227]),
    ],
)
def test_extinction_groups_hold_the_space_groups_of_international_tables(name: str, space_groups: list[int]) -> None:
    assert [number for number in NUMBERS if target_of("extinction_group", number) == name] == space_groups


def test_an_unknown_target_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"spacegroup.*did you mean space_group\?"):
        target_classes("spacegroup")
    with pytest.raises(UsageError, match="expected one of crystal_system"):
        target_of("colour", 1)


def test_a_space_group_does_not_settle_the_dimensionality() -> None:
    with pytest.raises(UsageError, match="structure's bonds"):
        target_of("dimensionality", 225)


@pytest.mark.parametrize("number", [0, 231, -1])
@pytest.mark.parametrize("target", SETTLED)
def test_what_is_no_space_group_is_refused(target: str, number: int) -> None:
    with pytest.raises(XrdsymError, match="from 1 to 230"):
        target_of(target, number)


def test_an_unknown_symbol_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"did you mean Fd-3m\?"):
        space_group_of("Fd3m")
