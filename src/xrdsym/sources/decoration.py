"""Isostructural decoration: which elements may take whose place, and what that does to the volume."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUBSTITUTES: tuple[tuple[str, str], ...] = (
    ("Li Na K Rb Cs", "Li Na K Rb Cs"),
    ("Tl", "Tl In Na K Rb"),
    ("Be", "Be Mg Zn"),
    ("Mg", "Mg Zn Cd Mn"),
    ("Ca Sr Ba", "Ca Sr Ba Eu Yb"),
    ("Pb", "Pb Sn Sr Ba Eu"),
    (
        "Y La Ce Pr Nd Sm Gd Tb Dy Ho Er Tm Yb Lu",
        "Sc Y La Ce Pr Nd Sm Gd Tb Dy Ho Er Tm Lu",
    ),
    ("Th Pa U Np Pu Cf", "Th U Ce Nd Zr Hf"),
    ("Ti Zr Hf", "Ti Zr Hf Sn"),
    ("V Nb Ta Mo W Re", "V Nb Ta Mo W Re"),
    ("Cr Mn Fe Co Ni", "Cr Mn Fe Co Ni"),
    ("Rh Pd Ir Pt", "Ru Rh Pd Os Ir Pt Ni"),
    ("Cu Ag Au", "Cu Ag Au"),
    ("Zn Cd Hg", "Mg Zn Cd Hg"),
    ("Al Ga In", "Al Ga In"),
    ("Si Ge", "Si Ge Sn Ti"),
    ("Sn", "Si Ge Sn Pb"),
    ("B", "B Al Ga"),
    ("C", "C Si Ge"),
    ("N", "N P As"),
    ("P As Sb Bi", "P As Sb Bi"),
    ("O", "O S Se"),
    ("S Se Te Po", "S Se Te"),
    ("F Cl Br I", "F Cl Br I"),
)
"""Elements, and what replaces them: the same column, or the same oxidation state at a similar size and
electronegativity. Elements that stand nowhere on the left keep their place."""

METALS = (
    *("Li", "Na", "K", "Rb", "Cs", "Be", "Mg", "Ca", "Sr", "Ba"),
    *("Sc", "Y", "La", "Ce", "Nd", "Sm", "Gd", "Er", "Lu", "Th", "U"),
    *("Ti", "Zr", "Hf", "V", "Nb", "Ta", "Cr", "Mo", "W", "Mn", "Re"),
    *("Fe", "Ru", "Os", "Co", "Rh", "Ir", "Ni", "Pd", "Pt", "Cu", "Ag", "Au"),
    *("Zn", "Cd", "Hg", "Al", "Ga", "In", "Tl", "Sn", "Pb", "Bi"),
)
"""The metals that structures of one metal are made of; they share each other's structures freely."""

INTERSTITIALS = ("B", "C", "N")
"""What borides, carbides and nitrides of metals share, and borates, carbonates and nitrates, too; not where
they are most of the atoms, as in the cages and nets of boron and carbon."""

CM3_PER_MOL = 0.602214
"""A volume per atom of 1 Å³, in cm³ per mole."""

LOOSEST_BOND = 1.12
"""Mean distance, in sums of covalent radii, to the nearest neighbour in a decorated compound; parents with
longer bonds hold ions that are larger than their covalent radius, as thallium(I), which others are not."""

PACKING = (0.33, 1.3)
"""Range of the volume over the volume of the atoms as elements: corundum has 0.36, molecular SnI4 1.19."""

NONMETALS = frozenset(("H", "B", "C", "N", "O", "F", "P", "S", "Cl", "Se", "Br", "I"))
"""Elements whose bond lengths, not their volumes as elements, make the volume of a compound."""


def substitutes(symbols: list[str]) -> dict[str, tuple[str, ...]]:
    """The elements that may stand in for each element of a structure.

    Args:
        symbols: The element of each site.

    Returns:
        For each element, in alphabetical order, the symbols to choose from; itself is among them unless it is
        one that is not used for decoration (as plutonium, replaced by thorium and its like).
    """
    kinds = sorted(set(symbols))
    if len(kinds) == 1:
        return {kinds[0]: _elemental(kinds[0])}
    with_metal = any(kind in METALS for kind in kinds)
    choices = {}
    for kind in kinds:
        choices[kind] = _column(kind)
        if with_metal and kind in {"B", "C"}:
            minority = 2 * symbols.count(kind) <= len(symbols)
            choices[kind] = INTERSTITIALS if minority else (kind,)
    return choices


