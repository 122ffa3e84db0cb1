"""From a scan to intensities on a model's grid: its wavelength, its background, its points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import MaterialError
from xrdsym.measured.snip import snip_background

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.diffraction.profile_grid import ProfileGrid
    from xrdsym.measured.scan import Scan

BACKGROUND_HALF_WIDTH = 2.5
"""Half-width of the background's window, degrees. It halves the mean level of the 88 patterns of PV-Lab/autoXRD and
changes a simulated pattern, which has no background, by less than 0.5 % of its strongest peak."""

MIN_AVERAGING_RATIO = 1.5
"""A grid whose step exceeds that of the scan by more than this ratio gets the mean of the scan's points."""

NOMINAL_COUNTS = 10_000.0
"""Counts of the strongest point while the background is estimated, whatever the unit of the file."""

SMALLEST_ANGLE = 1e-6
"""Degrees; a scan may begin at 0."""

MIN_RELATIVE_SIGNAL = 1e-6
"""Share of the strongest point that must remain above the background. Rounding leaves about 1e-15 of it; how much
depends on the processor."""


def to_wavelength(two_theta: NDArray[np.float64], from_wavelength: float, wavelength: float) -> NDArray[np.float64]:
    """The angles at which the same lattice planes reflect another wavelength, by Bragg's law.

    Args:
        two_theta: Ascending angles, float64 (n,), degrees.
        from_wavelength: Wavelength of these angles, Å.
        wavelength: Wavelength of the result, Å.

    Returns:
        float64 (m,), degrees, ascending: the first m angles. The others have no counterpart, as their d is too small
        for the wavelength.
    """
    sine = np.sin(np.radians(two_theta / 2)) * (wavelength / from_wavelength)
    return np.asarray(np.degrees(2 * np.arcsin(sine[sine < 1])), dtype=np.float64)


def lorentz_polarisation(two_theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """The Lorentz-polarisation factor of an unpolarised beam: (1 + cos² 2θ) / (sin² θ cos θ).

    Args:
        two_theta: Angles between 0° and 180°, float64 (n,), degrees.
    """
    theta = np.radians(two_theta / 2)
    return np.asarray((1 + np.cos(2 * theta) ** 2) / (np.sin(theta) ** 2 * np.cos(theta)), dtype=np.float64)


def converted(
    two_theta: NDArray[np.float64], intensity: NDArray[np.float64], from_wavelength: float, wavelength: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A pattern as it would be at another wavelength.

    Angles are converted through d. Intensities are divided by the Lorentz-polarisation factor of the old angle and
    multiplied by that of the new one.

    Args:
        two_theta: Angles, float64 (n,), degrees, ascending.
        intensity: Intensities, float64 (n,).
        from_wavelength: Wavelength of these angles, Å.
        wavelength: Wavelength of the result, Å.

    Returns:
        two_theta: float64 (m,), degrees, ascending. Angles without a counterpart are left out.
        intensity: float64 (m,).
    """
    if from_wavelength == wavelength:
        return two_theta, intensity
    there = to_wavelength(two_theta, from_wavelength, wavelength)
    before, intensity = two_theta[: len(there)], intensity[: len(there)]
    # the factor is infinite at 0°
    positive = before > SMALLEST_ANGLE
    two_theta, before, intensity = there[positive], before[positive], intensity[positive]
    return two_theta, intensity * lorentz_polarisation(two_theta) / lorentz_polarisation(before)


def without_background(
    two_theta: NDArray[np.float64], intensity: NDArray[np.float64], grid: ProfileGrid
) -> NDArray[np.float64]:
    """A pattern on a grid, its background subtracted.

    Args:
        two_theta: float64 (n,), degrees, ascending.
        intensity: float64 (n,), in any unit.
        grid: Points of the result.

    Returns:
        float64 (points,), 0 or more, scaled so that the strongest point on the grid has `NOMINAL_COUNTS` before the
        subtraction; zero where the pattern has no angle.
    """
    # the window of the background has one width in 2θ, whatever the axis of the grid
    positions = np.linspace(grid.two_theta_min, grid.two_theta_max, grid.points)
    covered = (positions >= two_theta[0]) & (positions <= two_theta[-1]) if len(two_theta) else np.zeros(0, dtype=bool)
    values = np.zeros(len(positions))
    if covered.any():
        inside = averaged(positions[covered], two_theta, intensity)
        counts = inside * (NOMINAL_COUNTS / max(inside.max(), np.finfo(np.float64).tiny))
        values[covered] = counts - snip_background(counts, round(BACKGROUND_HALF_WIDTH / grid.step))
    return values if grid.axis == "two_theta" else averaged(grid.positions, positions, values)


def averaged(
    positions: NDArray[np.float64], two_theta: NDArray[np.float64], intensity: NDArray[np.float64]
) -> NDArray[np.float64]:
    """A pattern at other angles: its mean around each, or interpolated where its own points are as far apart.

    The mean uses every point, so that the noise of a fine scan decreases as its counts add up.

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
    return np.where(widths > MIN_AVERAGING_RATIO * steps, means, between)


def scan_on_grid(scan: Scan, grid: ProfileGrid, from_wavelength: float, wavelength: float) -> NDArray[np.float64]:
    """A scan on a model's grid, its background subtracted.

    A scan already has the peak widths of its instrument and is not smoothed. The result is zero where the scan has no
    angle.

    Args:
        scan: The scan.
        grid: Points of the profile.
        from_wavelength: Wavelength of the scan, Å.
        wavelength: Wavelength of the model's patterns, Å.

    Returns:
        float64 (points,), 0 or more.

    Raises:
        MaterialError: `no_intensity_in_range`: the scan has no point on the grid, or none above its background;
            `no_first_peak`: the axis of the grid starts at the first peak.
    """
    if grid.axis == "ln_q_ratio":
        msg = (
            "the axis of this model starts at the first peak of a pattern (profile.axis: ln_q_ratio), and noise hides "
            "that peak in a measured pattern; take a model with another axis"
        )
        raise MaterialError("no_first_peak", msg)
    two_theta, intensity = converted(scan.two_theta, scan.intensity, from_wavelength, wavelength)
    values = without_background(two_theta, intensity, grid)
    if values.max() <= MIN_RELATIVE_SIGNAL * NOMINAL_COUNTS:
        low, high = grid.two_theta_min, grid.two_theta_max
        if ((two_theta >= low) & (two_theta <= high)).any():
            msg = (
                f"nothing stands above the background of the pattern from {low:g}° to {high:g}°; expected at least one "
                "peak. Check that the intensities are those of the pattern."
            )
        else:
            msg = (
                f"the pattern has no point between {low:g}° and {high:g}° at the model's wavelength of "
                f"{wavelength:g} Å; it was measured at {from_wavelength:g} Å, from {scan.two_theta[0]:g}° to "
                f"{scan.two_theta[-1]:g}°. Are these Å and degrees of 2θ?"
            )
        raise MaterialError("no_intensity_in_range", msg)
    return values
