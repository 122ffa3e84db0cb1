"""Compiled: the peaks that a quadratic form predicts, the nearest to a position and their number."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from xrdsym.indexing.quadratic_forms import (
    CENTRINGS,
    CUBIC,
    CUBIC_SUMS,
    H_STEPS,
    HEXAGONAL,
    HEXAGONAL_BY_THREE,
    HEXAGONAL_SUMS,
    I_CENTRED,
    L_STEPS,
    MAX_INDEX,
    MAX_SUM,
    MONOCLINIC,
    MONOCLINIC_C,
    ORTHORHOMBIC,
    REFLECTION_SHARES,
    RHOMBOHEDRAL,
    TETRAGONAL,
    TETRAGONAL_SUMS,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.indexing.quadratic_forms import Vector4


@njit(cache=True, nogil=True, error_model="numpy")
def nearest_peak(form: int, g: Vector4, q: float) -> tuple[float, Vector4]:
    """The predicted peak nearest to a position.

    A peak that is much nearer than its neighbours is always found. Far from all peaks the result may be somewhat
    farther away than the nearest one.

    Args:
        form: Position in `FORMS`.
        g: Parameters of the form, Å⁻².
        q: The position, Å⁻².

    Returns:
        q minus the Q of the peak, Å⁻², infinite where g is not a cell; and the coefficients of g at the peak, so that
        Q is their dot product with g.
    """
    result: tuple[float, Vector4]
    if form == CUBIC:
        result = _nearest_cubic(g[0], q)
    elif form == RHOMBOHEDRAL:
        result = _nearest_rhombohedral(g[0], g[1], q)
    elif form == HEXAGONAL:
        result = _nearest_uniaxial(HEXAGONAL_SUMS, g[0], g[1], q)
    elif form == TETRAGONAL:
        result = _nearest_uniaxial(TETRAGONAL_SUMS, g[0], g[1], q)
    elif form < MONOCLINIC:
        result = _nearest_orthorhombic(g, q, CENTRINGS[form])
    else:
        result = _nearest_monoclinic(g, q, form == MONOCLINIC_C)
    return result


# The functions below are the innermost loop of every search. Indices are floats, and arrays and views are not passed
# around: conversions, stores and above all reference counting cost more than the arithmetic.


@njit(cache=True, nogil=True, error_model="numpy")
def _nearest_cubic(a: float, q: float) -> tuple[float, Vector4]:
    best, best_n = math.inf, 0.0
    if a * MAX_SUM > q:
        at = np.searchsorted(CUBIC_SUMS, q / a)
        for i in (at - 1, at):
            if 0 < i < len(CUBIC_SUMS) and abs(q - a * CUBIC_SUMS[i]) < abs(best):
                best, best_n = q - a * CUBIC_SUMS[i], CUBIC_SUMS[i]
    return best, (best_n, 0.0, 0.0, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _nearest_uniaxial(sums: NDArray[np.float64], a: float, c: float, q: float) -> tuple[float, Vector4]:
    best, distance, best_n, best_l = math.inf, math.inf, 0.0, 0.0
    if min(a * MAX_SUM, c * MAX_INDEX**2) > q:
        per_c = 1 / c
        for n in sums:
            rest = q - a * n
            if rest < -0.5 * c and rest < -distance:
                break
            l = np.floor(math.sqrt(max(rest, 0.0) * per_c) + 0.5)  # noqa: E741
            misfit = rest - c * l * l
            if abs(misfit) < distance and n + l > 0:
                best, distance, best_n, best_l = misfit, abs(misfit), n, l
    return best, (best_n, best_l * best_l, 0.0, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _nearest_rhombohedral(a: float, c: float, q: float) -> tuple[float, Vector4]:
    best, distance, best_n, best_l = math.inf, math.inf, 0.0, 0.0
    if min(a * MAX_SUM, c * MAX_INDEX**2) > q:
        per_c = 1 / c
        for i in range(len(HEXAGONAL_SUMS)):
            n = HEXAGONAL_SUMS[i]
            rest = q - a * n
            if rest < -0.5 * c and rest < -distance:
                break
            root = np.floor(math.sqrt(max(rest, 0.0) * per_c) + 0.5)
            other = root + 1 if rest > c * root * root else root - 1
            for l in (root, other):  # noqa: E741
                misfit = rest - c * l * l
                if abs(misfit) < distance and l >= 0 and n + l > 0 and HEXAGONAL_BY_THREE[i] == (int(l) % 3 == 0):
                    best, distance, best_n, best_l = misfit, abs(misfit), n, l
    return best, (best_n, best_l * best_l, 0.0, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _nearest_orthorhombic(g: Vector4, q: float, centring: int) -> tuple[float, Vector4]:
    a, b, c, _ = g
    best, distance, best_h, best_k, best_l = math.inf, math.inf, 0.0, 0.0, 0.0
    # refinement may flatten a cell so far that its indices never end
    if min(a, b, c) * MAX_INDEX**2 > q:
        limit = q + 0.5 * min(a, b, c)
        per_c = 1 / c
        h_step, l_step = H_STEPS[centring], L_STEPS[centring]
        k, k_odd = 0.0, 0.0
        while b * k * k <= limit:
            h = k_odd if h_step == 2 else 0.0
            # l has the parity of h + k in an I-centred cell and that of k in an F-centred one
            l_odd = k_odd if l_step == 2 else 0.0
            while b * k * k + a * h * h <= limit:
                rest = max(q - b * k * k - a * h * h, 0.0)
                l = l_step * np.floor((math.sqrt(rest * per_c) - l_odd) / l_step + 0.5) + l_odd  # noqa: E741
                misfit = q - (a * h * h + b * k * k + c * l * l)
                if abs(misfit) < distance and h + k + l > 0:
                    best, distance, best_h, best_k, best_l = misfit, abs(misfit), h, k, l
                h += h_step
                if centring == I_CENTRED:
                    l_odd = 1 - l_odd
            k += 1
            k_odd = 1 - k_odd
    return best, (best_h * best_h, best_k * best_k, best_l * best_l, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _nearest_monoclinic(g: Vector4, q: float, centred: bool) -> tuple[float, Vector4]:
    a, b, c, d = g
    best, distance, best_h, best_k, best_l = math.inf, math.inf, 0.0, 0.0, 0.0
    # coefficient of h² at the best real l: least * h² is the smallest Q that this h can have
    least = a - d * d / (4 * c)
    # refinement may flatten a cell so far that its indices never end
    if min(a, b, c, least) * MAX_INDEX**2 > q:
        limit = q + 0.5 * min(a, b, c)
        per_c = 1 / c
        shift = -0.5 * d * per_c
        k, k_odd = 0.0, 0.0
        while b * k * k <= limit:
            h = k_odd if centred else 0.0
            while b * k * k + least * h * h <= limit:
                width = math.sqrt(max(q - b * k * k - least * h * h, 0.0) * per_c)
                # for h = 0, l and -l are the same peak
                for side in (width, -width) if h > 0 else (width, width):
                    l = np.floor(shift * h + side + 0.5)  # noqa: E741
                    misfit = q - (a * h * h + b * k * k + c * l * l + d * h * l)
                    if abs(misfit) < distance and (h > 0 or k + l > 0):
                        best, distance, best_h, best_k, best_l = misfit, abs(misfit), h, k, l
                h += 2 if centred else 1
            k += 1
            k_odd = 1 - k_odd
    return best, (best_h * best_h, best_k * best_k, best_l * best_l, best_h * best_l)


@njit(cache=True, nogil=True, error_model="numpy")
def expected_peaks(form: int, g: Vector4, q: float) -> float:
    """About how many peaks a form predicts up to a position.

    The number of lattice points in the sphere of radius √q, divided by the multiplicity of a general reflection.
    Special reflections have a smaller multiplicity; a surface term corrects for them.

    Args:
        form: Position in `FORMS`.
        g: Parameters of the form, Å⁻².
        q: The position, Å⁻².

    Returns:
        The number, infinite where g is not a cell.
    """
    a, b, c, d = g
    sphere = 4 / 3 * math.pi * q * math.sqrt(q)
    count: float = math.inf
    if form == CUBIC:
        # five of six whole numbers are sums of three squares
        count = q / a * 5 / 6 if a > 0 else math.inf
    elif form < ORTHORHOMBIC:
        if min(a, b) > 0:
            area = a if form == TETRAGONAL else a * math.sqrt(0.75)
            multiplicity = 16 if form == TETRAGONAL else 24
            count = (sphere / math.sqrt(b) + math.pi * q) / (area * multiplicity) + 0.6 * q / math.sqrt(a * b)
            # 3 divides both n and l, or neither: 1/3 · 1/3 + 2/3 · 2/3 of them
            count *= 5 / 9 if form == RHOMBOHEDRAL else 1
    elif form < MONOCLINIC:
        if min(a, b, c) > 0:
            volume = math.sqrt(a * b * c)
            surface = (math.sqrt(a) + math.sqrt(b) + math.sqrt(c)) * math.pi * q
            count = REFLECTION_SHARES[CENTRINGS[form]] * (sphere + surface) / (8 * volume)
    else:
        zone = a * c - 0.25 * d * d
        if min(a, b, c, zone) > 0:
            root = math.sqrt(zone)
            count = REFLECTION_SHARES[CENTRINGS[form]] * (sphere / math.sqrt(b) + math.pi * q) / (4 * root)
    return count
