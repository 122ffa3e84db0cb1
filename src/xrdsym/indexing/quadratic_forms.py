"""The quadratic forms Q(hkl) of the lattices that the search knows.

Q = 1/d² of a reflection is a quadratic form in its indices h, k, l. The form of a lattice is linear in its parameters
g, Å⁻²:

* cubic: Q = g₀ N, where N is a sum of three squares;
* tetragonal: Q = g₀ n + g₁ l², where n is a sum of two squares;
* hexagonal: Q = g₀ n + g₁ l², where n = h² + hk + k²;
* rhombohedral: the hexagonal form, restricted to −h + k + l = 3m on hexagonal axes. Then 3 divides both n and l, or
  neither of them;
* orthorhombic: Q = g₀ h² + g₁ k² + g₂ l²;
* monoclinic, b unique: Q = g₀ h² + g₁ k² + g₂ l² + g₃ hl.

Orthorhombic lattices are primitive, C-, I- or F-centred, monoclinic ones primitive or C-centred. The absences of a
centring leave a half or a quarter of the reflections.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector4 = tuple[float, float, float, float]
    """One number for each parameter g, zero for those that a form does not have. Tuples, because numba counts no
    references of them."""

CUBIC, TETRAGONAL, HEXAGONAL, RHOMBOHEDRAL = range(4)
ORTHORHOMBIC, ORTHORHOMBIC_C, ORTHORHOMBIC_I, ORTHORHOMBIC_F, MONOCLINIC, MONOCLINIC_C = range(4, 10)
FORMS = (
    "cubic",
    "tetragonal",
    "hexagonal",
    "rhombohedral",
    "orthorhombic",
    "orthorhombic_c",
    "orthorhombic_i",
    "orthorhombic_f",
    "monoclinic",
    "monoclinic_c",
)
"""Names of the forms; a form is passed to compiled code as its position here."""

PRIMITIVE, C_CENTRED, I_CENTRED, F_CENTRED = range(4)
CENTRINGS = np.array([0, 0, 0, 0, PRIMITIVE, C_CENTRED, I_CENTRED, F_CENTRED, PRIMITIVE, C_CENTRED])
"""Centring of each form."""
H_STEPS = np.array([1.0, 2.0, 1.0, 2.0])
"""Step of h for each centring: 2 where k fixes the parity of h."""
L_STEPS = np.array([1.0, 1.0, 2.0, 2.0])
"""Step of l for each centring: 2 where h and k fix the parity of l."""
REFLECTION_SHARES = np.array([1.0, 0.5, 0.5, 0.25])
"""Share of all hkl that each centring allows."""

MAX_INDEX = 50
"""A cell that needs a larger index is rejected."""
MAX_SUM = 400
"""Largest tabulated n or N. Patterns of some hundred peaks stay below it."""


def _sums_of_squares(lattice: str) -> NDArray[np.float64]:
    indices = np.arange(21)
    h, k, l = np.meshgrid(indices, indices, indices, indexing="ij")  # noqa: E741
    sums = {
        "cubic": h * h + k * k + l * l,
        "tetragonal": h * h + k * k,
        "hexagonal": h * h + h * k + k * k,
    }[lattice]
    distinct = np.unique(sums)
    return distinct[distinct <= MAX_SUM].astype(np.float64)


CUBIC_SUMS = _sums_of_squares("cubic")
"""Values of h² + k² + l², ascending."""
TETRAGONAL_SUMS = _sums_of_squares("tetragonal")
"""Values of h² + k², ascending."""
HEXAGONAL_SUMS = _sums_of_squares("hexagonal")
"""Values of h² + hk + k², ascending."""
HEXAGONAL_BY_THREE = HEXAGONAL_SUMS % 3 == 0
"""Whether 3 divides each of `HEXAGONAL_SUMS`."""
