"""Effects on the sample: vibrating atoms, crystals that lie along a direction."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.augmentation.setting import Draw, Interval
    from xrdsym.diffraction.sample import Sample

DIRECTIONS = np.array([hkl for hkl in itertools.product((1, 0, -1), repeat=3) if hkl > (0, 0, 0)], dtype=np.float64)
"""The 13 directions h k l with indices up to 1: plates and needles lie along such."""


def vibrating(_: Sample | None, interval: Interval, draw: Draw) -> Sample:
    """A sample whose atoms vibrate; B is drawn from a range, Å²."""
    from xrdsym.diffraction.sample import Sample

    vibration = draw.value(interval)
    # drawn with B, whether crystals lie along it or not: a seed gives the patterns that models were trained on
    return Sample(vibration, _direction(draw.rng), 1.0)


def oriented(sample: Sample | None, interval: Interval, draw: Draw) -> Sample:
    """A sample whose crystals lie along a random direction; r of March and Dollase is drawn from a range."""
    from xrdsym.diffraction.sample import Sample

    known = sample or Sample(0.0, _direction(draw.rng), 1.0)
    return known._replace(march_dollase=draw.value(interval))


def _direction(rng: np.random.Generator) -> NDArray[np.float64]:
    return np.asarray(DIRECTIONS[rng.integers(len(DIRECTIONS))])
