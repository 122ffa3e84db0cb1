"""Isostructural decoration: which elements may replace each other, and how that changes the volume."""

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
"""Elements and their replacements: the same column of the periodic table, or the same oxidation state with similar
size and electronegativity. Elements that are nowhere on the left are not replaced."""

METALS = (
    *("Li", "Na", "K", "Rb", "Cs", "Be", "Mg", "Ca", "Sr", "Ba"),
    *("Sc", "Y", "La", "Ce", "Nd", "Sm", "Gd", "Er", "Lu", "Th", "U"),
    *("Ti", "Zr", "Hf", "V", "Nb", "Ta", "Cr", "Mo", "W", "Mn", "Re"),
    *("Fe", "Ru", "Os", "Co", "Rh", "Ir", "Ni", "Pd", "Pt", "Cu", "Ag", "Au"),
    *("Zn", "Cd", "Hg", "Al", "Ga", "In", "Tl", "Sn", "Pb", "Bi"),
)
"""Metals that replace each other freely in structures of one metal."""

INTERSTITIALS = ("B", "C", "N")
"""Elements that replace each other in borides, carbides and nitrides of metals, and in borates, carbonates and
nitrates, but not where they are most of the atoms, as in the cages and nets of boron and carbon."""

CM3_PER_MOL = 0.602214
"""A volume per atom of 1 Å³, in cm³ per mole."""

LOOSEST_BOND = 1.12
"""Largest mean distance, in sums of covalent radii, to the nearest neighbour in a decorated compound. Prototypes with
longer bonds have ions larger than their covalent radius, such as thallium(I); their replacements are not."""

PACKING = (0.33, 1.3)
"""Range of the volume of a compound over that of its pure elements: corundum has 0.36, molecular SnI4 1.19."""

NONMETALS = frozenset(("H", "B", "C", "N", "O", "F", "P", "S", "Cl", "Se", "Br", "I"))
"""In compounds of these elements bond lengths, not the volumes of the pure elements, determine the volume."""


def substitutes(symbols: list[str]) -> dict[str, tuple[str, ...]]:
    """The elements that may stand in for each element of a structure.

    Args:
        symbols: The element of each site.

    Returns:
        For each element, in alphabetical order, its possible replacements. The element itself is one of them unless it
        is not used for decoration, such as plutonium, which is replaced by thorium and similar elements.
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
    """The elements that may replace the only element of a structure: any metal for a metal, none for boron."""
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
    """Replace each element of a structure at random; different elements stay different.

    Args:
        numbers: Atomic numbers, int16 (n,).
        rng: Random generator.

    Returns:
        Atomic numbers of the decorated structure, int16 (n,); unchanged if no element is left for the last site.
    """
    from pymatgen.core import Element

    symbols = [Element.from_Z(int(z)).symbol for z in numbers]
    replacements: dict[str, str] = {}
    for kind, names in substitutes(symbols).items():
        free = [name for name in names if name not in replacements.values()]
        if not free:
            return numbers.copy()
        replacements[kind] = free[int(rng.integers(len(free)))]
    return np.array([Element(replacements[symbol]).Z for symbol in symbols], dtype=numbers.dtype)


@cache
def _covalent_radius_table() -> NDArray[np.float64]:
    from pymatgen.core import Element
    from pymatgen.core.molecule_structure_comparator import CovalentRadius

    # the tabulation ends with curium; californium, the only heavier element in use, gets the same radius
    table = np.full(119, CovalentRadius.radius["Cm"])
    for symbol, radius in CovalentRadius.radius.items():
        table[Element(symbol).Z] = radius
    return table


def covalent_radii(numbers: NDArray[np.int16]) -> NDArray[np.float64]:
    """Covalent radii in Å, float64 (n,) (Cordero et al., Dalton Trans. 2832, 2008, from pymatgen)."""
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
    """The factor by which a decoration changes the edges of the cell.

    * A pure element has its molar volume.
    * The volume of an intermetallic changes by the ratio of the summed molar volumes of its elements (Zen's law).
    * The volume of a compound with a nonmetal, or of carbon, follows its bond lengths, the sums of covalent radii.

    The result stays within `PACKING`, or within the packing of the original structure where that is outside.

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
    """The summed volume of the atoms in their pure elements, Å³."""
    return sum(_molar_volume(int(z)) for z in numbers) / CM3_PER_MOL
