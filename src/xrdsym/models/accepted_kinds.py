"""Which kinds of pattern a model takes, found out by one of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import MaterialError
from xrdsym.crystal.structure_table import CrystalStructure
from xrdsym.diffraction.peaks import simulate_peaks
from xrdsym.diffraction.profile_grid import ProfileGrid
from xrdsym.diffraction.scattering import wavelength
from xrdsym.encoding.profile import profile
from xrdsym.measured.scan import Scan
from xrdsym.models.released import KINDS

if TYPE_CHECKING:
    from xrdsym.models.predictor import Model
    from xrdsym.models.released import Kind


def accepted_kinds(model: Model) -> list[Kind]:
    """The kinds of pattern that a model takes."""
    return [kind for kind in KINDS if why_not_accepted(model, kind) is None]


def why_not_accepted(model: Model, kind: Kind) -> MaterialError | None:
    """Why the model takes no pattern of a kind; None where it does."""
    crystal = CrystalStructure(
        material_id="CsCl",
        formula="CsCl",
        lattice=np.eye(3) * 4.12,
        numbers=np.array([55, 17], dtype=np.int16),
        frac_coords=np.array([[0.0, 0.0, 0.0], [0.5, 0.5, 0.5]]),
    )
    grid, radiation = ProfileGrid(5.0, 90.0, 0.02), wavelength("CuKa")
    pattern: CrystalStructure | Scan = crystal
    if kind == "measured":
        intensity = profile(simulate_peaks(crystal, radiation), grid, 5.0, "linear")
        pattern = Scan(grid.positions, intensity.astype(np.float64), radiation)
    (found,) = model.vectors([pattern])
    return found if isinstance(found, MaterialError) else None
