"""Which films belong to one series: made alike, so that one of them tells much about the others."""

from __future__ import annotations

import re

NAMED_SERIES = (
    (re.compile(r"^\d+_2-Theta$"), "numbered"),
    (re.compile(r"\(Dark\)"), "dark"),
    (re.compile(r"\bDT perovskite\b"), "DT"),
    (re.compile(r"Perovskite at\b"), "Sn-Pb"),
    (re.compile(r"^(FA|MA)(I|Pb)"), "FA-MA"),
)
"""Series whose names differ by what was varied in them: a number alone; what was measured in the dark; DT; the share of
tin; and mixtures of formamidinium and methylammonium lead halides with the pure compounds they are mixed from."""

MATERIAL = re.compile(r"^(?:\d{8}_)?([A-Za-z0-9]+)")
"""The first word of a name, a date before it left out."""


def series_of(name: str) -> str:
    """The series of a film.

    It is the first of `NAMED_SERIES` that the name belongs to, else the material that the name begins with, its numbers
    left out: `Cs3Bi2Br9_2-Theta_Omega` and `CsBiBr_a200_Rat32_2-Theta_Omega` are of the series CsBiBr.

    Args:
        name: The name of the file without its suffix.

    Returns:
        The name of the series; the whole name where it begins with no letter or number.
    """
    for pattern, series in NAMED_SERIES:
        if pattern.search(name):
            return series
    material = MATERIAL.match(name)
    return re.sub(r"\d", "", material.group(1)) if material else name
