"""CIFs as people write them: read as the crystal that they describe, or refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from xrdsym.common.errors import MaterialError
from xrdsym.crystal.labels import label
from xrdsym.crystal.structure_table import CrystalStructure, to_pymatgen
from xrdsym.diffraction.peaks import simulate
from xrdsym.sources.cif import structure_from_cif
from xrdsym.sources.files import read_structure_file

SPINEL = ("8.0898 8.0898 8.0898 90 90 90", "Mg 0.125 0.125 0.125\nAl 0.5 0.5 0.5\nO 0.2624 0.2624 0.2624")
ZIRCONIA = ("3.6 3.6 5.2 90 90 90", "Zr 0.75 0.25 0.75\nO 0.25 0.25 0.45")
CALCITE = ("6.375 6.375 6.375 46.08 46.08 46.08", "Ca 0 0 0\nC 0.25 0.25 0.25\nO 0.5075 -0.0075 0.25")
SALT = ("5.64 5.64 5.64 90 90 90", "Na 0 0 0\nCl 0.5 0.5 0.5")
IRON = ("2.87 2.87 2.87 90 90 90", "Fe 0 0 0")


def cif(crystal: tuple[str, str], *items: str, columns: str = "type_symbol fract_x fract_y fract_z") -> str:
    cell, atoms = crystal
    tags = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
    lines = [f"_cell_{tag} {value}" for tag, value in zip(tags, cell.split(), strict=True)]
    named = [f"_atom_site_{column}" for column in columns.split()]
    return "\n".join(["data_x", *items, *lines, "loop_", *named, atoms, ""])


def named(symbol: str) -> str:
    return f"_symmetry_space_group_name_H-M '{symbol}'"


def formula(text: str, units: int | None = None) -> str:
    return f"_chemical_formula_sum '{text}'" + ("" if units is None else f"\n_cell_formula_units_Z {units}")


def group(structure: CrystalStructure) -> int:
    return label(structure, 0.01, 5.0).space_group


def read(text: str) -> CrystalStructure:
    return structure_from_cif(text, "one.cif")


def refused(text: str) -> MaterialError:
    with pytest.raises(MaterialError, match=r"^one\.cif: ") as raised:
        read(text)
    assert "\n" not in str(raised.value)
    return raised.value


@pytest.mark.parametrize(
    "symbol", ["F d -3 m :2", "F d -3 m Z", "Fd-3m:2", "F D 3 M Z", "Fd-3mZ", "F d -3 m (origin choice 2)"]
)
def test_an_origin_is_taken_as_it_is_spelled(symbol: str) -> None:
    found = read(cif(SPINEL, named(symbol)))
    assert (found.formula, len(found.numbers), group(found), found.warnings) == ("MgAl2O4", 56, 227, ())


def test_the_code_of_the_setting_decides() -> None:
    found = read(cif(SPINEL, named("F d -3 m"), "_space_group_IT_coordinate_system_code 2"))
    assert (found.formula, group(found)) == ("MgAl2O4", 227)


@pytest.mark.parametrize(
    ("crystal", "symbol", "stated", "atoms", "expected"),
    [(SPINEL, "F d -3 m", formula("Al2 Mg O4", 8), 56, 227), (ZIRCONIA, "P 42/n m c", formula("O2 Zr", 2), 6, 137)],
)
def test_where_no_word_decides_the_formula_does(
    crystal: tuple[str, str], symbol: str, stated: str, atoms: int, expected: int
) -> None:
    for words in (named(symbol), f"_space_group_IT_number {expected}"):
        found = read(cif(crystal, words, stated))
        assert (len(found.numbers), group(found)) == (atoms, expected)
        assert "leaves the origin open: choice 2" in found.warnings[0]


def test_where_nothing_decides_the_origin_the_file_is_refused() -> None:
    crystal = ("9.1 9.1 9.1 90 90 90", "Mg 0.125 0.125 0.125\nAl 0.31 0.31 0.31")
    error = refused(cif(crystal, named("F d -3 m")))
    assert error.reason == "symmetry"
    assert "F d -3 m:1 or F d -3 m:2" in str(error)


def test_the_multiplicities_of_the_sites_decide_as_the_icsd_writes_them() -> None:
    columns = "type_symbol symmetry_multiplicity fract_x fract_y fract_z"
    crystal = ("9.1 9.1 9.1 90 90 90", "Mg 8 0.125 0.125 0.125\nAl 32 0.31 0.31 0.31")
    assert len(read(cif(crystal, named("F d -3 m"), columns=columns)).numbers) == 40


@pytest.mark.parametrize(
    "words", [named("R -3 c :R"), named("R -3 c R"), named("R -3 c"), "_symmetry_Int_Tables_number 167"]
)
def test_rhombohedral_axes_are_known_by_the_cell(words: str) -> None:
    found = read(cif(CALCITE, words))
    assert (found.formula, len(found.numbers), group(found)) == ("CaCO3", 10, 167)


@pytest.mark.parametrize("symbol", ["A 2/m", "A 1 1 2/m"])
def test_the_cell_tells_the_unique_axis(symbol: str) -> None:
    found = read(cif(("6 7 9 90 90 101", "Na 0.1 0.2 0\nCl 0.3 0.4 0.2"), named(symbol)))
    assert group(found) == 12
    assert len(found.numbers) == 4 + 8


def test_a_cell_that_does_not_fit_its_group_is_refused() -> None:
    error = refused(cif(("5 5 6 90 90 90", "Na 0 0 0"), named("P m -3 m")))
    assert error.reason == "symmetry"
    assert "does not fit the cell (5, 5, 6 Å, 90, 90, 90°)" in str(error)


@pytest.mark.parametrize(
    ("position", "atoms"), [("0.155 0.309 0.25", 6), ("0.1547 0.3093 0.25", 6), ("0.16 0.31 0.25", 6)]
)
def test_copies_of_a_special_position_are_one_to_the_digits_of_the_file(position: str, atoms: int) -> None:
    found = read(cif(("5 5 8 90 90 120", f"La {position}\nNi 0 0 0"), named("P 63/m m c"), formula("La3 Ni", 2)))
    assert (len(found.numbers), group(found)) == (atoms + 2, 194)


def test_split_atoms_near_a_special_position_stay_apart() -> None:
    columns = "type_symbol fract_x fract_y fract_z occupancy"
    crystal = ("4 4 4 90 90 90", "Ti 0.4883 0.4883 0.4883 0.125\nBa 0 0 0 1")
    found = read(cif(crystal, named("P m -3 m"), formula("Ba Ti", 1), columns=columns))
    assert len(found.numbers) == 9


@pytest.mark.parametrize("occupancy", [".", "1.0", "1.000(3)"])
def test_an_occupancy_that_is_not_given_is_1(occupancy: str) -> None:
    columns = "type_symbol fract_x fract_y fract_z occupancy"
    crystal = ("3.905 3.905 3.905 90 90 90", f"Sr 0 0 0 1\nTi .5 .5 .5 1\nO 0.5 0.5 0 {occupancy}")
    assert read(cif(crystal, named("P m -3 m"), columns=columns)).formula == "SrTiO3"


@pytest.mark.parametrize(
    ("occupancy", "reason"), [("0", "occupancy"), ("-0.5", "occupancy"), ("nan", "not_finite"), ("1.4", "occupancy")]
)
def test_an_impossible_occupancy_names_its_site(occupancy: str, reason: str) -> None:
    columns = "label type_symbol fract_x fract_y fract_z occupancy"
    text = cif((SALT[0], f"Na1 Na 0 0 0 1\nCl7 Cl 0.5 0.5 0.5 {occupancy}"), named("F m -3 m"), columns=columns)
    error = refused(text)
    assert error.reason == reason
    assert "site 2 (Cl" in str(error)


@pytest.mark.parametrize("symbol", ["?", "Uue", "Qq", "X", "M1"])
def test_what_is_no_element_names_its_site(symbol: str) -> None:
    error = refused(
        cif((SALT[0], f"Na1 Na 0 0 0\nq2 {symbol} 0.5 0.5 0.5"), columns="label type_symbol fract_x fract_y fract_z")
    )
    assert error.reason == "unknown_element"
    assert "site 2 (q2)" in str(error)


@pytest.mark.parametrize(
    ("label", "stated", "element"),
    [
        ("Ca1", "", "Ca"),
        ("CA1", formula("C O"), "C"),
        ("CA1", formula("Ca O"), "Ca"),
        ("OW1", "", "O"),
        ("D2", "", "H"),
    ],
)
def test_labels_give_elements_where_there_are_no_types(label: str, stated: str, element: str) -> None:
    text = cif(
        (SALT[0], f"{label} 0 0 0\nO1 0.5 0.5 0.5"),
        *([stated] if stated else []),
        columns="label fract_x fract_y fract_z",
    )
    found = to_pymatgen(read(text))
    assert found[0].specie.symbol == element


def test_a_label_of_two_elements_is_refused_where_nothing_decides() -> None:
    text = cif((SALT[0], "CO1 0 0 0"), columns="label fract_x fract_y fract_z")
    assert "may be Co or C" in str(refused(text))


def test_a_magnetic_cif_is_read_by_its_operations_without_time_reversal() -> None:
    columns = "label type_symbol fract_x fract_y fract_z occupancy"
    symmetry = """_space_group_magn.number_BNS '123.345'
