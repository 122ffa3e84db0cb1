"""Compiled: what the atoms' vibration and the crystals' preferred orientation do to each reflection."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from numba import njit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Sample(NamedTuple):
    """What makes the reflections of a sample stronger or weaker than those of an ideal powder at rest.

    Attributes:
        debye_waller: B of all atoms, Å²: a reflection is weakened by exp(−2 B s²) with s = sin θ / λ; 0 leaves it.
        direction: Indices h, k, l of the lattice planes that crystals turn to the surface, float64 (3,), not all 0.
        march_dollase: r of March and Dollase: below 1 for plates, above 1 for needles, 1 for no preference. A
            reflection at the angle α to `direction` has the weight (r² cos² α + sin² α / r)^(−3/2).
    """

    debye_waller: float
    direction: NDArray[np.float64]
    march_dollase: float


@njit(cache=True, nogil=True, error_model="numpy")
def weigh(
    amplitudes: NDArray[np.float64],
    rows: NDArray[np.float64],
    columns: NDArray[np.int64],
    order: NDArray[np.intp],
    sample: Sample,
) -> None:
    """Multiply structure factors by the square roots of what `sample` does to intensities.

    Symmetry-equivalent reflections are all there, so their sum is the mean over equivalent directions by itself.

    Args:
        amplitudes: Structure factors, float64 (2, reflections), overwritten.
        rows: The cell as a lower triangle, its axes in `order`, float64 (3, 3), Å.
        columns: The reflections as the kernel has them.
        order: The order of the axes (3,).
        sample: What weighs the reflections.
    """
    h, k, l_ = sample.direction[order[0]], sample.direction[order[1]], sample.direction[order[2]]
    u = h / rows[0, 0]
    v = (k - rows[1, 0] * u) / rows[1, 1]
    w = (l_ - rows[2, 0] * u - rows[2, 1] * v) / rows[2, 2]
    length = math.sqrt(u * u + v * v + w * w)
    u, v, w = u / length, v / length, w / length
    r = sample.march_dollase
    for column in range(len(columns)):
        h_, k_, l_first, l_end, offset = columns[column]
        x = h_ / rows[0, 0]
        y = (k_ - rows[1, 0] * x) / rows[1, 1]
        l_centre = rows[2, 0] * x + rows[2, 1] * y
        for i in range(l_end - l_first):
            z = (l_first + i - l_centre) / rows[2, 2]
            squared = x * x + y * y + z * z
            along = (u * x + v * y + w * z) ** 2 / squared
            weight = math.exp(-0.25 * sample.debye_waller * squared)
            weight *= (r * r * along + (1.0 - along) / r) ** -0.75
            amplitudes[0, offset + i] *= weight
            amplitudes[1, offset + i] *= weight
