from __future__ import annotations

import json
import re
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.symmetry.groups import SpaceGroup

from xrdsym.common.errors import XrdsymError
from xrdsym.crystal.symmetry import crystal_system
from xrdsym.crystal.targets import extinction
from xrdsym.crystal.targets.extinction import (
    TABLE_PATH,
    absent,
    crystal_family,
    derive_table,
    extinction_classes,
    extinction_symbol,
)

BOX = np.array([(h, k, l) for h in range(-6, 7) for k in range(-6, 7) for l in range(-6, 7)])  # noqa: E741

A, C, I = "hkl: k+l=2n", "hkl: h+k=2n", "hkl: h+k+l=2n"  # noqa: E741
F = "hkl: h+k,h+l,k+l=2n"
R = "hkl: -h+k+l=3n"
# What International Tables A lists as general reflection conditions, less those that follow from the others.
CONDITIONS = {
    2: [],  # P-1
    4: ["0k0: k=2n"],  # P2_1
    5: [C],  # C2
    7: ["h0l: l=2n"],  # Pc
    11: ["0k0: k=2n"],  # P2_1/m
    14: ["h0l: l=2n", "0k0: k=2n"],  # P2_1/c
    15: [C, "h0l: h,l=2n"],  # C2/c
    18: ["h00: h=2n", "0k0: k=2n"],  # P2_12_12
    19: ["h00: h=2n", "0k0: k=2n", "00l: l=2n"],  # P2_12_12_1
    20: [C, "00l: l=2n"],  # C222_1
    22: [F],  # F222
    23: [I],  # I222
    24: [I],  # I2_12_12_1
    29: ["0kl: l=2n", "h0l: h=2n"],  # Pca2_1
    33: ["0kl: k+l=2n", "h0l: h=2n"],  # Pna2_1
    36: [C, "h0l: l=2n"],  # Cmc2_1
    39: [A, "0kl: k,l=2n"],  # Aem2
    41: [A, "0kl: k,l=2n", "h0l: h,l=2n"],  # Aea2
    43: [F, "0kl: k+l=4n", "h0l: h+l=4n"],  # Fdd2
    46: [I, "h0l: h,l=2n"],  # Ima2
    52: ["0kl: k+l=2n", "h0l: h+l=2n", "hk0: h=2n"],  # Pnna
    60: ["0kl: k=2n", "h0l: l=2n", "hk0: h+k=2n"],  # Pbcn
    61: ["0kl: k=2n", "h0l: l=2n", "hk0: h=2n"],  # Pbca
    62: ["0kl: k+l=2n", "hk0: h=2n"],  # Pnma
    63: [C, "h0l: h,l=2n"],  # Cmcm
    64: [C, "h0l: h,l=2n", "hk0: h,k=2n"],  # Cmce
    70: [F, "0kl: k+l=4n", "h0l: h+l=4n", "hk0: h+k=4n"],  # Fddd
    72: [I, "0kl: k,l=2n", "h0l: h,l=2n"],  # Ibam
    73: [I, "0kl: k,l=2n", "h0l: h,l=2n", "hk0: h,k=2n"],  # Ibca
    74: [I, "hk0: h,k=2n"],  # Imma
    76: ["00l: l=4n"],  # P4_1
    84: ["00l: l=2n"],  # P4_2/m
    86: ["hk0: h+k=2n", "00l: l=2n"],  # P4_2/n
    88: [I, "hk0: h,k=2n", "00l: l=4n"],  # I4_1/a
    92: ["00l: l=4n", "h00: h=2n"],  # P4_12_12
    113: ["h00: h=2n"],  # P-42_1m
    114: ["h00: h=2n", "hhl: l=2n"],  # P-42_1c
    122: [I, "hhl: 2h+l=4n"],  # I-42d
    127: ["0kl: k=2n"],  # P4/mbm
    129: ["hk0: h+k=2n"],  # P4/nmm
    130: ["hk0: h+k=2n", "0kl: l=2n", "hhl: l=2n"],  # P4/ncc
    136: ["0kl: k+l=2n"],  # P4_2/mnm
    137: ["hk0: h+k=2n", "hhl: l=2n"],  # P4_2/nmc
    140: [I, "0kl: k,l=2n"],  # I4/mcm
    141: [I, "hk0: h,k=2n", "hhl: 2h+l=4n"],  # I4_1/amd
    142: [I, "hk0: h,k=2n", "0kl: k,l=2n", "hhl: 2h+l=4n"],  # I4_1/acd
    144: ["00l: l=3n"],  # P3_1
    148: [R],
    163: ["hhl: l=2n"],  # P-31c
    165: ["h-hl: l=2n"],  # P-3c1
    167: [R, "h-hl: l=2n"],  # R-3c
    169: ["00l: l=6n"],  # P6_1
    171: ["00l: l=3n"],  # P6_2
    176: ["00l: l=2n"],  # P6_3/m
    186: ["hhl: l=2n"],  # P6_3mc
    192: ["hhl: l=2n", "h-hl: l=2n"],  # P6/mcc
    193: ["h-hl: l=2n"],  # P6_3/mcm
    194: ["hhl: l=2n"],  # P6_3/mmc
    197: [I],  # I23
    198: ["h00: h=2n"],  # P2_13
    199: [I],  # I2_13
    205: ["0kl: k=2n"],  # Pa-3
    206: [I, "0kl: k,l=2n"],  # Ia-3
    208: ["h00: h=2n"],  # P4_232
    210: [F, "h00: h=4n"],  # F4_132
    212: ["h00: h=4n"],  # P4_332
    214: [I, "h00: h=4n"],  # I4_132
    218: ["hhl: l=2n"],  # P-43n
    219: [F, "hhl: h,l=2n"],  # F-43c
    220: [I, "hhl: 2h+l=4n"],  # I-43d
    222: ["0kl: k+l=2n", "hhl: l=2n"],  # Pn-3n
    224: ["0kl: k+l=2n"],  # Pn-3m
    225: [F],  # Fm-3m
    227: [F, "0kl: k+l=4n"],  # Fd-3m
    228: [F, "0kl: k+l=4n", "hhl: h,l=2n"],  # Fd-3c
    229: [I],  # Im-3m
    230: [I, "0kl: k,l=2n", "hhl: 2h+l=4n"],  # Ia-3d
}


