"""Every setting of the 230 space groups by each name: the CIF without operations gives the crystal of spglib's."""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
import spglib
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.core import Lattice

from xrdsym.common.errors import MaterialError
from xrdsym.sources.cif import structure_from_cif

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xrdsym.crystal.structure_table import CrystalStructure

HALL_NUMBERS = range(1, 531)

GENERAL = ("Na", (0.1327, 0.2161, 0.3893))
"""An atom on no symmetry element of any setting."""


class Setting(NamedTuple):
    """A row of spglib's database, an implementation of its own."""

    number: int
    symbol: str
    full: str
    hall: str
    choice: str
    rotations: NDArray[np.int64]
    translations: NDArray[np.float64]

    @property
    def origin(self) -> str:
        return self.choice[0] if self.choice[:1] in {"1", "2"} else ""

    @property
    def cell(self) -> tuple[float, ...]:
        if self.choice == "R":
            return (20.1, 20.1, 20.1, 71.0, 71.0, 71.0)
        axis = self.choice.lstrip("-")[:1]
        cells = {
            2: (18.3, 21.9, 26.7, 83.0, 97.0, 105.0),
            15: (18.3, 21.9, 26.7, *(101.0 if one == axis else 90.0 for one in "abc")),
            74: (18.3, 21.9, 26.7, 90.0, 90.0, 90.0),
            142: (18.3, 18.3, 26.7, 90.0, 90.0, 90.0),
            194: (18.3, 18.3, 26.7, 90.0, 90.0, 120.0),
            230: (29.1, 29.1, 29.1, 90.0, 90.0, 90.0),
        }
        return next(cell for last, cell in cells.items() if self.number <= last)


@cache
def setting(hall_number: int) -> Setting:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kind = spglib.get_spacegroup_type(hall_number)
        operations = spglib.get_symmetry_from_database(hall_number)
    # spglib writes C 2/c = B 2/n 1 1: the last name is that of the setting
    symbol = kind.international.split(" = ")[-1]
    return Setting(
        kind.number,
        symbol,
        kind.international_full,
        kind.hall_symbol,
        kind.choice,
        operations["rotations"],
        operations["translations"],
    )


def atoms(one: Setting, sites: list[tuple[str, tuple[float, ...]]]) -> list[tuple[str, NDArray[np.float64]]]:
    """The atoms of the cell by spglib's operations, copies once."""
    found: list[tuple[str, NDArray[np.float64]]] = []
    for element, position in sites:
        images = np.mod(one.rotations @ np.array(position) + one.translations, 1)
        kept: list[NDArray[np.float64]] = []
        for image in images:
            if all(np.abs((image - other + 0.5) % 1 - 0.5).max() > 1e-6 for other in kept):
                kept.append(image)
        found += [(element, image) for image in kept]
    return found


def cif(one: Setting, names: str, sites: list[tuple[str, tuple[float, ...]]], formula: str = "") -> str:
    cell = "\n".join(
        f"_cell_{what} {value}"
        for what, value in zip(
            ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma"), one.cell, strict=True
        )
    )
    rows = "\n".join(f"{element} {' '.join(f'{value:.9f}' for value in position)}" for element, position in sites)
    columns = "_atom_site_type_symbol _atom_site_fract_x _atom_site_fract_y _atom_site_fract_z"
    return f"data_x\n{names}\n{formula}\n{cell}\nloop_\n{columns}\n{rows}\n"


def same_atoms(found: CrystalStructure, expected: list[tuple[str, NDArray[np.float64]]], one: Setting) -> bool:
    if len(found.numbers) != len(expected):
        return False
    assert np.allclose(found.lattice, Lattice.from_parameters(*one.cell).matrix)
    positions = np.array([position for _, position in expected])
    for place in found.frac_coords:
        away = np.abs((positions - place + 0.5) % 1 - 0.5).max(axis=1)
        if away.min() > 1e-6:
            return False
    return True


