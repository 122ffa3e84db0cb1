"""All effects on one pattern: from a structure to what a model would see of a sample in an instrument."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.augmentation.background_noise import amorphous_hump, gaussian_noise, poisson_noise, smooth_background
from xrdsym.augmentation.peak_changes import ELIMINATED_BLOCKS, SCALED_BLOCKS, displaced, doubled, in_blocks
from xrdsym.augmentation.peak_shapes import add_peaks
from xrdsym.augmentation.peak_widths import FWHM, instrument_width, size_width, strain_width
from xrdsym.augmentation.strain import strained
from xrdsym.diffraction.peaks import simulate_peaks
from xrdsym.diffraction.profile_grid import ProfileGrid
from xrdsym.diffraction.sample import Sample
from xrdsym.diffraction.scattering import doublet, wavelength
from xrdsym.diffraction.smoothing import smoothed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.augmentation.parameters import EffectsParams, Interval
    from xrdsym.crystal.structure_table import CrystalStructure

MARGIN = 1.0
"""Degrees beyond the last angle within which peaks are simulated where they may move into the range."""
LOGARITHMIC = ("counts", "noise")
"""Effects whose ranges are drawn from evenly in the logarithm."""
ORDER = 6
"""Of the background's polynomial."""
HALO_SPACING = (3.0, 5.0)
"""d at the amorphous hump's highest point, Å: silica has 4.1."""
HALO_WIDTH = (0.2, 0.5)
"""Its full width at half maximum, of its angle."""
DIRECTIONS = np.array([hkl for hkl in itertools.product((1, 0, -1), repeat=3) if hkl > (0, 0, 0)], dtype=np.float64)
"""The 13 directions h k l with indices up to 1: plates and needles lie along such."""


@dataclass(frozen=True)
class Setting:
    """What the pattern is simulated with and drawn on.

    Attributes:
        radiation: A name, or a wavelength in Å.
        two_theta_max: Last angle that is simulated, degrees.
        grid: The points.
        sigma: Standard deviation of the peaks where nothing else gives them a width, grid points.
    """

    radiation: str | float
    two_theta_max: float
    grid: ProfileGrid
    sigma: float

    @property
    def wavelength(self) -> float:
        """Å."""
        return wavelength(self.radiation)


