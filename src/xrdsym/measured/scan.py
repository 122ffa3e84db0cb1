"""One measured pattern in memory."""

from __future__ import annotations

from dataclasses import InitVar, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xrdsym.common.errors import MaterialError
from xrdsym.measured.axis import refuse_other_axis, refuse_short_wavelength
from xrdsym.measured.wavelength import measured_wavelength

MIN_POINTS = 50
"""A shorter list is a list of peaks or a fragment of a scan; interpolating it would invent a pattern."""

MAX_INTENSITY = 1e30
"""A larger number marks a missing value."""

MIN_INTENSITY = 1e-30
"""A pattern whose strongest point is lower has none: its numbers have lost their digits."""

MAX_STEP = 0.5
"""Degrees. Peaks are narrower, so that points further apart are a list of peaks."""

STEP_TOLERANCE = 0.1
"""By how much, relative to the longer one, two neighbouring steps of a scan may differ, beyond the rounding of its
angles."""

MIN_EVEN_SHARE = 0.8
"""Share of the steps of a scan that are like the step before. The patterns of RRUFF and of laboratories have 1.0, the
peaks of 210 structures of the Materials Project at most 0.7."""

MOST_DECIMALS = 4
"""Angles with more decimals are taken as not rounded."""


@dataclass(frozen=True, eq=False)
class Scan:
    """One measured pattern: many points at even steps, with background and noise.

    Angles may come in any order; repeated ones are averaged, values that are not finite are left out. Negative
    intensities, which the subtraction of a background leaves in the noise, become zero.

    Lists and other sequences of numbers become arrays. The wavelength may be given by the name of a radiation, such as
    `CuKa`, or as text with its unit.

    Attributes:
        two_theta: Angles, float64 (n,), degrees, strictly ascending.
        intensity: Intensities, float64 (n,), 0 or more, in the units of the file.
        wavelength: Wavelength, Å, or None where the file does not give it.

    Raises:
        MaterialError: `too_few_points`, `angles_out_of_range` (0° to 180°), `no_intensity` above zero, `peak_list`
            where the angles are not those of a scan, `other_axis` where they are rather q or d, or `unreadable` where
            the arrays differ in shape or hold anything but numbers.
        UsageError: The wavelength is none of X-ray diffraction.
    """

    two_theta: NDArray[np.float64]
    intensity: NDArray[np.float64]
    wavelength: float | None = None
    name: InitVar[str] = "the scan"
    """Of the pattern, in error messages."""
    axis_known: InitVar[bool] = False
    """Whether the angles are certainly 2θ; otherwise those whose range is that of q or d are refused."""
    wavelength_known: InitVar[bool] = False
    """Whether the wavelength is certainly in Å; otherwise a number that is rather in nm is refused."""

    def __post_init__(self, name: str, axis_known: bool, wavelength_known: bool) -> None:
        # the class is frozen for everyone else
        given: object = self.wavelength
        if self.wavelength is not None and not wavelength_known:
            object.__setattr__(self, "wavelength", measured_wavelength(self.wavelength))
        two_theta, intensity = _checked(self.two_theta, self.intensity, name)
        if self.wavelength is not None and not wavelength_known and not isinstance(given, str):
            refuse_short_wavelength(two_theta, self.wavelength, name)
        if not axis_known:
            refuse_other_axis(two_theta, self.wavelength, name)
        object.__setattr__(self, "two_theta", two_theta)
        object.__setattr__(self, "intensity", intensity)


def _numbers(values: ArrayLike, what: str, name: str) -> NDArray[np.float64]:
    """An array of numbers; those that a mask hides are NaN."""
    reason: object
    try:
        # a mask is lost by asarray; integers have no NaN
        hidden = np.asarray(getattr(values, "mask", False))
        array = np.asarray(values)
        array = np.where(hidden, np.nan, array) if hidden.any() else array
        if array.dtype.kind in "fiubOSU":
            return array.astype(np.float64)
        reason = f"of type {array.dtype}"
    except (TypeError, ValueError, OverflowError) as error:
        reason = error
    msg = f"{name} has {what} that are no numbers ({reason}); expected an array or a list of numbers."
    raise MaterialError("unreadable", " ".join(msg.split()))


