"""The wavelength in the header of a scan file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xrdsym.diffraction.scattering import wavelengths

if TYPE_CHECKING:
    from collections.abc import Sequence

WAVELENGTH_RANGE = (0.1, 10.0)
"""Å; a number outside is not a wavelength in Å."""

WAVELENGTH_WORD = re.compile(r"(?:wave[\s_-]*length|lambda|λ|_wl)(?:[\s_-]*1(?![\d.,]))?", re.IGNORECASE)
OTHER_RADIATION = re.compile(
    r"alpha[\s_-]*2|k[\s_-]*(?:a|α)[\s_-]*2|lambda[\s_-]*[23]|λ[23]|wl[23]|beta|kβ", re.IGNORECASE
)
"""Kα2 and Kβ, whose wavelengths stand beside that of Kα1."""
STANDALONE_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)?(?![\w.])")
RADIATION_NAME = re.compile(
    r"\b(Cu|Mo|Co|Cr|Fe|Ag)[\s_-]*K[\s_-]*(?:alpha|α|a)[\s_-]*([12])?(\s*[/+,][\s\w-]*2)?(?!\w)", re.IGNORECASE
)
ANODE = re.compile(r"\b(?:anode|target)(?:[\s_-]*material)?\W+(Cu|Mo|Co|Cr|Fe|Ag)\b", re.IGNORECASE)


def header_wavelength(header: Sequence[str]) -> float | None:
    """The wavelength that a header gives.

    A number comes first, then the name of a radiation, then the anode, for its Kα.

    Args:
        header: The lines of the header.

    Returns:
        Å, or None where the header gives no wavelength.
    """
    low, high = WAVELENGTH_RANGE
    for line in header:
        word = WAVELENGTH_WORD.search(line)
        number = STANDALONE_NUMBER.search(line, word.end()) if word else None
        if number is None or OTHER_RADIATION.search(line[: number.start()]):
            continue
        value = float(number.group().replace(",", ".")) * (10 if re.search(r"\bnm\b", line) else 1)
        if low <= value <= high:
            return value
    known = wavelengths()
    for line in header:
        if name := RADIATION_NAME.search(line):
            # α1 and α2 together have the mean wavelength
            component = "" if name.group(3) else name.group(2) or ""
            return known[f"{name.group(1).capitalize()}Ka{component}"]
    for line in header:
        if anode := ANODE.search(line):
            return known[f"{anode.group(1).capitalize()}Ka"]
    return None
