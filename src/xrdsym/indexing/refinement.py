"""Compiled: recursive least squares for the parameters of a cell, one peak at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

if TYPE_CHECKING:
    from xrdsym.indexing.quadratic_forms import Vector4

    Symmetric4 = tuple[float, float, float, float, float, float, float, float, float, float]
    """The upper triangle of a symmetric 4 × 4 matrix, row by row."""


@njit(cache=True, nogil=True, error_model="numpy")
def diagonal(errors: Vector4) -> Symmetric4:
    """The covariance of independent parameters with these standard errors."""
    e0, e1, e2, e3 = errors
    return e0 * e0, 0.0, 0.0, 0.0, e1 * e1, 0.0, 0.0, e2 * e2, 0.0, e3 * e3


@njit(cache=True, nogil=True, error_model="numpy")
def times(matrix: Symmetric4, vector: Vector4) -> Vector4:
    """The product of a symmetric matrix and a vector."""
    aa, ab, ac, ad, bb, bc, bd, cc, cd, dd = matrix
    i, j, k, l = vector  # noqa: E741
    return (
        aa * i + ab * j + ac * k + ad * l,
        ab * i + bb * j + bc * k + bd * l,
        ac * i + bc * j + cc * k + cd * l,
        ad * i + bd * j + cd * k + dd * l,
    )


@njit(cache=True, nogil=True, error_model="numpy")
def dot(one: Vector4, other: Vector4) -> float:
    """The dot product of two vectors."""
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2] + one[3] * other[3]


@njit(cache=True, nogil=True, error_model="numpy")
def refined(
    g: Vector4, covariance: Symmetric4, gain: Vector4, misfit: float, variance: float
) -> tuple[Vector4, Symmetric4]:
    """The parameters and their covariance after one more peak.

    The step is g + K r / s and P - K Kᵀ / s with K = P x, where x are the coefficients of g at the peak, r is the
    misfit and s its variance: a Kalman filter without process noise.

    Args:
        g: Parameters before the peak, Å⁻².
        covariance: Covariance P before the peak.
        gain: K = P x.
        misfit: Observed minus predicted position r, Å⁻².
        variance: Variance s of the misfit: xᵀ P x and that of the observed position.
    """
    aa, ab, ac, ad, bb, bc, bd, cc, cd, dd = covariance
    i, j, k, l = gain  # noqa: E741
    return (
        g[0] + i * misfit / variance,
        g[1] + j * misfit / variance,
        g[2] + k * misfit / variance,
        g[3] + l * misfit / variance,
    ), (
        aa - i * i / variance,
        ab - i * j / variance,
        ac - i * k / variance,
        ad - i * l / variance,
        bb - j * j / variance,
        bc - j * k / variance,
        bd - j * l / variance,
        cc - k * k / variance,
        cd - k * l / variance,
        dd - l * l / variance,
    )
