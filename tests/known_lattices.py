"""Peak lists of known lattices, from the formula of the triclinic cell and no code of the package."""

from __future__ import annotations

import itertools

import numpy as np

WAVELENGTH = 1.54184


def reciprocal_metric(a: float, b: float, c: float, alpha: float, beta: float, gamma: float) -> np.ndarray:
    """The reciprocal metric tensor, Å⁻², of a cell in Å and degrees."""
    cos = np.cos(np.radians([alpha, beta, gamma]))
    metric = np.outer([a, b, c], [a, b, c])
    metric *= np.array([[1, cos[2], cos[1]], [cos[2], 1, cos[0]], [cos[1], cos[0], 1]])
    return np.linalg.inv(metric)


def peaks_of(
    cell: tuple[float, ...], centring: str = "P", seed: int = 0, largest: float = 90
) -> tuple[np.ndarray, np.ndarray]:
    """2θ in degrees and random intensities of all peaks of a cell up to an angle."""
    allowed = {
        "P": any,
        "C": lambda hkl: (hkl[0] + hkl[1]) % 2 == 0,
        "I": lambda hkl: sum(hkl) % 2 == 0,
        "F": lambda hkl: (hkl[0] + hkl[1]) % 2 == 0 and (hkl[0] + hkl[2]) % 2 == 0,
        "R": lambda hkl: (-hkl[0] + hkl[1] + hkl[2]) % 3 == 0,
    }[centring]
    tensor = reciprocal_metric(*cell)
    indices = np.array(
        [hkl for hkl in itertools.product(range(-12, 13), repeat=3) if any(hkl) and allowed(hkl)], dtype=float
    )
    q = np.einsum("ni,ij,nj->n", indices, tensor, indices)
    q = np.unique(np.round(q[q <= q_of(np.array(largest))], 9))
    two_theta = np.degrees(2 * np.arcsin(np.sqrt(q) * WAVELENGTH / 2))
    return two_theta, np.random.default_rng(seed).uniform(0.01, 1, len(q))


def q_of(two_theta: np.ndarray) -> np.ndarray:
    """Q = 1/d² in Å⁻² of positions in degrees."""
    return (2 * np.sin(np.radians(two_theta / 2)) / WAVELENGTH) ** 2
