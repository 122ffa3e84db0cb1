"""The section `effects` of `params.yaml`: which effects are on, and the ranges that their values are drawn from."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated

from xrdsym.common.checking import Range

Interval = tuple[float, float]


@dataclass(frozen=True)
class EffectsParams:
    """What an instrument and a sample add, drawn anew for a training pattern each time it is shown.

    A pair is a range that a value is drawn from, evenly (`counts` and `noise` evenly in the logarithm); null, 0 and
    false turn an effect off.
    `xrdsym.augmentation.default_ranges` has the ranges that the field takes, and their sources.

    Attributes:
        strain: The largest lattice strain that keeps the symmetry.
        debye_waller: B of all atoms, Å².
        preferred_orientation: r of March and Dollase along a random direction; 1 is none.
        peak_scaling: Factor on the peaks of each of `peak_changes.SCALED_BLOCKS` blocks of the range.
        peak_elimination: Probability that the peaks of one of `peak_changes.ELIMINATED_BLOCKS` blocks are missing.
        zero_shift: Degrees 2θ that all peaks move by.
        displacement: Height of the sample above the axis of the goniometer, mm.
        kalpha2: Each peak is the doublet of Kα1 and Kα2; the radiation is that of a Kα line by its name.
        crystallite_size: nm.
        microstrain: Relative change of the lattice from place to place, ε of Stokes and Wilson.
        caglioti: U, V and W of the instrument's width, degrees², in place of `profile.sigma`.
        background: Height of a smooth background, of the strongest peak.
        amorphous: Height of the hump of an amorphous share, of the strongest peak.
        counts: Counts at the strongest point of the pattern, of which Poisson noise is made.
        noise: σ of Gaussian noise, of the strongest peak.
        judged: What a model is judged by, validation and test part, is drawn with the effects, too, once.
    """

    strain: Annotated[float, Range(0.0, 0.3)] = 0.0
    debye_waller: Annotated[Interval, Range(0.0, 20.0)] | None = None
    preferred_orientation: Annotated[Interval, Range(0.1, 10.0)] | None = None
    peak_scaling: Annotated[Interval, Range(0.0, 100.0)] | None = None
    peak_elimination: Annotated[float, Range(0.0, 1.0)] = 0.0
    zero_shift: Annotated[Interval, Range(-5.0, 5.0)] | None = None
    displacement: Annotated[Interval, Range(-5.0, 5.0)] | None = None
    kalpha2: bool = False
    crystallite_size: Annotated[Interval, Range(0.5, 1e6)] | None = None
    microstrain: Annotated[Interval, Range(0.0, 0.1)] | None = None
    caglioti: Annotated[tuple[Interval, Interval, Interval], Range(-10.0, 10.0)] | None = None
    background: Annotated[Interval, Range(0.0, 10.0)] | None = None
    amorphous: Annotated[Interval, Range(0.0, 10.0)] | None = None
    counts: Annotated[Interval, Range(1.0, 1e9)] | None = None
    noise: Annotated[Interval, Range(1e-6, 1.0)] | None = None
    judged: bool = False

    @property
    def on(self) -> tuple[str, ...]:
        """The names of the effects that are not turned off."""
        names = (field.name for field in fields(self) if field.name != "judged")
        return tuple(name for name in names if getattr(self, name))

    @property
    def below_peaks(self) -> bool:
        """Whether anything lies below the peaks that is taken away before a network sees the pattern."""
        return bool(self.background or self.amorphous or self.counts or self.noise)
