"""All effects on one pattern: from a structure to what a model would see of a sample in an instrument."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.augmentation.effects import EFFECTS
from xrdsym.augmentation.peak_shapes import add_peaks
from xrdsym.augmentation.peak_widths import FWHM
from xrdsym.augmentation.setting import Draw, PeakWidths, Profile
from xrdsym.diffraction.peaks import Peaks, simulate_peaks
from xrdsym.diffraction.smoothing import smoothed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.augmentation.effects import Where
    from xrdsym.augmentation.parameters import EffectsParams
    from xrdsym.augmentation.setting import Setting
    from xrdsym.crystal.structure_table import CrystalStructure

MARGIN = 1.0
"""Degrees beyond the last angle within which peaks are simulated where they may move into the range."""


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
        effects: Which effects are on, and their ranges; where all are off, the result is the plain pattern.
        setting: Radiation and points.
        rng: Source of all draws.

    Returns:
        float64 (points,), 0 or more; all zero where no peak lies on the grid.

    Raises:
        SimulationError: The structure has no peaks.
    """
    chain = _Chain(effects, setting, rotations, rng)
    structure = chain.after("structure", structure)
    last = min(setting.two_theta_max + MARGIN, 180.0) if effects.move_peaks else setting.two_theta_max
    sample = chain.after("sample", None)
    peaks: Peaks = chain.after("peaks", simulate_peaks(structure, setting.wavelength, (0.0, last), sample))
    there = (peaks.two_theta > 0) & (peaks.two_theta < 180) & (peaks.intensity > 0)
    profile = chain.profile(Peaks(peaks.two_theta[there], peaks.intensity[there]))
    if not profile.values.any():
        return profile.values
    profile = profile._replace(values=profile.values / profile.values.max())
    seen: Profile = chain.after("noise", chain.after("background", profile))
    return seen.values


class _Chain:
    """The effects that are on, with the source of their random numbers.

    Args:
        effects: Which are on.
        setting: Radiation and points.
        rotations: Of the space group.
        rng: Source of all draws.
    """

    def __init__(
        self,
        effects: EffectsParams,
        setting: Setting,
        rotations: NDArray[np.integer] | None,
        rng: np.random.Generator,
    ) -> None:
        self._on = [(EFFECTS[name], getattr(effects, name)) for name in effects.on]
        self._setting = setting
        self._draw = Draw(setting, rng, rotations, logarithmic=False)

    def after(self, where: Where, state: Any) -> Any:  # noqa: ANN401 - what effects of this kind change
        """What the effects of one kind make of it, one after the other."""
        for effect, value in self._on:
            if effect.where == where:
                state = effect.apply(state, value, replace(self._draw, logarithmic=effect.logarithmic))
        return state

    def profile(self, peaks: Peaks) -> Profile:
        """The profile of peaks, and the 2θ of its points, which `ln_q_ratio` moves.

        Where an effect gives widths, they are widths in 2θ as in a measured pattern, whatever the axis; the instrument
        has a Gaussian, that of Caglioti or that of `sigma`, and the sample a Lorentzian.
        """
        two_theta, intensity = peaks.two_theta, peaks.intensity
        grid, ends = self._setting.grid, np.array([0, len(two_theta)], dtype=np.int64)
        # float32 as the peaks table has them, so that the first peak of `ln_q_ratio` is the same
        shifts = np.atleast_1d(grid.shifts(ends, two_theta, intensity.astype(np.float32)))
        angles = grid.angles(float(shifts[0]) if len(shifts) else 0.0)
        if not any(effect.where == "widths" for effect, _ in self._on):
            values = next(smoothed(ends, two_theta, intensity.astype(np.float32), grid, self._setting.sigma))
            return Profile(angles, values)
        gaussian = np.full(len(two_theta), FWHM * self._setting.sigma * grid.step)
        widths: PeakWidths = self.after("widths", PeakWidths(two_theta, gaussian, np.zeros(len(two_theta))))
        values = np.zeros(grid.points)
        if np.any((two_theta >= angles[0]) & (two_theta <= angles[-1])):
            add_peaks(angles, two_theta, intensity * grid.step, widths.gaussian, widths.lorentzian, values)
        return Profile(angles, values)
