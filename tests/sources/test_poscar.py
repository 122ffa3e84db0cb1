"""POSCAR files, good and bad, against pymatgen's reader."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from pymatgen.io.vasp.inputs import Poscar

from xrdsym.common.errors import MaterialError
from xrdsym.crystal.structure_table import CrystalStructure, to_pymatgen
from xrdsym.sources.poscar import structure_from_poscar

RUTILE = Structure.from_spacegroup(
    "P4_2/mnm", Lattice.tetragonal(4.594, 2.959), ["Ti", "O"], [[0, 0, 0], [0.305, 0.305, 0]]
)
HEAD = "rutile\n{scale}\n4.594 0 0\n0 4.594 0\n0 0 2.959\n"
SITES = "0 0 0\n0.5 0.5 0.5\n0.305 0.305 0\n0.695 0.695 0\n0.195 0.805 0.5\n0.805 0.195 0.5\n"


def poscar(
    scale: str = "1.0", names: str = "Ti O\n", counts: str = "2 4", mode: str = "Direct", sites: str = SITES
) -> str:
    return f"{HEAD.format(scale=scale)}{names}{counts}\n{mode}\n{sites}"


def read(text: str) -> CrystalStructure:
    return structure_from_poscar(text, "one")


def same(found: CrystalStructure, expected: Structure) -> bool:
    return bool(to_pymatgen(found).matches(expected, ltol=1e-6, stol=1e-6, angle_tol=1e-6, scale=False))


@pytest.mark.parametrize(
    "text",
    [
        poscar(),
        poscar(scale="1.0D+00 ! Angstrom"),
        poscar(
            names="",
            sites="\n".join(
                f"{row} {name}" for row, name in zip(SITES.split("\n"), ["Ti", "Ti", "O", "O", "O", "O"], strict=False)
            ),
        ),
        poscar(mode="Selective dynamics\nDirect", sites=SITES.replace("\n", " T F T\n")),
        poscar(names="Ti_pv/0123abc O_s/456\n"),
        poscar(names="Ti O O\n", counts="2 1 3"),
        poscar(names="Ti\nO\n", counts="2\n4"),
        poscar(sites=SITES + "\n0 0 0\n0 0 0\n"),
        poscar(sites=SITES.replace("0 0 0\n", "0.00-0.00-0.00\n", 1)),
        poscar().replace("\n", "\r\n"),
    ],
)
def test_ways_of_writing_are_one_structure(text: str) -> None:
    assert same(read(text), RUTILE)


def test_elements_that_only_the_comment_names_are_said() -> None:
    found = read(poscar(names="").replace("rutile", "Ti O"))
    assert same(found, RUTILE)
    assert "only in its comment: Ti O" in found.warnings[0]


@pytest.mark.parametrize("scale", ["1.1", "-80.0"])
@pytest.mark.parametrize("mode", ["Direct", "Cartesian", "k"])
def test_one_scale_factor_or_a_volume(scale: str, mode: str) -> None:
    rows = np.array([[float(word) for word in line.split()] for line in SITES.splitlines()])
    matrix = np.diag([4.594, 4.594, 2.959])
    written = rows if mode == "Direct" else rows @ matrix
    found = read(poscar(scale=scale, mode=mode, sites="\n".join(" ".join(map(str, row)) for row in written)))
    factor = 1.1 if scale == "1.1" else (80 / np.linalg.det(matrix)) ** (1 / 3)
    np.testing.assert_allclose(found.lattice, matrix * factor)
    np.testing.assert_allclose(found.frac_coords, rows, atol=1e-12)


def test_three_scale_factors_are_those_of_x_y_and_z() -> None:
    found = read("x\n1.0 2.0 3.0\n3 3 0\n0 3 0\n0 1 3\nPo\n1\nCartesian\n1.5 3 0\n")
    np.testing.assert_allclose(found.lattice, [[3, 6, 0], [0, 6, 0], [0, 2, 9]])
    np.testing.assert_allclose(found.frac_coords @ found.lattice, [[1.5, 6, 0]])


def test_the_numbers_are_those_that_pymatgen_reads() -> None:
    text = Poscar(RUTILE).get_str(significant_figures=16)
    expected = Poscar.from_str(text).structure
    found = read(text)
    assert np.array_equal(found.lattice, expected.lattice.matrix)
    assert np.array_equal(found.frac_coords, expected.frac_coords)
    assert found.numbers.tolist() == list(expected.atomic_numbers)


@pytest.mark.parametrize(
    ("text", "reason", "said"),
    [
        ("", "empty", "the POSCAR is empty"),
        (poscar(scale="1 2"), "unreadable", "line 2 of the POSCAR is '1 2'"),
        (poscar(scale="1 -2 1"), "unreadable", "three above 0"),
        (poscar(scale="0"), "unreadable", "one scale factor"),
        (poscar(counts="2 40"), "unreadable", "announces 42 atoms, but only 6 lines follow"),
        (poscar(counts="2 300_000_000"), "unreadable", "line 7"),
        (poscar(counts="2 4000000000"), "unreadable", "announces 4000000002 atoms"),
        (poscar(counts=f"2 {'9' * 400}"), "unreadable", "line 7"),
        (poscar(counts="2 -4"), "unreadable", "line 7"),
        (poscar(counts="0 0"), "empty", "no atoms"),
        (poscar(counts="6"), "unreadable", "one for each of the 2 names"),
        (poscar(mode="", sites=SITES), "unreadable", "'Direct' or 'Cartesian'"),
        (poscar(mode="0 0 0"), "unreadable", "'Direct' or 'Cartesian'"),
        (poscar(sites=SITES.replace("0.5 0.5 0.5", "0.5 0.5")), "unreadable", "line 10 of the POSCAR is '0.5 0.5'"),
        (poscar(sites=SITES.replace("0.5 0.5 0.5", "0.5 0_5 0.5")), "unreadable", "line 10"),
        (poscar(sites=SITES.replace("0.5 0.5 0.5", f"{'9' * 400} 0 0")), "not_finite", "not a finite number"),
        (poscar(names="Uue O\n"), "unknown_element", "'Uue' is not an element"),
        (poscar(names="X O\n"), "unknown_element", "'X' is not an element"),
        (poscar(names=""), "unreadable", "names no elements"),
        (poscar().replace("0 0 2.959", "0 4.594 0"), "zero_volume", "span no volume"),
        (poscar(counts="3000 3000", sites="0.1 0.2 0.3\n" * 6000), "too_large", "6000 atoms in the cell"),
        (poscar(names="Po\n" * 6000), "unreadable", "at most 5000 names"),
        ("this\nis no\nPOSCAR\n", "unreadable", "line 2 of the POSCAR is 'is no'"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, reason: str, said: str) -> None:
    with pytest.raises(MaterialError, match=r"^one: ") as raised:
        read(text)
    assert raised.value.reason == reason
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 300