def equivalents(space_group: int, hkl: tuple[int, int, int]) -> list[tuple[int, int, int]]:
    """The reflections that International Tables counts under the same condition."""
    h, k, l = hkl  # noqa: E741
    system = crystal_system(space_group).value
    if system == "tetragonal":
        return [(h, k, l), (-k, h, l)]
    if system in {"trigonal", "hexagonal"}:
        i = -h - k
        return [(h, k, l), (k, i, l), (i, h, l)]
    if system == "cubic":
        return [(a, sign * b, c) for a, b, c in ((h, k, l), (k, l, h), (l, h, k)) for sign in (1, -1)]
    return [(h, k, l)]


def breaks(condition: str, hkl: tuple[int, int, int]) -> bool:
    """Whether a reflection is of the zone of a condition, such as "h0l: h,l=2n", and does not meet it."""
    zone, rule = condition.split(": ")
    known: dict[str, int] = {}
    for place, index in zip(re.findall(r"-?[hkl0]", zone), hkl, strict=True):
        value = -index if place.startswith("-") else index
        if (place == "0" and value != 0) or known.setdefault(place[-1], value) != value:
            return False
    forms, divisor = re.fullmatch(r"(.+)=(\d)n", rule).groups()
    for form in forms.split(","):
        terms = re.findall(r"([+-]?\d?)([hkl])", form)
        value = sum(int(factor + ("" if factor[-1:].isdigit() else "1")) * known[letter] for factor, letter in terms)
        if value % int(divisor):
            return True
    return False


def test_the_reader_of_conditions() -> None:
    assert breaks("h0l: h,l=2n", (2, 0, 3))
    assert not breaks("h0l: h,l=2n", (2, 1, 3))
    assert breaks("hhl: 2h+l=4n", (1, 1, 4))
    assert not breaks("hhl: 2h+l=4n", (1, 1, 2))
    assert breaks("hkl: -h+k+l=3n", (1, 0, 0))
    assert not breaks("hkl: -h+k+l=3n", (-1, 1, 1))
    assert breaks("h-hl: l=2n", (2, -2, 1))


