"""The table of effects: all that a new effect adds outside its own function.

A row gives the parameter `effects.<name>` with its type and bounds, its words, its default range with the source, and
the function that applies it. Rows stand in the order in which effects are applied; a new row takes its random numbers
from where it stands, so that it changes no pattern while it is off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from xrdsym.augmentation import background_noise, peak_changes, peak_widths, sample_changes, strain
from xrdsym.augmentation.setting import Interval

Where = Literal["structure", "sample", "peaks", "widths", "background", "noise"]
"""What an effect changes, in this order: a `CrystalStructure`, the `Sample` of the simulation (None: an ideal powder at
rest), its `Peaks`, their `PeakWidths`, and the `Profile`, below the peaks and as it is counted."""
View = Literal["whole", "close_up", "below"]
"""How the picture of all effects shows one: over the whole range, at one peak, or below the peaks."""


@dataclass(frozen=True)
class Effect:
    """One effect.

    Attributes:
        name: Of its parameter in the section `effects`.
        where: What it changes.
        apply: Takes that, the value of the parameter and a `Draw`; gives that, changed.
        default_range: The value that the field uses, or that laboratories meet with; its type is the parameter's: a
            switch, a size that is 0 where the effect is off, or one range or several, null where it is off.
        source: Where the default range comes from.
        bounds: The smallest and the largest number allowed.
        description: What the parameter is, with its unit.
        caption: What the effect is called, with `{}` for its value.
        view: How the picture shows it.
        logarithmic: Its range is drawn from evenly in the logarithm.
        many_values: A pattern gets many values from its range, not one.
        moves_peaks: It may bring peaks into the range from beyond its end.
        needs_symmetry: It needs the rotations of the space group.
    """

    name: str
    where: Where
    apply: Callable[..., Any]
    default_range: bool | float | Interval | tuple[Interval, ...]
    source: str
    bounds: tuple[float, float]
    description: str
    caption: str
    view: View = "whole"
    logarithmic: bool = False
    many_values: bool = False
    moves_peaks: bool = False
    needs_symmetry: bool = False

    @property
    def off(self) -> bool | float | None:
        """The value of the parameter that turns the effect off."""
        if isinstance(self.default_range, bool):
            return False
        return 0.0 if isinstance(self.default_range, float) else None


_ROWS = (
    Effect(
        name="strain",
        where="structure",
        apply=strain.with_strain,
        default_range=0.04,
        source="N. J. Szymanski et al., Chem. Mater. 33, 4204 (2021)",
        bounds=(0.0, 0.3),
        description="Largest strain that keeps the symmetry; 0.03: lengths change by up to 3 %",
        caption="lattice strain up to {}",
        needs_symmetry=True,
    ),
    Effect(
        name="debye_waller",
        where="sample",
        apply=sample_changes.vibrating,
        default_range=(0.2, 2.0),
        source="inorganic crystals at room temperature",
        bounds=(0.0, 20.0),
        description="B of all atoms, Å²",
        caption="Debye-Waller, B = {} Å²",
    ),
    Effect(
        name="preferred_orientation",
        where="sample",
        apply=sample_changes.oriented,
        default_range=(0.7, 1.3),
        source="mild: at 0.7 planes along the surface gain five times on those across",
        bounds=(0.1, 10.0),
        description="r of March and Dollase along a random direction; 1 is none",
        caption="preferred orientation, r = {}",
    ),
    Effect(
        name="peak_scaling",
        where="peaks",
        apply=peak_changes.scaled,
        default_range=(0.0, 1.0),
        source="F. Oviedo et al., npj Comput. Mater. 5, 60 (2019)",
        bounds=(0.0, 100.0),
        description=f"Factor on the peaks of each of {peak_changes.SCALED_BLOCKS} blocks of the range",
        caption="peak scaling, factors {}",
        many_values=True,
    ),
    Effect(
        name="peak_elimination",
        where="peaks",
        apply=peak_changes.thinned,
        default_range=0.33,
        source="F. Oviedo et al., npj Comput. Mater. 5, 60 (2019)",
        bounds=(0.0, 1.0),
        description=f"Share of {peak_changes.ELIMINATED_BLOCKS} blocks of the range whose peaks are missing",
        caption="peak elimination, {} of the blocks",
    ),
    Effect(
        name="kalpha2",
        where="peaks",
        apply=peak_changes.with_kalpha2,
        default_range=True,
        source="every laboratory tube without a monochromator",
        bounds=(0, 1),
        description="Each peak is the doublet of Kα1 and Kα2, 2 : 1; the radiation is a Kα line by its name",
        caption="Kα1 and Kα2",
        view="close_up",
        moves_peaks=True,
    ),
    Effect(
        name="displacement",
        where="peaks",
        apply=peak_changes.off_axis,
        default_range=(-0.2, 0.2),
        source="0.11 degrees; Szymanski et al. move all peaks by up to 0.5 degrees",
        bounds=(-5.0, 5.0),
        description="Displacement of the sample below the axis of the goniometer, mm, at a radius of "
        f"{peak_changes.GONIOMETER_RADIUS:g} mm",
        caption="displacement of {} mm",
        view="close_up",
        moves_peaks=True,
    ),
    Effect(
        name="zero_shift",
        where="peaks",
        apply=peak_changes.shifted,
        default_range=(-0.1, 0.1),
        source="B. Cao et al., SimXRD-4M (2024)",
        bounds=(-5.0, 5.0),
        description="Degrees 2θ that all peaks move by",
        caption="zero shift of {}°",
        view="close_up",
        moves_peaks=True,
    ),
    Effect(
        name="caglioti",
        where="widths",
        apply=peak_widths.of_instrument,
        default_range=((0.0, 0.05), (-0.06, 0.0), (0.01, 0.07)),
        source="J. E. Salgado et al., npj Comput. Mater. 9, 214 (2023)",
        bounds=(-10.0, 10.0),
        description="U, V and W of the instrument's width, degrees², in place of profile.sigma",
        caption="Caglioti: {} (°)²",
        view="close_up",
    ),
    Effect(
        name="crystallite_size",
        where="widths",
        apply=peak_widths.of_small_crystallites,
        default_range=(20.0, 100.0),
        source="H. Schopmans et al., Digital Discovery 2, 1414 (2023)",
        bounds=(0.5, 1e6),
        description="Size of the crystallites, nm; widens peaks by Scherrer's equation",
        caption="crystallite size {} nm",
        view="close_up",
    ),
    Effect(
        name="microstrain",
        where="widths",
        apply=peak_widths.of_strained_crystallites,
        default_range=(0.0, 0.0025),
        source="AlphaDiffract (2025): 0.0005 to 0.01 in the unit of GSAS, four times this",
        bounds=(0.0, 0.1),
        description="ε of Stokes and Wilson, relative change of the lattice from place to place; widens by 4 ε tan θ",
        caption="microstrain {}",
        view="close_up",
    ),
    Effect(
        name="background",
        where="background",
        apply=background_noise.with_background,
        default_range=(0.0, 0.05),
        source="B. Cao et al., SimXRD-4M (2024)",
        bounds=(0.0, 10.0),
        description="Height of a smooth background, of the strongest peak",
        caption="background {}",
        view="below",
    ),
    Effect(
        name="amorphous",
        where="background",
        apply=background_noise.with_amorphous_hump,
        default_range=(0.0, 0.1),
        source="a thin holder of glass",
        bounds=(0.0, 10.0),
        description="Height of the hump of an amorphous share, of the strongest peak",
        caption="amorphous hump {}",
        view="below",
    ),
    Effect(
        name="counts",
        where="noise",
        apply=background_noise.counted,
        default_range=(100.0, 10000.0),
        source="AlphaDiffract goes down to 1, noisy on purpose",
        bounds=(1.0, 1e9),
        description="Counts at the strongest point, for Poisson noise; even in ln",
        caption="Poisson noise, {} counts",
        view="close_up",
        logarithmic=True,
    ),
    Effect(
        name="noise",
        where="noise",
        apply=background_noise.with_detector_noise,
        default_range=(0.001, 0.01),
        source="Szymanski et al. 0.0025, AlphaDiffract 0.001 to 0.1",
        bounds=(1e-6, 1.0),
        description="σ of Gaussian noise, of the strongest point; even in ln",
        caption="Gaussian noise, σ = {}",
        view="below",
        logarithmic=True,
    ),
)
EFFECTS = MappingProxyType({effect.name: effect for effect in _ROWS})
"""Every effect by its name."""
