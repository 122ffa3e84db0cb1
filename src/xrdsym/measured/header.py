"""The wavelength in the header of a scan file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from xrdsym.diffraction.scattering import wavelengths
from xrdsym.measured.wavelength import ANGSTROMS, NUMBER, UNIT, WAVELENGTH_RANGE, doubt, number_of, unit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 2000
"""Characters of a line that are searched."""

WAVELENGTH_WORD = re.compile(r"(?:wave[\s_-]*length|lambda|λ|_wl)(?:[\s_-]*1(?![\d.,]))?", re.IGNORECASE)
OTHER_RADIATION = re.compile(
    r"alpha[\s_-]*2|k[\s_-]*(?:a|α)[\s_-]*2|lambda[\s_-]*[23]|λ[23]|wl[23]|beta|kβ", re.IGNORECASE
)
"""Kα2 and Kβ, whose wavelengths stand beside that of Kα1."""
STANDALONE_NUMBER = re.compile(rf"(?<![\w.])({NUMBER})(?:\s*[\[(]?\s*({UNIT})(?!\w))?(?![\w.])", re.IGNORECASE)
UNIT_BEFORE = re.compile(rf"(?<![^\W_])({UNIT})(?!\w)", re.IGNORECASE)
"""Between the word and the number: `wavelength [nm] = 0.15406`, `wavelength_nm: 0.15406`."""
ENERGY = re.compile(r"\s*[\[(]?[kM]?eV\b", re.IGNORECASE)
UNIT_LINE = re.compile(rf"wl_unit\W+({UNIT})\b", re.IGNORECASE)
"""Bruker's UXD has the unit of all wavelengths in a line of its own."""
RADIATION_NAME = re.compile(
    r"\b(Cu|Mo|Co|Cr|Fe|Ag)[\s_-]*K[\s_-]*(?:alpha|α|a)[\s_-]*([12])?(\s*[/+,][\s\w-]*2)?(?!\w)", re.IGNORECASE
)
ANODE = re.compile(r"\b(?:anode|target)(?:[\s_-]*material)?\W+(Cu|Mo|Co|Cr|Fe|Ag)\b", re.IGNORECASE)


class HeaderWavelength(NamedTuple):
    """What a header says of the wavelength.

    Attributes:
        value: Å, or None where it gives none.
        doubt: Where it gives a number alone that is no wavelength in Å: why.
        sure: Whether the value is certainly in Å: by its unit, or by the name of a radiation.
    """

    value: float | None
    doubt: str | None = None
    sure: bool = False


def header_wavelength(header: Sequence[str]) -> HeaderWavelength:
    """The wavelength that a header gives.

    A number comes first, then the name of a radiation, then the anode, for its Kα. A number is in Å unless its unit
    stands beside it; one that is a billion times too small is in metres.

    Args:
        header: The lines of the header.
    """
    lines = [line[:LONGEST] for line in header]
    unit_of_all = next((unit_of(found.group(1)) for line in lines if (found := UNIT_LINE.search(line))), None)
    doubts = []
    for line in lines:
        number = _number(line, unit_of_all)
        if number is not None and number.value is not None:
            return number
        if number is not None:
            doubts.append(number)
    by_name = _by_name(lines)
    return HeaderWavelength(by_name, sure=True) if by_name or not doubts else doubts[0]


def _number(line: str, unit_of_all: str | None) -> HeaderWavelength | None:
    """What the number of a line says of the wavelength; None where it says nothing."""
    word = WAVELENGTH_WORD.search(line)
    number = STANDALONE_NUMBER.search(line, word.end()) if word else None
    if word is None or number is None or OTHER_RADIATION.search(line[: number.start()]):
        return None
    before = UNIT_BEFORE.search(line, word.end(), number.start())
    unit = number.group(2) or (before.group(1) if before else None) or unit_of_all
    value = number_of(number.group(1))
    low, high = WAVELENGTH_RANGE
    if value <= 0:
        return None
    if unit is None and low <= value * ANGSTROMS["m"] <= high:
        unit = "m"
    reason: str | None = None
    if ENERGY.match(line, number.end(1)):
        reason = f"{number.group(1)} is an energy"
    elif unit is None:
        reason = doubt(value)
    else:
        value *= ANGSTROMS[unit_of(unit)]
        if not low <= value <= high:
            reason = f"{value:g} Å is none between {low:g} and {high:g} Å"
    return HeaderWavelength(None, reason) if reason else HeaderWavelength(value, sure=unit is not None)


def _by_name(lines: Sequence[str]) -> float | None:
    known = wavelengths()
    for line in lines:
        if name := RADIATION_NAME.search(line):
            # α1 and α2 together have the mean wavelength
            component = "" if name.group(3) else name.group(2) or ""
            return known[f"{name.group(1).capitalize()}Ka{component}"]
    for line in lines:
        if anode := ANODE.search(line):
            return known[f"{anode.group(1).capitalize()}Ka"]
    return None
