"""Compiled: effects of atomic vibration and preferred orientation on each reflection."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from numba import njit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Sample(NamedTuple):
    """How a sample differs from an ideal powder at rest.

    Attributes:
        debye_waller: B of all atoms, Å². It multiplies intensities by exp(−2 B s²) with s = sin θ / λ; 0 has no effect.
        direction: Indices h, k, l of the lattice planes that crystals turn to the surface, float64 (3,), not all 0.
        march_dollase: r of the March-Dollase function (W. A. Dollase, J. Appl. Cryst. 19, 267 (1986)): below 1 for
            plates, above 1 for needles, 1 for no preferred orientation. It multiplies the intensity of a reflection
            at the angle α to `direction` by (r² cos² α + sin² α / r)^(−3/2).
    """

    debye_waller: float
    direction: NDArray[np.float64]
    march_dollase: float


@njit(cache=True, nogil=True, error_model="numpy")
def apply_sample(
    amplitudes: NDArray[np.float64],
    rows: NDArray[np.float64],
    columns: NDArray[np.int64],
    order: NDArray[np.intp],
    sample: Sample,
) -> None:
    """Multiply structure factors by the square root of each factor that `sample` applies to intensities.

    All symmetry-equivalent reflections are in `columns`, so their sum averages over equivalent directions.

    Args:
        amplitudes: Structure factors, float64 (2, reflections), overwritten.
        rows: The cell as `reflections.cell_frame` returns it, float64 (3, 3), Å.
        columns: The reflections as `reflections.half_space_columns` returns them, int64 (columns, 5).
        order: The order of the axes, intp (3,).
        sample: Vibration of the atoms and preferred orientation.
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
