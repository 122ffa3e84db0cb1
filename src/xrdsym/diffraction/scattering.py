"""Form factor parameters of the elements, and the wavelengths of common radiations."""

from __future__ import annotations

import difflib
import json
import math
import re
import unicodedata
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

DOUBLETS = {"Cu": (1.540598, 1.544426)}
"""Kα1 and Kα2, Å, of elements for which `wavelengths` has less precise values."""
RADIATION = re.compile(
    r"([a-z]{2})(?:[\s_-]*k(?:[\s_-]*(?P<series>alpha|α|a|beta|β|b))?(?:[\s_-]*(?P<number>[12]))?(?P<both>[\s_-]*[/+,]?\s*2)?)?"
)
"""Cu, CuK, CuKa1, Cu-Kα, `Cu K alpha1,2`: in lower case."""
TERMS = 4
"""Gaussian terms in the form factor of an element."""


@cache
def _data() -> dict[str, Any]:
    text = resources.files("xrdsym.diffraction").joinpath("scattering.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def wavelengths() -> dict[str, float]:
    """The wavelength of each named radiation, Å; names and values are pymatgen's."""
    return dict(_data()["wavelengths"])


def radiation_name(text: str) -> str | None:
    """The name of a radiation as `wavelengths` has it: `CuKa` for cuka, CuKα, `Cu K-alpha` and Cu.

    Args:
        text: As people write it.

    Returns:
        The name, or None where the text is none.
    """
    written = RADIATION.fullmatch(unicodedata.normalize("NFKC", text).strip().lower())
    if written is None:
        return None
    beta = (written["series"] or "a")[0] in "bβ"
    # α1 and α2 together have the mean wavelength
    component = "1" if beta else "" if written["both"] else written["number"] or ""
    name = f"{written[1].capitalize()}K{'b' if beta else 'a'}{component}"
    return name if name in wavelengths() else None


def wavelength(radiation: str | float) -> float:
    """The wavelength of a radiation.

    Args:
        radiation: A name such as `CuKa` (`radiation_name` says which), or a wavelength in Å as a number or as text.

    Returns:
        The wavelength, Å.

    Raises:
        UsageError: The name is unknown, or the number is not positive and finite.
    """
    known = wavelengths()
    if isinstance(radiation, str) and (name := radiation_name(radiation)) is not None:
        return known[name]
    if isinstance(radiation, bool) or not isinstance(radiation, str | float | int | np.number):
        msg = f"expected one radiation, a name such as CuKa or a number of Å; received {type(radiation).__name__}"
        raise UsageError(msg)
    try:
        value = float(radiation)
    except OverflowError:
        value = math.inf
    except ValueError as error:
        by_lower_case = {name.lower(): name for name in known}
        near = difflib.get_close_matches(str(radiation).lower(), by_lower_case, n=3, cutoff=0.4)
        nearest = ", ".join(by_lower_case[name] for name in near) or ", ".join(known)
        shown = repr(str(radiation)[:60])
        msg = f"unknown radiation {shown}; did you mean {nearest}? A wavelength in Å is accepted as well."
        raise UsageError(msg) from error
    if not (math.isfinite(value) and value > 0):
        msg = (
            f"wavelength {' '.join(str(radiation).split())[:60]}: expected a positive number of Å, for example 1.54184"
        )
        raise UsageError(msg)
    return value


def doublet(radiation: str | float) -> tuple[float, float]:
    """The wavelengths of Kα1 and Kα2.

    Args:
        radiation: The name of one of them or of both: `CuKa`, `MoKa1`.

    Returns:
        The two wavelengths, Å.

    Raises:
        UsageError: The radiation is not the name of a Kα emission line.
    """
    element, emission_line, _ = (radiation_name(str(radiation)) or "").partition("Ka")
    known = wavelengths()
    if not emission_line or f"{element}Ka1" not in known:
        msg = f"radiation {radiation}: expected the name of a Kα doublet, such as CuKa or MoKa"
        raise UsageError(msg)
    return DOUBLETS.get(element, (known[f"{element}Ka1"], known[f"{element}Ka2"]))


@cache
def form_factor_parameters() -> NDArray[np.float64]:
    """The parameters of the form factor of every element.

    The form factor at s = sin θ / λ (Å⁻¹) is Z − 41.78214 s² Σ aᵢ exp(−bᵢ s²)  (M. De Graef and
    M. E. McHenry, Structure of Materials, chapter 12).

    Returns:
        float64 (elements, 9), read-only. Row Z contains Z, the four aᵢ (Å) and the four bᵢ (Å²), or NaN if the element
        has no parameters.
    """
    elements = {int(number): entry for number, entry in _data()["elements"].items()}
    table = np.full((max(elements) + 1, 1 + 2 * TERMS), np.nan)
    for number, entry in elements.items():
        table[number] = [number, *entry["a"], *entry["b"]]
    table.flags.writeable = False
    return table


@cache
def _known() -> frozenset[int]:
    return frozenset(np.flatnonzero(~np.isnan(form_factor_parameters()[:, 0])).tolist())


def without_parameters(numbers: Iterable[int]) -> list[int]:
    """The atomic numbers among `numbers` that have no scattering parameters, ascending and once each."""
    return sorted(set(numbers) - _known())


def form_factor_table(numbers: Sequence[int]) -> NDArray[np.float64]:
    """The form factor parameters of the given elements.

    Args:
        numbers: Atomic numbers (n,), each of an element that has parameters (see `without_parameters`).

    Returns:
        float64 (n, 9): the rows of `form_factor_parameters`.
    """
    return form_factor_parameters()[list(numbers)]