def _elemental(element: str) -> tuple[str, ...]:
    """What the structure of one element may be made of; metals share theirs, boron has its own."""
    if element in {*METALS, "Pa", "Np", "Pu", "Cf"}:
        return METALS
    return {"B": ("B",), "C": ("C", "Si", "Ge", "Sn")}.get(element, _column(element))


@cache
def _column(element: str) -> tuple[str, ...]:
    for replaced, replacements in SUBSTITUTES:
        if element in replaced.split():
            return tuple(replacements.split())
    return (element,)


def decorate(numbers: NDArray[np.int16], rng: np.random.Generator) -> NDArray[np.int16]:
    """Put another element on each kind of site; different elements stay different.

    Args:
        numbers: Atomic numbers, int16 (n,).
        rng: Source of the choices.

    Returns:
        Atomic numbers of the decorated structure, int16 (n,); as they were, where the first choices leave
        nothing for the last.
    """
    from pymatgen.core import Element

    symbols = [Element.from_Z(int(z)).symbol for z in numbers]
    taken: dict[str, str] = {}
    for kind, names in substitutes(symbols).items():
        free = [name for name in names if name not in taken.values()]
        if not free:
            return numbers.copy()
        taken[kind] = free[int(rng.integers(len(free)))]
    return np.array([Element(taken[symbol]).Z for symbol in symbols], dtype=numbers.dtype)


@cache
def _covalent_radius_table() -> NDArray[np.float64]:
    from pymatgen.core import Element
    from pymatgen.core.molecule_structure_comparator import CovalentRadius

    # curium is the last element of the tabulation; californium, the only one beyond it, is alike
    table = np.full(119, CovalentRadius.radius["Cm"])
    for symbol, radius in CovalentRadius.radius.items():
        table[Element(symbol).Z] = radius
    return table


def covalent_radii(numbers: NDArray[np.int16]) -> NDArray[np.float64]:
    """Covalent radii in Å, float64 (n,) (Cordero et al., Dalton Trans. 2832, 2008, as pymatgen gives them)."""
    return _covalent_radius_table()[numbers]


@cache
def _molar_volume(number: int) -> float:
    from pymatgen.core import Element

    return float(Element.from_Z(number).molar_volume)


def length_scale(
    numbers: NDArray[np.int16],
    decorated: NDArray[np.int16],
    neighbours: NDArray[np.intp],
    ratios: NDArray[np.float64],
    volume: float,
) -> float:
    """How much longer the edges of the cell become by a decoration.

    An element takes the volume that it has as an element, the others change by the ratio of the sums of these
    volumes (Zen's law); with a nonmetal in it, a compound (or carbon) follows the lengths of its bonds, which
    are sums of covalent radii. No decoration is packed more loosely or more densely than compounds are, or
    than the structure was before.

    Args:
        numbers: Atomic numbers before, int16 (n,).
        decorated: Atomic numbers after, int16 (n,).
        neighbours: Index of the nearest neighbour of each site, intp (n,).
        ratios: Its distance over the sum of the covalent radii, float64 (n,).
        volume: Volume before, Å³.
    """
    from pymatgen.core import Element

    if np.array_equal(numbers, decorated):
        return 1.0
    symbols = {Element.from_Z(int(z)).symbol for z in np.r_[numbers, decorated]}
    elemental = len(np.unique(numbers)) == 1
    volume_before, volume_after = _elemental_volume(numbers), _elemental_volume(decorated)
    packing = volume / volume_before
    by_bonds = "C" in symbols if elemental else not symbols.isdisjoint(NONMETALS)
    if by_bonds:
        before, after = covalent_radii(numbers), covalent_radii(decorated)
        longer = float((after + after[neighbours]).sum() / (before + before[neighbours]).sum())
        longer *= min(1.0, LOOSEST_BOND / float(ratios.mean()))
        wanted = volume * longer**3
    else:
        wanted = volume_after * (1.0 if elemental else packing)
    lowest, highest = min(PACKING[0], packing), max(PACKING[1], packing)
    return float((np.clip(wanted, lowest * volume_after, highest * volume_after) / volume) ** (1 / 3))


def _elemental_volume(numbers: NDArray[np.int16]) -> float:
    """The volume, in Å³, of the atoms as elements."""
    return sum(_molar_volume(int(z)) for z in numbers) / CM3_PER_MOL