def _checked(two_theta: ArrayLike, intensity: ArrayLike, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The angles and intensities of a scan: ascending, averaged, finite."""
    two_theta, intensity = _numbers(two_theta, "angles", name), _numbers(intensity, "intensities", name)
    if two_theta.ndim != 1 or two_theta.shape != intensity.shape:
        msg = (
            f"{name} has angles of shape {two_theta.shape} and intensities of shape {intensity.shape}; expected two "
            "one-dimensional arrays of equal length."
        )
        raise MaterialError("unreadable", msg)
    finite = np.isfinite(two_theta) & (np.abs(intensity) < MAX_INTENSITY)
    given, counts = two_theta[finite], intensity[finite]
    angles, position = np.unique(given, return_inverse=True)
    if len(angles) < MIN_POINTS:
        msg = (
            f"{name} has {len(angles)} different angles; a measured pattern needs {MIN_POINTS} or more. If this is a "
            "list of peaks, predict from the structure."
        )
        raise MaterialError("too_few_points", msg)
    if angles[0] < 0 or angles[-1] >= 180:
        msg = f"{name} has angles from {angles[0]:g} to {angles[-1]:g}; expected 2θ in degrees, between 0 and 180."
        raise MaterialError("angles_out_of_range", msg)
    _refuse_peak_list(given, angles, name)
    means = np.maximum(np.bincount(position, weights=counts) / np.bincount(position), 0.0)
    if means.max() < MIN_INTENSITY:
        above = "zero" if not means.any() else f"{MIN_INTENSITY:g}"
        msg = f"{name} has no intensity above {above}; expected counts or relative intensities."
        raise MaterialError("no_intensity", msg)
    return angles, means


def _refuse_peak_list(given: NDArray[np.float64], angles: NDArray[np.float64], name: str) -> None:
    """Refuse angles that are those of peaks, as `simulate` returns them.

    Args:
        given: The angles in the order of the file, which may hold several overlapping ranges, float64 (n,), degrees.
        angles: The different angles, ascending, float64 (m,), degrees.
        name: Name of the pattern in the error message.
    """
    steps = np.diff(angles)
    even = max(_even_share(given), _even_share(angles))
    if even >= MIN_EVEN_SHARE and np.median(steps) <= MAX_STEP:
        return
    low, high = np.percentile(steps, (10, 90))
    msg = (
        f"{name} has {len(angles)} angles that lie {low:.2g}° to {high:.2g}° apart: a list of peaks? Expected a "
        f"measured pattern, with even steps of at most {MAX_STEP:g}°. Predict from the structure, or give the scan "
        "that the peaks were found in."
    )
    raise MaterialError("peak_list", msg)


def _even_share(angles: NDArray[np.float64]) -> float:
    """The share of steps that are like the step before them; a step back begins another range."""
    # of five digits, 9.998 has three decimals and 10.02 has two
    scaled = [angles * 10.0**place for place in range(MOST_DECIMALS + 1)]
    whole = [float(np.isclose(values, np.rint(values), rtol=0, atol=1e-6).mean()) for values in scaled]
    decimals = next((place for place, share in enumerate(whole) if share > 0.5), None)
    rounding = 0.0 if decimals is None else 1.01 * 10.0**-decimals
    steps = np.diff(angles)
    before, after = steps[:-1], steps[1:]
    forward = (before > 0) & (after > 0)
    if not forward.any():
        return 0.0
    tolerance = STEP_TOLERANCE * np.maximum(before, after) + rounding
    return float((np.abs(after - before) <= tolerance)[forward].mean())
