"""Compiled: the X-ray form factor of an element (M. De Graef and M. E. McHenry, Structure of Materials, chapter 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORM_FACTOR_SCALE = 41.78214
# Numba may reorder sums so that they fill vector registers; the rules about infinities and NaN stay.
SUMS = {"reassoc", "contract", "nsz"}


@njit(cache=True, nogil=True, error_model="numpy", fastmath=SUMS)
def _decay(x: float) -> float:
    """exp(−x) for x ≥ 0 to 1e-13, in plain arithmetic that compiles to vector instructions.

    This is the Taylor series of exp(−x / 256), squared eight times. x is limited to 64, as exp(−64) is negligible.
    """
    y = min(x, 64.0) * (1.0 / 256.0)
    series = 1.0 - y * (1.0 / 8.0)
    series = 1.0 - y * (1.0 / 7.0) * series
    series = 1.0 - y * (1.0 / 6.0) * series
    series = 1.0 - y * (1.0 / 5.0) * series
    series = 1.0 - y * (1.0 / 4.0) * series
    series = 1.0 - y * (1.0 / 3.0) * series
    series = 1.0 - y * (1.0 / 2.0) * series
    series = 1.0 - y * series
    series *= series
    series *= series
    series *= series
    series *= series
    series *= series
    series *= series
    series *= series
    return series * series


@njit(cache=True, nogil=True, error_model="numpy", fastmath=SUMS)
def form_factors(squared: NDArray[np.float64], parameters: NDArray[np.float64]) -> NDArray[np.float64]:
    """The form factor of an element, in electrons.

    Args:
        squared: |g|² (n,), Å⁻²; s = sin θ / λ is |g| / 2.
        parameters: Z, the four aᵢ and the four bᵢ, float64 (9,).

    Returns:
        float64 (n,).
    """
    z, a0, a1, a2, a3 = parameters[0], parameters[1], parameters[2], parameters[3], parameters[4]
    b0, b1, b2, b3 = parameters[5], parameters[6], parameters[7], parameters[8]
    result = np.empty(len(squared))
    for i in range(len(squared)):
        s2 = 0.25 * squared[i]
        total = a0 * _decay(b0 * s2) + a1 * _decay(b1 * s2) + a2 * _decay(b2 * s2) + a3 * _decay(b3 * s2)
        result[i] = z - FORM_FACTOR_SCALE * s2 * total
    return result
