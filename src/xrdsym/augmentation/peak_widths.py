"""How wide peaks are: full widths at half maximum by angle, in degrees 2θ."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.augmentation.setting import Draw, Interval, PeakWidths

SCHERRER = 0.9
"""K of Scherrer's equation, for widths at half maximum."""
FWHM = 2 * math.sqrt(2 * math.log(2))
"""Full width at half maximum of a Gaussian over its σ."""


def of_instrument(widths: PeakWidths, intervals: tuple[Interval, Interval, Interval], draw: Draw) -> PeakWidths:
    """Widths whose Gaussian is that of Caglioti; U, V and W are drawn from a range each, degrees²."""
    u, v, w = (draw.value(interval) for interval in intervals)
    return widths._replace(gaussian=instrument_width(widths.two_theta, u, v, w))


def of_small_crystallites(widths: PeakWidths, interval: Interval, draw: Draw) -> PeakWidths:
    """Widths with that of small crystallites added; their size is drawn from a range, nm."""
    size = size_width(widths.two_theta, draw.value(interval), draw.setting.wavelength)
    return widths._replace(lorentzian=widths.lorentzian + size)


def of_strained_crystallites(widths: PeakWidths, interval: Interval, draw: Draw) -> PeakWidths:
    """Widths with that of microstrain added; ε is drawn from a range."""
    strain = strain_width(widths.two_theta, draw.value(interval))
    return widths._replace(lorentzian=widths.lorentzian + strain)


def size_width(two_theta: NDArray[np.float64], size: float, wavelength: float) -> NDArray[np.float64]:
    """The width that small crystallites give: K λ / (L cos θ).

    P. Scherrer, Nachr. Ges. Wiss. Göttingen 26, 98 (1918). Schopmans et al., Digital Discovery 2, 1414 (2023) take 20
    to 100 nm, Szymanski et al., Chem. Mater. 33, 4204 (2021) 5 to 30 nm.

    Args:
        two_theta: Below 180°, float64 (n,), degrees.
        size: L, nm.
        wavelength: λ, Å.

    Returns:
        float64 (n,), degrees.
    """
    return np.asarray(math.degrees(SCHERRER * wavelength / (10 * size)) / np.cos(np.radians(two_theta / 2)))


def strain_width(two_theta: NDArray[np.float64], microstrain: float) -> NDArray[np.float64]:
    """The width that lattice constants which differ from place to place give: 4 ε tan θ.

    A. R. Stokes and A. J. C. Wilson, Proc. Phys. Soc. 56, 174 (1944). The microstrain of GSAS is four times this ε.

    Args:
        two_theta: Below 180°, float64 (n,), degrees.
        microstrain: ε.

    Returns:
        float64 (n,), degrees.
    """
    return np.asarray(math.degrees(4 * microstrain) * np.tan(np.radians(two_theta / 2)))


def instrument_width(two_theta: NDArray[np.float64], u: float, v: float, w: float) -> NDArray[np.float64]:
    """The width that a diffractometer gives: √(U tan² θ + V tan θ + W), 0 where that has no root.

    G. Caglioti, A. Paoletti and F. P. Ricci, Nucl. Instrum. 3, 223 (1958). Salgado et al., npj Comput. Mater. 9, 214
    (2023) take (0.05, −0.06, 0.07), (0.05, −0.01, 0.01) and (0, 0, 0.01). In GSAS the same letters make a variance in
    hundredths of a degree, squared.

    Args:
        two_theta: Below 180°, float64 (n,), degrees.
        u: U, degrees².
        v: V, degrees².
        w: W, degrees².

    Returns:
        float64 (n,), degrees.
    """
    tangent = np.tan(np.radians(two_theta / 2))
    return np.asarray(np.sqrt(np.maximum((u * tangent + v) * tangent + w, 0.0)))
