from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.core import Element, Lattice, Structure

from xrdsym.sources.contacts import nearest_neighbours
from xrdsym.sources.decoration import SUBSTITUTES, covalent_radii, decorate, length_scale, substitutes

ROCK_SALT = ("Fm-3m", ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
ZINC_BLENDE = ("F-43m", ["Zn", "S"], [[0, 0, 0], [0.25, 0.25, 0.25]])
FCC = ("Fm-3m", ["Cu"], [[0, 0, 0]])
BCC = ("Im-3m", ["W"], [[0, 0, 0]])
DIAMOND = ("Fd-3m", ["C"], [[0, 0, 0]])
LAVES = ("Fd-3m", ["Mg", "Cu"], [[0.375, 0.375, 0.375], [0, 0, 0]])


@pytest.mark.parametrize(
    ("structure", "edge", "swap", "measured"),
    [
        (ROCK_SALT, 5.640, {"Na": "K", "Cl": "Br"}, 6.600),
        (ROCK_SALT, 5.640, {"Na": "Li"}, 5.130),
        (ROCK_SALT, 5.640, {"Cl": "I"}, 6.473),
        (ZINC_BLENDE, 5.409, {"Zn": "Cd", "S": "Te"}, 6.482),
        (ZINC_BLENDE, 5.409, {"S": "Se"}, 5.668),
        (FCC, 3.615, {"Cu": "Au"}, 4.078),
        (FCC, 3.615, {"Cu": "Al"}, 4.050),
        (BCC, 3.165, {"W": "Na"}, 4.291),
        (BCC, 3.165, {"W": "Fe"}, 2.867),
        (DIAMOND, 3.567, {"C": "Si"}, 5.431),
        (LAVES, 7.034, {"Mg": "Zr", "Cu": "Co"}, 6.957),
    ],
)
def test_cells_grow_to_the_measured_ones(
    structure: tuple[str, list[str], list[list[float]]], edge: float, swap: dict[str, str], measured: float
) -> None:
    before = Structure.from_spacegroup(structure[0], Lattice.cubic(edge), *structure[1:])
    after = before.copy()
    after.replace_species(swap)
    numbers = np.array(before.atomic_numbers, dtype=np.int16)
    neighbours, ratios = nearest_neighbours(before.lattice.matrix, before.frac_coords, covalent_radii(numbers))
    scale = length_scale(
        numbers, np.array(after.atomic_numbers, dtype=np.int16), neighbours, ratios, before.lattice.volume
    )
    assert edge * scale == pytest.approx(measured, rel=0.07)


@given(
    symbols=st.lists(
        st.sampled_from(
            ["Na", "Ca", "La", "Ti", "Fe", "Cu", "Zn", "Al", "Si", "Sn", "B", "C", "N", "P", "O", "S", "Cl"]
        ),
        min_size=1,
        max_size=12,
    ),
    seed=st.integers(0, 2**32),
)
def test_kinds_of_sites_stay_apart(symbols: list[str], seed: int) -> None:
    numbers = np.array([Element(symbol).Z for symbol in symbols], dtype=np.int16)
    decorated = decorate(numbers, np.random.default_rng(seed))
    assert decorated.dtype == numbers.dtype
    pairs = set(zip(numbers.tolist(), decorated.tolist(), strict=True))
    assert len(pairs) == len(set(numbers.tolist())) == len(set(decorated.tolist()))


def test_substitutes_share_a_charge() -> None:
    for replaced, replacements in SUBSTITUTES:
        for symbol in replaced.split():
            states = set(Element(symbol).oxidation_states)
            for choice in replacements.split():
                assert states & set(Element(choice).oxidation_states), (symbol, choice)


def test_without_a_free_element_nothing_is_replaced() -> None:
    # boron may become carbon, which most of this structure is and stays
    numbers = np.array([5, 6, 6, 6, 6, 12], dtype=np.int16)
    for seed in range(20):
        decorated = decorate(numbers, np.random.default_rng(seed))
        assert len(set(decorated.tolist())) == 3
        assert (decorated[1:5] == 6).all()


def test_an_element_is_replaced_in_one_way() -> None:
    replaced = [symbol for symbols, _ in SUBSTITUTES for symbol in symbols.split()]
    assert len(replaced) == len(set(replaced))


def test_cages_of_boron_stay_boron() -> None:
    assert substitutes(["Ca", *["B"] * 6])["B"] == ("B",)
    assert substitutes(["Fe", "B"])["B"] == ("B", "C", "N")
