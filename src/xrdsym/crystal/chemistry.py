"""Families of materials by the elements in their formulas."""

from __future__ import annotations

import re

FAMILIES = ("oxides", "halides", "chalcogenides", "intermetallics")
HALOGENS = frozenset(("F", "Cl", "Br", "I"))
CHALCOGENS = frozenset(("S", "Se", "Te"))
NON_METALS = frozenset("H He B C N O F Ne Si P S Cl Ar Ge As Se Br Kr Sb Te I Xe At Rn Ts Og".split())  # noqa: SIM905 - elements read best in a row
"""Metalloids included."""
_SYMBOL = re.compile(r"[A-Z][a-z]?")


def family(formula: str) -> str | None:
    """The family of a material.

    An oxide holds oxygen; a halide F, Cl, Br or I and no oxygen; a chalcogenide S, Se or Te and none of those before;
    an intermetallic holds metals alone, one of them or more, metalloids (B, Si, Ge, As, Sb, Te) not counted as such.

    Args:
        formula: A formula such as `BaTiO3`.

    Returns:
        One of `FAMILIES`, or None where it belongs to none of them.
    """
    elements = frozenset(_SYMBOL.findall(formula))
    if "O" in elements:
        return "oxides"
    if elements & HALOGENS:
        return "halides"
    if elements & CHALCOGENS:
        return "chalcogenides"
    return None if elements & NON_METALS else "intermetallics"
