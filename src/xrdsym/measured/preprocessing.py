"""From a measured pattern to the profile that a model reads: its wavelength, its background, its grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import MaterialError
from xrdsym.measured.snip import snip

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.diffraction.profile_grid import ProfileGrid
    from xrdsym.measured.scan_files import Scan

BACKGROUND_WIDTH = 2.5
"""Degrees to either side within which the background is looked for. It halves the mean level of the 88 patterns of
PV-Lab/autoXRD and changes a simulated pattern, which has no background, by less than 0.5 % of its strongest peak."""

COARSER = 1.5
"""Points this much farther apart than those of a pattern stand for more than one of them."""

COUNTS = 10_000.0
"""Counts that the strongest point is taken for when the background is looked for, whatever the unit of the file."""


FLAT = 1e-6
"""Share of the strongest point below which nothing stands above the background: rounding leaves about 1e-15 of it, and
how much of that depends on the processor."""


def to_wavelength(two_theta: NDArray[np.float64], from_wavelength: float, wavelength: float) -> NDArray[np.float64]:
    """The angles at which the same lattice planes reflect another wavelength, by Bragg's law.

    Args:
        two_theta: Ascending angles, float64 (n,), degrees.
        from_wavelength: The wavelength that they were measured at, Å.
        wavelength: The wavelength that they are wanted at, Å.

    Returns:
        float64 (m,), degrees, ascending: the first m angles; the others have no counterpart, as no angle would be
        large enough for their d.
    """
    sine = np.sin(np.radians(two_theta / 2)) * (wavelength / from_wavelength)
    return np.asarray(np.degrees(2 * np.arcsin(sine[sine < 1])), dtype=np.float64)


def lorentz_polarisation(two_theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """The factor by which an unpolarised beam favours an angle: (1 + cos² 2θ) / (sin² θ cos θ).

    Args:
        two_theta: Angles between 0° and 180°, float64 (n,), degrees.
    """
    theta = np.radians(two_theta / 2)
    return np.asarray((1 + np.cos(2 * theta) ** 2) / (np.sin(theta) ** 2 * np.cos(theta)), dtype=np.float64)


def converted(scan: Scan, from_wavelength: float, wavelength: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A pattern as it would have been measured at another wavelength.

    The angles go through d, and the intensities from the Lorentz-polarisation factor of the old angle to that of
    the new one.

    Args:
        scan: The pattern.
        from_wavelength: The wavelength that it was measured at, Å.
        wavelength: The wavelength that is wanted, Å.

    Returns:
        two_theta: float64 (m,), degrees, ascending; angles without a counterpart are left out.
        intensity: float64 (m,).
    """
    if from_wavelength == wavelength:
        return scan.two_theta, scan.intensity
    two_theta = to_wavelength(scan.two_theta, from_wavelength, wavelength)
    before, intensity = scan.two_theta[: len(two_theta)], scan.intensity[: len(two_theta)]
    positive = before > 0
    two_theta, before, intensity = two_theta[positive], before[positive], intensity[positive]
    return two_theta, intensity * lorentz_polarisation(two_theta) / lorentz_polarisation(before)


def background(intensity: NDArray[np.float64], half_width: int) -> NDArray[np.float64]:
    """What lies below the peaks: the statistics-sensitive non-linear iterative peak-clipping algorithm (SNIP).

    C. G. Ryan et al., Nucl. Instrum. Methods B 34, 396 (1988), with the window shrinking as in M. Morháč et al.,
    Nucl. Instrum. Methods A 401, 113 (1997).

    Args:
        intensity: float64 (n,), 0 or more, at even steps.
        half_width: Points to either side; peaks narrower than twice as many are clipped away.

    Returns:
        float64 (n,), nowhere above the intensity.
    """
    reach = min(half_width, len(intensity) - 1)
    level = np.log(np.log(np.sqrt(intensity + 1) + 1) + 1)
    # continued beyond both ends as a straight line would be, or a steep background would stay there
    level = snip(np.pad(level, reach, mode="reflect", reflect_type="odd"), reach)
    found = (np.exp(np.exp(level[reach : len(level) - reach]) - 1) - 1) ** 2 - 1
    return np.asarray(np.clip(found, 0.0, intensity), dtype=np.float64)