def unclear(one: Setting) -> bool:
    """Whether an earlier setting has the same symbol: C m m e is C m m a and C m m b, and the first is meant."""
    twins = [setting(other) for other in HALL_NUMBERS if setting(other).number == one.number]
    # the full symbols, as spglib's short one of B b e b has a misprint
    same = [twin for twin in twins if (twin.full, twin.origin) == (one.full, one.origin)]
    return one.choice not in {"H", "R"} and one.choice != same[0].choice


def hall(one: Setting) -> str:
    return f"_space_group_name_Hall '{one.hall}'"


def suffixed(one: Setting) -> str:
    return f"_space_group_name_H-M_alt '{one.symbol}{f' :{one.choice}' if one.choice else ''}'"


def icsd(one: Setting) -> str:
    ending = {"1": " S", "2": " Z"}.get(one.origin, f" {one.choice}" if one.choice in {"H", "R"} else "")
    return f"_symmetry_space_group_name_H-M '{one.symbol.upper()}{ending}'"


def coded(one: Setting) -> str:
    code = f"_space_group_IT_coordinate_system_code {one.choice}" if one.choice else ""
    return f"_symmetry_space_group_name_H-M '{one.symbol.replace(' ', '')}'\n{code}"


def full(one: Setting) -> str:
    return f"_space_group_name_H-M_full '{one.full}{f':{one.origin}' if one.origin else ''}'"


def numbered(one: Setting) -> str:
    code = f"_space_group_IT_coordinate_system_code {one.choice}" if one.choice else ""
    return f"_space_group_IT_number {one.number}\n{code}"


@pytest.mark.parametrize("names", [hall, suffixed, icsd, coded, full])
def test_all_530_settings_by_each_name(names: Callable[[Setting], str]) -> None:
    wrong = []
    for hall_number in HALL_NUMBERS:
        one = setting(hall_number)
        if unclear(one) and names in {icsd, full}:
            continue
        found = structure_from_cif(cif(one, names(one), [GENERAL]), "x")
        if not same_atoms(found, atoms(one, [GENERAL]), one):
            wrong.append((hall_number, names(one), found.warnings))
    assert wrong == []


def test_a_number_and_the_code_of_the_setting_are_enough_where_the_code_is_its_own() -> None:
    for hall_number in HALL_NUMBERS:
        one = setting(hall_number)
        twins = [setting(other) for other in HALL_NUMBERS if setting(other).number == one.number]
        if [twin.choice for twin in twins].count(one.choice) == 1 and (
            one.number <= 15 or one.origin or one.number > 74
        ):
            found = structure_from_cif(cif(one, numbered(one), [GENERAL]), "x")
            assert same_atoms(found, atoms(one, [GENERAL]), one), one


@given(
    hall_number=st.sampled_from(HALL_NUMBERS),
    special=st.tuples(*[st.sampled_from([0, 0.125, 0.25, 1 / 3, 0.5, 2 / 3, 0.75])] * 3),
)
def test_a_symbol_that_leaves_the_origin_open_is_read_right_or_refused(
    hall_number: int, special: tuple[float, float, float]
) -> None:
    one = setting(hall_number)
    sites = [("Cl", special), GENERAL]
    expected = atoms(one, sites)
    counts = {element: sum(1 for other, _ in expected if other == element) for element in ("Cl", "Na")}
    units = int(np.gcd(counts["Cl"], counts["Na"]))
    formula = f"_chemical_formula_sum 'Cl{counts['Cl'] // units} Na{counts['Na'] // units}'\n"
    formula += f"_cell_formula_units_Z {units}"
    try:
        found = structure_from_cif(cif(one, f"_symmetry_space_group_name_H-M '{one.symbol}'", sites, formula), "x")
    except MaterialError as error:
        if error.reason not in {"symmetry", "overlap"}:
            raise
    else:
        assert one.number <= 15 or len(found.numbers) == len(expected)