@pytest.mark.parametrize("space_group", CONDITIONS)
def test_absences_are_those_of_international_tables(space_group: int) -> None:
    expected = [
        any(breaks(condition, one) for condition in CONDITIONS[space_group] for one in equivalents(space_group, hkl))
        for hkl in BOX.tolist()
    ]

    np.testing.assert_array_equal(absent(space_group, BOX), expected)


def test_absent_is_what_no_atom_in_general_position_scatters_in_pymatgens_groups() -> None:
    # irrational, so that no cosine is zero by chance
    point = np.sqrt([2, 3, 5]) / 7
    for number in range(1, 231):
        orbit = np.array([operation.operate(point) for operation in SpaceGroup.from_int_number(number).symmetry_ops])
        amplitudes = np.abs(np.exp(2j * np.pi * (BOX @ orbit.T)).sum(axis=1))

        np.testing.assert_array_equal(absent(number, BOX), amplitudes < 1e-6, err_msg=f"space group {number}")


def test_the_counts_are_the_published_ones() -> None:
    assert len(extinction_classes(crystal_family)) == 97
    assert len(extinction_classes(crystal_system)) == 101


def test_the_stored_table_is_what_the_operations_give() -> None:
    assert json.loads(TABLE_PATH.read_text(encoding="utf-8")) == derive_table(), (
        "space_groups.json differs from spglib's operations: `python -m xrdsym.crystal.targets.extinction` writes it"
    )


def test_writing_the_table_gives_the_stored_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = TABLE_PATH.read_bytes()
    monkeypatch.setattr(extinction, "TABLE_PATH", tmp_path / "table.json")

    extinction._write_table()

    assert (tmp_path / "table.json").read_bytes() == stored


def test_higher_indices_tell_no_more_classes_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = json.loads(TABLE_PATH.read_text(encoding="utf-8"))
    extinction._absences_in_any_axes.cache_clear()
    monkeypatch.setattr(extinction, "REACH", 9)

    try:
        assert extinction_classes(crystal_family) == stored["extinction_group"]
    finally:
        extinction._absences_in_any_axes.cache_clear()


def test_orthorhombic_groups_of_one_class_share_their_absences_after_some_exchange_of_axes() -> None:
    for numbers in extinction_classes(crystal_family).values():
        first = absent(numbers[0], BOX)
        for other in numbers[1:]:
            exchanges = permutations(range(3)) if crystal_system(other) == "orthorhombic" else [(0, 1, 2)]
            assert any(np.array_equal(first, absent(other, BOX[:, axes])) for axes in exchanges)


@pytest.mark.parametrize(
    ("space_group", "symbol"),
    [
        (1, "P -"),
        (11, "P 1 2_1 1"),
        (14, "P 1 2_1/c 1"),
        (15, "C 1 c 1"),
        (19, "P 2_1 2_1 2_1"),
        (24, "I - - -"),
        (41, "A e a -"),
        (62, "P n - a"),
        (63, "C - c -"),
        (64, "C - c e"),
        (70, "F d d d"),
        (86, "P 4_2/n - -"),
        (88, "I 4_1/a - -"),
        (92, "P 4_1 2_1 -"),
        (114, "P - 2_1 c"),
        (122, "I - - d"),
        (141, "I a - d"),
        (142, "I a c d"),
        (161, "R - c"),
        (166, "R - -"),
        (176, "P 6_3 - -"),
        (194, "P - - c"),
        (205, "P a - -"),
        (210, "F 4_1 - -"),
        (212, "P 4_1 - -"),
        (219, "F - - c"),
        (222, "P n - n"),
        (227, "F d - -"),
        (230, "I a - d"),
    ],
)
def test_extinction_symbols_are_those_of_international_tables(space_group: int, symbol: str) -> None:
    assert extinction_symbol(space_group) == symbol


@given(space_group=st.integers(1, 230), hkl=st.tuples(*[st.integers(-30, 30)] * 3))
def test_friedels_opposite_is_absent_too(space_group: int, hkl: tuple[int, int, int]) -> None:
    pair = absent(space_group, np.array([hkl, np.negative(hkl)]))

    assert pair[0] == pair[1]


@pytest.mark.parametrize("number", [0, 231, -1])
def test_what_is_no_space_group_is_refused(number: int) -> None:
    with pytest.raises(XrdsymError, match="from 1 to 230"):
        absent(number, BOX)