def without_background(
    two_theta: NDArray[np.float64], intensity: NDArray[np.float64], grid: ProfileGrid
) -> NDArray[np.float64]:
    """What is left of a pattern on a grid when what lies below its peaks is taken away.

    Args:
        two_theta: float64 (n,), degrees, ascending.
        intensity: float64 (n,), in any unit.
        grid: The points that it is wanted at.

    Returns:
        float64 (points,), 0 or more, the strongest point of the pattern on the grid taken for `COUNTS`; zero where the
        pattern has no angle.
    """
    # the background is looked for at even angles, whatever the axis of the grid
    positions = np.linspace(grid.two_theta_min, grid.two_theta_max, grid.points)
    covered = (positions >= two_theta[0]) & (positions <= two_theta[-1]) if len(two_theta) else np.zeros(0, dtype=bool)
    values = np.zeros(len(positions))
    if covered.any():
        inside = averaged(positions[covered], two_theta, intensity)
        counts = inside * (COUNTS / max(inside.max(), np.finfo(np.float64).tiny))
        values[covered] = counts - background(counts, round(BACKGROUND_WIDTH / grid.step))
    return values if grid.axis == "two_theta" else averaged(grid.positions, positions, values)


def averaged(
    positions: NDArray[np.float64], two_theta: NDArray[np.float64], intensity: NDArray[np.float64]
) -> NDArray[np.float64]:
    """A pattern at other angles: its mean around each, or between its points where these are as far apart.

    The mean uses all that was counted: points left out would leave their counts out, too.

    Args:
        positions: Angles within those of the pattern, float64 (m,), degrees, ascending.
        two_theta: float64 (n,), degrees, ascending.
        intensity: float64 (n,).

    Returns:
        float64 (m,).
    """
    between = np.interp(positions, two_theta, intensity)
    if len(positions) < 2 or len(two_theta) < 2:
        return between
    middles = (positions[1:] + positions[:-1]) / 2
    ends = np.concatenate([positions[:1], middles, positions[-1:]])
    areas = np.concatenate([[0.0], np.cumsum(np.diff(two_theta) * (intensity[1:] + intensity[:-1]) / 2)])
    widths = np.diff(ends)
    means = np.diff(np.interp(ends, two_theta, areas)) / np.maximum(widths, np.finfo(np.float64).tiny)
    steps = np.diff(two_theta)[np.clip(np.searchsorted(two_theta, positions), 1, len(two_theta) - 1) - 1]
    return np.where(widths > COARSER * steps, means, between)


def scan_on_grid(scan: Scan, grid: ProfileGrid, from_wavelength: float, wavelength: float) -> NDArray[np.float64]:
    """A measured pattern on a model's grid, its background taken away.

    A measured pattern has its instrument's width already and is not smoothed. It is zero where it was not measured.

    Args:
        scan: The pattern.
        grid: The points of the profile.
        from_wavelength: The wavelength that the pattern was measured at, Å.
        wavelength: The wavelength of the model's own patterns, Å.

    Returns:
        float64 (points,), 0 or more.

    Raises:
        MaterialError: `no_intensity_in_range`: nothing of the pattern lies on the grid, or above its background;
            `no_first_peak`: the axis needs one.
    """
    if grid.axis == "ln_q_ratio":
        msg = (
            "this model puts the first peak of every pattern at one place (profile.axis: ln_q_ratio), and noise hides "
            "which one is the first of a measured pattern; take a model with another axis"
        )
        raise MaterialError("no_first_peak", msg)
    two_theta, intensity = converted(scan, from_wavelength, wavelength)
    values = without_background(two_theta, intensity, grid)
    if values.max() <= FLAT * COUNTS:
        low, high = grid.two_theta_min, grid.two_theta_max
        if ((two_theta >= low) & (two_theta <= high)).any():
            msg = "nothing stands above the background of the pattern, so there is no peak to be read"
        else:
            msg = (
                f"nothing of the pattern lies between {low:g}° and {high:g}° at the model's wavelength of "
                f"{wavelength:g} Å; it was measured at {from_wavelength:g} Å, from {scan.two_theta[0]:g}° to "
                f"{scan.two_theta[-1]:g}°. Are these Å and degrees of 2θ?"
            )
        raise MaterialError("no_intensity_in_range", msg)
    return values
