"""Wavelengths as people and instruments write them: the name of a radiation, or a number with or without a unit."""

from __future__ import annotations

import math
import re

from xrdsym.common.errors import UsageError
from xrdsym.diffraction.scattering import radiation_name, wavelength, wavelengths

WAVELENGTH_RANGE = (0.1, 10.0)
"""Å; a number outside is not a wavelength in Å."""
SAME_NUMBER = 0.0015
"""Relative difference within which a number is that of a radiation in another unit. Kα and Kα1 differ by 0.0008."""
ANGSTROMS = {"m": 1e10, "cm": 1e8, "mm": 1e7, "µm": 1e4, "nm": 10.0, "å": 1.0, "a": 1.0, "pm": 0.01}
"""One of each unit in Å; units in lower case."""
LONGEST = 60
"""Characters of what was given in an error message."""
NUMBER = r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:\s*(?:[eE]|[x×*·]\s*10\s*(?:\^|\*\*)?)\s*[({]?[+\-−–]?\d+[)}]?)?"
"""Also 1.54e-10 and 1.54 x 10^-10."""
UNIT = (
    r"Å|Angstroms?|Angstroem|Ång(?:str[öo]ms?)?|Ang|AA|A|"
    r"nm|nanomet(?:er|re)s?|pm|picomet(?:er|re)s?|[µμ]m|mm|cm|met(?:er|re)s?|m"
)
WRITTEN = re.compile(rf"\s*({NUMBER})\s*[\[(]?\s*({UNIT})?\s*\.?[\])]?\s*", re.IGNORECASE)


def number_of(text: str) -> float:
    """The number that `NUMBER` matches; infinite where it has too many digits."""
    mantissa, *exponent = re.split(r"[eE]|[xX×*·]\s*10\s*(?:\^|\*\*)?", text, maxsplit=1)
    power = "".join(exponent[0].split()).strip("(){}").replace("−", "-").replace("–", "-") if exponent else "0"
    # float() would round a product of two numbers
    return float(f"{mantissa.strip().replace(',', '.')}e{power}")


def unit_of(text: str) -> str:
    """The unit that `UNIT` matches, as in `ANGSTROMS`."""
    lower = text.lower().replace("μ", "µ")
    if lower.startswith(("ang", "ång", "aa", "å")) or lower == "a":
        return "å"
    return {"n": "nm", "p": "pm"}.get(lower[0], "m" if lower.startswith("met") else lower)


def doubt(value: float) -> str | None:
    """Why a number without a unit is no wavelength in Å, with the unit that it may be in; None where it may be one."""
    known = {name: length for name, length in wavelengths().items() if "Ka" in name}
    for unit, one in (("nm", 10.0), ("pm", 0.01), ("m", 1e10), (None, 0.1)):
        name = min(known, key=lambda name: abs(value * one - known[name]))
        if abs(value * one / known[name] - 1) < SAME_NUMBER:
            is_in = "is ten times" if unit is None else f"in {unit} is"
            return f"{value:g} {is_in} the wavelength of {name}, {known[name]:g} Å"
    low, high = WAVELENGTH_RANGE
    if not low <= value <= high:
        units = [unit for unit in ("nm", "pm", "m") if low <= value * ANGSTROMS[unit] <= high]
        likely = f", and {value:g} {units[0]} would be {value * ANGSTROMS[units[0]]:g} Å" if units else ""
        return f"{value:g} is none between {low:g} and {high:g} Å{likely}"
    return None


def measured_wavelength(given: str | float) -> float:
    """The wavelength that a person gives for a measured pattern.

    Args:
        given: The name of a radiation (`CuKa`, `Cu Kα1`, `Mo`), a number of Å, or text of a number with or without its
            unit (`0.15406 nm`). With its unit a number is taken at its word.

    Returns:
        Å.

    Raises:
        UsageError: The name is unknown, or the number is no wavelength of X-ray diffraction in Å.
    """
    if isinstance(given, str) and (written := WRITTEN.fullmatch(given)) is not None:
        value, unit = number_of(written.group(1)), written.group(2)
        if unit is not None:
            return _in_range(value * ANGSTROMS[unit_of(unit)], given)
    elif isinstance(given, str) and radiation_name(given) is not None:
        return wavelength(given)
    else:
        value = wavelength(given)
    reason = doubt(value) if math.isfinite(value) and value > 0 else f"{value:g} is no positive number"
    if reason is not None:
        expected = "a number of Å, such as 1.5406, or one with its unit: 0.15406nm"
        msg = f"wavelength {_shown(given)}: {reason}; expected {expected}"
        raise UsageError(msg)
    return value


def _shown(given: str | float) -> str:
    return " ".join(str(given).split())[:LONGEST]


def _in_range(value: float, given: str) -> float:
    low, high = WAVELENGTH_RANGE
    if not low <= value <= high:
        msg = f"wavelength {_shown(given)}: {value:g} Å is none of X-ray diffraction; expected {low:g} to {high:g} Å"
        raise UsageError(msg)
    return value