def apply(
    structure: CrystalStructure,
    rotations: NDArray[np.integer] | None,
    effects: EffectsParams,
    setting: Setting,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """One draw of the pattern of a structure, before the division by the maximum and the intensity scale.

    Args:
        structure: The structure.
        rotations: The rotations of its space group in fractional coordinates, int (m, 3, 3); needed for strain alone.
        effects: What is drawn, and from which ranges; where all are off, the result is the plain pattern.
        setting: Radiation and points.
        rng: Source of all draws.

    Returns:
        float64 (points,), 0 or more; all zero where no peak lies on the grid.

    Raises:
        SimulationError: The structure has no peaks.
    """
    if effects.strain and rotations is not None:
        structure = strained(structure, rotations, effects.strain, rng)
    moving = effects.zero_shift or effects.displacement or effects.kalpha2
    last = min(setting.two_theta_max + MARGIN, 180.0) if moving else setting.two_theta_max
    peaks = simulate_peaks(structure, setting.wavelength, (0.0, last), _sample(effects, rng))
    two_theta, intensity = _changed(peaks.two_theta, peaks.intensity, effects, setting, rng)
    values, angles = _drawn(two_theta, intensity, effects, setting, rng)
    if not values.any():
        return values
    return _measured(values / values.max(), angles, effects, setting, rng)


def drawn_from(interval: Interval, rng: np.random.Generator, *, logarithmic: bool = False) -> float:
    """A value from a range, evenly drawn, or evenly in its logarithm."""
    if logarithmic:
        return math.exp(rng.uniform(math.log(interval[0]), math.log(interval[1])))
    return float(rng.uniform(*interval))


def _sample(effects: EffectsParams, rng: np.random.Generator) -> Sample | None:
    if not (effects.debye_waller or effects.preferred_orientation):
        return None
    vibration = drawn_from(effects.debye_waller, rng) if effects.debye_waller else 0.0
    direction = DIRECTIONS[rng.integers(len(DIRECTIONS))]
    return Sample(
        vibration, direction, drawn_from(effects.preferred_orientation, rng) if effects.preferred_orientation else 1.0
    )


def _changed(
    two_theta: NDArray[np.float64],
    intensity: NDArray[np.float64],
    effects: EffectsParams,
    setting: Setting,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The peaks after what scales, removes, doubles and moves them."""
    span = (setting.grid.two_theta_min, setting.grid.two_theta_max)
    if effects.peak_scaling:
        intensity = in_blocks(two_theta, intensity, rng.uniform(*effects.peak_scaling, SCALED_BLOCKS), span)
    if effects.peak_elimination:
        kept = rng.random(ELIMINATED_BLOCKS) >= effects.peak_elimination
        intensity = in_blocks(two_theta, intensity, kept.astype(np.float64), span)
    if effects.kalpha2:
        two_theta, intensity = doubled(two_theta, intensity, setting.wavelength, doublet(setting.radiation))
    if effects.displacement:
        two_theta = displaced(two_theta, drawn_from(effects.displacement, rng))
    if effects.zero_shift:
        two_theta = two_theta + drawn_from(effects.zero_shift, rng)
    there = (two_theta > 0) & (two_theta < 180) & (intensity > 0)
    return two_theta[there], intensity[there]


def _drawn(
    two_theta: NDArray[np.float64],
    intensity: NDArray[np.float64],
    effects: EffectsParams,
    setting: Setting,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The profile of peaks, and the 2θ of its points, which `ln_q_ratio` moves.

    Where an effect gives widths, they are widths in 2θ as in a measured pattern, whatever the axis; the instrument has
    a Gaussian, that of Caglioti or that of `sigma`, and the sample a Lorentzian.
    """
    grid, ends = setting.grid, np.array([0, len(two_theta)], dtype=np.int64)
    # float32 as the peaks table has them, so that the first peak of `ln_q_ratio` is the same
    shifts = np.atleast_1d(grid.shifts(ends, two_theta, intensity.astype(np.float32)))
    angles = grid.angles(float(shifts[0]) if len(shifts) else 0.0)
    if not (effects.crystallite_size or effects.microstrain or effects.caglioti):
        return next(smoothed(ends, two_theta, intensity.astype(np.float32), grid, setting.sigma)), angles
    gaussian = np.full(len(two_theta), FWHM * setting.sigma * grid.step)
    if effects.caglioti:
        gaussian = instrument_width(two_theta, *(drawn_from(one, rng) for one in effects.caglioti))
    lorentzian = np.zeros(len(two_theta))
    if effects.crystallite_size:
        lorentzian += size_width(two_theta, drawn_from(effects.crystallite_size, rng), setting.wavelength)
    if effects.microstrain:
        lorentzian += strain_width(two_theta, drawn_from(effects.microstrain, rng))
    values = np.zeros(grid.points)
    if np.any((two_theta >= angles[0]) & (two_theta <= angles[-1])):
        add_peaks(angles, two_theta, intensity * grid.step, gaussian, lorentzian, values)
    return values, angles


def _measured(
    values: NDArray[np.float64],
    angles: NDArray[np.float64],
    effects: EffectsParams,
    setting: Setting,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """The profile, its maximum 1, with what lies below it and with the noise of counting."""
    if effects.background:
        height = drawn_from(effects.background, rng)
        coefficients = rng.standard_normal(ORDER + 1) / np.arange(1, ORDER + 2)
        slope = rng.random()
        values = values + height * (1 - slope + slope * smooth_background(angles, coefficients))
    if effects.amorphous:
        height = drawn_from(effects.amorphous, rng)
        sine = min(setting.wavelength / (2 * drawn_from(HALO_SPACING, rng)), 1.0)
        centre = math.degrees(2 * math.asin(sine))
        values = values + height * amorphous_hump(angles, centre, centre * drawn_from(HALO_WIDTH, rng))
    if effects.counts:
        values = poisson_noise(values, drawn_from(effects.counts, rng, logarithmic=True), rng)
    if effects.noise:
        values = gaussian_noise(values, drawn_from(effects.noise, rng, logarithmic=True), rng)
    return values