loop_
_space_group_symop_magn_operation.id
_space_group_symop_magn_operation.xyz
1 x,y,z,+1
2 -x,-y,z,-1
loop_
_space_group_symop_magn_centering.id
_space_group_symop_magn_centering.xyz
1 x,y,z,+1
2 x+1/2,y+1/2,z+1/2,-1"""
    atoms = "Fe1 Fe 0 0 0 0.7\nMn1 Mn 0 0 0 0.3\nO1 O 0.5 0 0 1"
    moments = "loop_\n_atom_site_moment.label\n_atom_site_moment.crystalaxis_z\nFe1 3.5\nMn1 3.5\n"
    text = cif(("4.2 4.2 8.6 90 90 90", atoms), symmetry, formula("Fe1.4 Mn0.6 O2"), columns=columns) + moments
    found = read(text)
    assert (len(found.numbers), found.warnings) == (6, ())
    assert to_pymatgen(found).composition.as_dict() == pytest.approx({"Fe": 1.4, "Mn": 0.6, "O": 2})


def test_a_magnetic_cif_that_only_names_its_group_is_refused() -> None:
    assert "without operations" in str(refused(cif(SALT, "_space_group_magn.number_BNS '225.116'")))


def test_operations_and_a_symbol_that_contradict_each_other_are_said() -> None:
    listed = "loop_\n_symmetry_equiv_pos_as_xyz\n'x,y,z'\n'-x,y+1/2,-z+1/2'\n'-x,-y,-z'\n'x,-y+1/2,z+1/2'"
    crystal = ("6 7 9 90 101 90", "Na 0.1 0.2 0.3")
    assert read(cif(crystal, listed, named("P 21/c"))).warnings == ()
    assert "contradict each other" in read(cif(crystal, listed, named("P 21/n"))).warnings[0]


def test_operations_that_are_no_group_or_cannot_be_read_are_refused() -> None:
    listed = "loop_\n_symmetry_equiv_pos_as_xyz\n'x,y,z'\n"
    assert "are not a group" in str(refused(cif(SALT, listed + "'y,z,x'")))
    assert "2000 operations, more than any" in str(refused(cif(SALT, listed + "'x,y,z+1/7'\n" * 1999)))
    assert "'x,y,w'" in str(refused(cif(SALT, listed + "'x,y,w'")))


def test_a_formula_that_contradicts_is_refused_with_both() -> None:
    error = refused(cif(SALT, named("F m -3 m"), formula("Na Cl2", 4)))
    assert error.reason == "formula"
    assert "Cl4 Na4" in str(error)
    assert "Na Cl2, Z = 4" in str(error)
    assert refused(cif(SALT, named("F m -3 m"), formula("Na Cl", 8))).reason == "formula"


@pytest.mark.parametrize(
    "stated",
    [formula("Na4 Cl4", 4), formula("Na Cl"), formula("Cl1 Na1", 4), formula("(NaCl)", 4), "_chemical_formula_sum ?"],
)
def test_formulas_that_agree_or_cannot_be_read_do_no_harm(stated: str) -> None:
    assert len(read(cif(SALT, named("F m -3 m"), stated)).numbers) == 8


def test_rounded_occupancies_and_hydrogen_that_was_not_found_are_no_contradiction() -> None:
    columns = "type_symbol fract_x fract_y fract_z occupancy"
    mixed = (SALT[0], "Na 0 0 0 0.33\nK 0 0 0 0.67\nO 0.5 0.5 0.5 1")
    found = read(cif(mixed, named("F m -3 m"), formula("H K0.667 Na0.333 O", 4), columns=columns))
    assert len(found.numbers) == 12
    assert "less hydrogen" in found.warnings[0]


def test_where_the_operations_contradict_the_formula_the_symbol_that_makes_it_is_taken() -> None:
    listed = "loop_\n_symmetry_equiv_pos_as_xyz\n'x,y,z'"
    found = read(cif(SALT, named("F m -3 m"), listed, formula("Na Cl", 4)))
    assert len(found.numbers) == 8
    assert "1 operations contradicts the formula" in found.warnings[0]


def test_a_file_that_names_no_symmetry_says_that_p1_was_taken() -> None:
    found = read(cif(SALT))
    assert len(found.numbers) == 2
    assert "P 1 supposed" in found.warnings[0]


def test_a_symbol_and_a_number_that_contradict_each_other_are_refused() -> None:
    text = cif(SALT, named("F m -3 m"), "_symmetry_Int_Tables_number 221")
    assert "contradict each other" in str(refused(text))


def test_an_unknown_symbol_is_named_and_the_number_used() -> None:
    assert "'F x x x'" in str(refused(cif(SALT, named("F x x x"))))
    found = read(cif(SALT, named("F x x x"), "_symmetry_Int_Tables_number 225"))
    assert len(found.numbers) == 8
    assert "'F x x x' is no space group" in found.warnings[0]


def test_full_atoms_in_each_other_are_refused() -> None:
    assert refused(cif((SALT[0], "Na 0 0 0\nCl 0.050 0 0.0"), named("P 1"))).reason == "overlap"
    assert refused(cif((SALT[0], "Na 0 0 0\nNa 0 0 0"), named("P 1"))).reason == "occupancy"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: f"From: the journal’s office\n\n{text}",
        lambda text: text.replace("data_x", "data_x\n_publ_author 'Ångström'\n_publ_author twice"),
        lambda text: text.replace("'F m -3 m'", "F m -3 m"),
        lambda text: text.replace("-", "\u2212"),
        lambda text: text.replace("_fract", ".fract").replace("_cell_", "_cell.").replace("_type", ".type"),
        lambda text: text.upper().replace("DATA_X", "data_x"),
    ],
)
def test_ways_of_writing_that_are_not_strict(change: Callable[[str], str]) -> None:
    text = cif((SALT[0], "Na 0 0 -0.0\nCl 0.5 0.5 0.5"), named("F m -3 m"))
    assert len(read(change(text)).numbers) == 8


def test_dummy_sites_are_none_and_missing_angles_are_right() -> None:
    columns = "type_symbol fract_x fract_y fract_z calc_flag"
    text = cif((SALT[0], "Na 0 0 0 d\nCl 0.5 0.5 0.5 .\nX ? ? ? dum"), named("F m -3 m"), columns=columns)
    found = read("\n".join(line for line in text.splitlines() if "angle_gamma" not in line))
    assert len(found.numbers) == 8
    assert "90°" in found.warnings[0]


@pytest.mark.parametrize(("x", "reason"), [("1" * 400, "not_finite"), ("1/2", "unreadable"), ("?", "unreadable")])
def test_a_coordinate_that_is_no_number_names_its_site(x: str, reason: str) -> None:
    error = refused(cif((SALT[0], f"Na {x} 0 0"), named("P 1")))
    assert error.reason == reason
    assert "x of site 1 (Na)" in str(error)
    assert len(str(error)) < 300


def test_thousands_of_atoms_are_refused_at_once() -> None:
    generator = np.random.default_rng(0)
    atoms = "\n".join(f"Na {x:.6f} {y:.6f} {z:.6f}" for x, y, z in generator.random((2000, 3)))
    error = refused(cif(("90 90 90 90 90 90", atoms), named("P m -3 m")))
    assert error.reason == "too_large"
    assert "the limit is 5000" in str(error)
    assert refused(cif(("90 90 90 90 90 90", "\n".join([atoms] * 3)), named("P 1"))).reason == "too_large"


@pytest.mark.parametrize(
    "cell", ["0.4 4 4 90 90 90", "4 4 4 90 90 0.01", "4 4 4 90 90 200", "4 -4 4 90 90 90", "4 4 4 10 10 90"]
)
def test_cells_without_room_for_an_atom(cell: str) -> None:
    assert refused(cif((cell, "Na 0 0 0"), named("P 1"))).reason == "zero_volume"


CASE_FILES = {
    "F01-origin2.cif": ("ZrO2", 6, 137, 30.2),
    "F01b-origin2-icsd.cif": ("MgAl2O4", 56, 227, 36.8),
    "F02-rhombohedral-axes.cif": ("CaCO3", 10, 167, 29.4),
    "F04-three-digits.cif": ("La3Ni", 8, 194, None),
    "F05-occupancy-dot.cif": ("SrTiO3", 5, 221, None),
    "F07-magnetic.mcif": ("FeO", 4, 139, None),
}


@pytest.mark.parametrize("name", CASE_FILES)
def test_the_cases_that_people_complained_about(name: str, shared_cases: Path) -> None:
    expected, atoms, space_group, strongest = CASE_FILES[name]
    found = read_structure_file(shared_cases / name)
    assert (found.formula, len(found.numbers), group(found)) == (expected, atoms, space_group)
    assert found.warnings == ()
    if strongest is not None:
        two_theta, intensity = simulate(found)
        assert two_theta[np.argmax(intensity)] == pytest.approx(strongest, abs=0.1)


def test_the_structure_of_pymatgen_is_that_of_the_reader() -> None:
    rutile = Structure.from_spacegroup(
        "P4_2/mnm", Lattice.tetragonal(4.594, 2.959), ["Ti", "O"], [[0, 0, 0], [0.305, 0.305, 0]]
    )
    text = cif(("4.594 4.594 2.959 90 90 90", "Ti 0 0 0\nO 0.305 0.305 0"), named("P 42/m n m"), formula("O2 Ti", 2))
    assert to_pymatgen(read(text)).matches(rutile, ltol=1e-6, stol=1e-6, angle_tol=1e-6)
