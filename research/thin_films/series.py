"""Series of films: films of one series are prepared similarly, so their patterns are correlated."""

from __future__ import annotations

import re

NAMED_SERIES = (
    (re.compile(r"^\d+_2-Theta$"), "numbered"),
    (re.compile(r"\(Dark\)"), "dark"),
    (re.compile(r"\bDT perovskite\b"), "DT"),
    (re.compile(r"Perovskite at\b"), "Sn-Pb"),
    (re.compile(r"^(FA|MA)(I|Pb)"), "FA-MA"),
)
"""Series whose film names do not begin with one material: names of a number only; films measured in the dark; DT; films
with different shares of tin; and mixtures of formamidinium and methylammonium lead halides with their end members."""

MATERIAL = re.compile(r"^(?:\d{8}_)?([A-Za-z0-9]+)")
"""The first word of a name after an optional date."""


def series_of(name: str) -> str:
    """The series of a film.

    It is the first of `NAMED_SERIES` that matches the name, else the material at the start of the name without its
    numbers: `Cs3Bi2Br9_2-Theta_Omega` and `CsBiBr_a200_Rat32_2-Theta_Omega` belong to the series CsBiBr.

    Args:
        name: The name of the file without its suffix.

    Returns:
        The name of the series; the whole name if it does not begin with a letter or digit.
    """
    for pattern, series in NAMED_SERIES:
        if pattern.search(name):
            return series
    material = MATERIAL.match(name)
    return re.sub(r"\d", "", material.group(1)) if material else name
