"""Effects on peaks: some stronger, some gone, all of them moved or doubled."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.diffraction.scattering import doublet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.augmentation.setting import Draw, Interval, Setting
    from xrdsym.diffraction.peaks import Peaks

SCALED_BLOCKS = 100
"""Blocks of the range that have one random factor each. Oviedo et al. (see `in_blocks`) took 100 for simulated patterns
and 200 for measured ones."""
ELIMINATED_BLOCKS = 300
"""Blocks of the range that are kept or left empty."""
GONIOMETER_RADIUS = 200.0
"""From the sample to the detector, mm: laboratory diffractometers have 150 to 250."""
KALPHA2_SHARE = 1 / 3
"""Of the doublet's intensity: Kα1 is twice as strong."""


def scaled(peaks: Peaks, interval: Interval, draw: Draw) -> Peaks:
    """Peaks with a factor on each of `SCALED_BLOCKS` blocks, every factor drawn from a range."""
    factors = draw.rng.uniform(*interval, SCALED_BLOCKS)
    return replace(peaks, intensity=in_blocks(peaks.two_theta, peaks.intensity, factors, _span(draw.setting)))


def thinned(peaks: Peaks, probability: float, draw: Draw) -> Peaks:
    """Peaks without those of some of `ELIMINATED_BLOCKS` blocks, each of which is missing with a probability."""
    kept = (draw.rng.random(ELIMINATED_BLOCKS) >= probability).astype(np.float64)
    return replace(peaks, intensity=in_blocks(peaks.two_theta, peaks.intensity, kept, _span(draw.setting)))


def with_kalpha2(peaks: Peaks, _: bool, draw: Draw) -> Peaks:
    """Each peak as a doublet of Kα1 and Kα2.

    Raises:
        UsageError: The radiation is no Kα line by its name.
    """
    setting = draw.setting
    two_theta, intensity = doubled(peaks.two_theta, peaks.intensity, setting.wavelength, doublet(setting.radiation))
    return replace(peaks, two_theta=two_theta, intensity=intensity)


def off_axis(peaks: Peaks, interval: Interval, draw: Draw) -> Peaks:
    """Peaks of a sample off the axis of the goniometer; the displacement is drawn from a range, mm."""
    return replace(peaks, two_theta=displaced(peaks.two_theta, draw.value(interval)))


def shifted(peaks: Peaks, interval: Interval, draw: Draw) -> Peaks:
    """Peaks that are all moved by an angle, drawn from a range, degrees."""
    return replace(peaks, two_theta=peaks.two_theta + draw.value(interval))


def _span(setting: Setting) -> tuple[float, float]:
    return setting.grid.two_theta_min, setting.grid.two_theta_max


def in_blocks(
    two_theta: NDArray[np.float64],
    intensity: NDArray[np.float64],
    factors: NDArray[np.float64],
    two_theta_range: tuple[float, float],
) -> NDArray[np.float64]:
    """Peaks made stronger or weaker block by block, as texture may do: random scaling, and with zeros, elimination.

    F. Oviedo et al., npj Comput. Mater. 5, 60 (2019): factors from 0 to 1 in one set of blocks, and 0 for every third
    block of another one. There the blocks cut through peaks; here each peak is scaled as a whole.

    Args:
        two_theta: float64 (peaks,), degrees.
        intensity: float64 (peaks,).
        factors: The factor of each block, float64 (blocks,).
        two_theta_range: What is divided into blocks of one width, degrees; peaks outside belong to the outermost ones.

    Returns:
        Intensities, float64 (peaks,).
    """
    low, high = two_theta_range
    blocks = np.floor((two_theta - low) / (high - low) * len(factors)).astype(np.int64)
    return np.asarray(intensity * factors[np.clip(blocks, 0, len(factors) - 1)])


def displaced(two_theta: NDArray[np.float64], height: float, radius: float = GONIOMETER_RADIUS) -> NDArray[np.float64]:
    """The peaks of a sample that lies off the axis of the goniometer: Δ2θ = −2 s cos θ / R.

    H. P. Klug and L. E. Alexander, X-Ray Diffraction Procedures (1974). 0.1 mm move a peak at 30° by 0.055°;
    N. J. Szymanski et al., Chem. Mater. 33, 4204 (2021) take shifts up to 0.5°.

    Args:
        two_theta: float64 (peaks,), degrees.
        height: s, mm; positive where the sample lies too low, which moves peaks to lower angles.
        radius: R, mm.

    Returns:
        Angles, float64 (peaks,), degrees.
    """
    return np.asarray(two_theta - math.degrees(2 * height / radius) * np.cos(np.radians(two_theta / 2)))


def doubled(
    two_theta: NDArray[np.float64], intensity: NDArray[np.float64], wavelength: float, lines: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each peak as that of Kα1 and that of Kα2, half as strong, at their angles by Bragg's law.

    Args:
        two_theta: float64 (peaks,), degrees.
        intensity: float64 (peaks,).
        wavelength: What the angles belong to, Å.
        lines: The wavelengths of Kα1 and Kα2, Å (`diffraction.scattering.doublet`).

    Returns:
        two_theta: float64 (m,), degrees, ascending: m ≤ 2 peaks, as a line may have no angle any more.
        intensity: float64 (m,); the sum over both lines is what it was.
    """
    sine = np.concatenate([np.sin(np.radians(two_theta / 2)) * (line / wavelength) for line in lines])
    heights = np.concatenate([intensity * (1 - KALPHA2_SHARE), intensity * KALPHA2_SHARE])
    there = np.flatnonzero(sine < 1)
    order = there[np.argsort(sine[there], kind="stable")]
    return np.degrees(2 * np.arcsin(sine[order])), heights[order]
