"""The axis of a scan: 2θ, or q or d, which the wavelength converts to 2θ."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import MaterialError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEW_ANGLES_D = 5.0
"""Å. A pattern whose smallest d is larger shows no lattice: its last angle is below 17.7° of Cu Kα."""
WIDE = 2.0
"""A pattern whose last angle exceeds the first by more than this ratio is no detail of a pattern."""
SMALLEST_D = 0.15
"""Å. No pattern shows smaller d: q of 42 Å⁻¹ is more than total scattering reaches."""
SHORTEST_OF_TUBES = 0.559
"""Å, Ag Kα1: taken where the wavelength is not known."""
D_STEP_RATIO = 8.0
"""Steps of d grow with d². Those of 2θ that are even in q grow by 4 up to 150°."""


class Axis(StrEnum):
    """What stands beside the intensities; the values are those of `--axis`."""

    TWO_THETA = "2theta"
    TWO_THETA_RADIANS = "2theta-rad"
    Q = "q"
    Q_NM = "q-nm"
    D = "d"
    D_NM = "d-nm"


NAMES = {
    Axis.TWO_THETA: "2θ in degrees",
    Axis.TWO_THETA_RADIANS: "2θ in radians",
    Axis.Q: "q in Å⁻¹",
    Axis.Q_NM: "q in nm⁻¹",
    Axis.D: "d in Å",
    Axis.D_NM: "d in nm",
}


def to_two_theta(values: NDArray[np.float64], axis: Axis, wavelength: float | None, name: str) -> NDArray[np.float64]:
    """The angles of a scan.

    Args:
        values: The positions on the axis, float64 (n,). Those that are not finite stay so.
        axis: What they are.
        wavelength: Å; needed for q and d.
        name: Of the scan, for the error message.

    Returns:
        float64 (n,), degrees.

    Raises:
        MaterialError: `no_wavelength`, or `angles_out_of_range`: the wavelength cannot reach the positions.
    """
    if axis is Axis.TWO_THETA:
        return values
    if axis is Axis.TWO_THETA_RADIANS:
        with np.errstate(over="ignore"):
            return np.degrees(values)
    if wavelength is None:
        msg = (
            f"{name} has {NAMES[axis]}, which the wavelength converts to 2θ: give it with --radiation CuKa or "
            "--wavelength 1.5406 (Å); in Python, read_scan(path, wavelength=1.5406)"
        )
        raise MaterialError("no_wavelength", msg)
    with np.errstate(all="ignore"):
        sine = {
            Axis.Q: values * wavelength / (4 * np.pi),
            Axis.Q_NM: values * wavelength / (40 * np.pi),
            Axis.D: wavelength / (2 * values),
            Axis.D_NM: wavelength / (20 * values),
        }[axis]
    beyond = np.isfinite(values) & ~((sine >= 0) & (sine < 1))
    if beyond.any():
        first = values[beyond][0]
        msg = (
            f"{name} has {NAMES[axis]} of {first:g}, which {wavelength:g} Å does not reach; expected "
            f"{_reached(axis, wavelength)}. Check the wavelength and the unit of the axis."
        )
        raise MaterialError("angles_out_of_range", msg)
    with np.errstate(invalid="ignore"):
        return np.asarray(2 * np.degrees(np.arcsin(sine)), np.float64)


def _reached(axis: Axis, wavelength: float) -> str:
    if axis in {Axis.Q, Axis.Q_NM}:
        return f"0 to {4 * np.pi / wavelength * (1 if axis is Axis.Q else 10):.4g}"
    return f"more than {wavelength / 2 / (1 if axis is Axis.D else 10):.4g}"


def refuse_short_wavelength(two_theta: NDArray[np.float64], wavelength: float, name: str) -> None:
    """Refuse a wavelength at which the angles would be those of impossibly small d: it is in nm rather than Å.

    Args:
        two_theta: float64 (n,), degrees, ascending.
        wavelength: Å.
        name: Of the scan, for the error message.

    Raises:
        MaterialError: `no_wavelength`.
    """
    smallest = wavelength / (2 * np.sin(np.radians(two_theta[-1] / 2))) if two_theta[-1] > 0 else np.inf
    if smallest < SMALLEST_D:
        msg = (
            f"{name} would reach d of {smallest:.2g} Å at a wavelength of {wavelength:g} Å: is that in nm? Give it "
            f"with its unit: {wavelength:g}nm or {wavelength:g}Å."
        )
        raise MaterialError("no_wavelength", msg)


def refuse_other_axis(two_theta: NDArray[np.float64], wavelength: float | None, name: str) -> None:
    """Refuse angles whose range or steps are those of q or d.

    Args:
        two_theta: float64 (n,), degrees, ascending, three or more.
        wavelength: Å; None where it is not known.
        name: Of the scan, for the error message.

    Raises:
        MaterialError: `other_axis`.
    """
    advice = "If so, say which: --axis q (Å⁻¹), q-nm (nm⁻¹), d (Å). If they are 2θ: --axis 2theta."
    first, last = float(two_theta[0]), float(two_theta[-1])
    shortest = SHORTEST_OF_TUBES if wavelength is None else wavelength
    if last > WIDE * first and 2 * FEW_ANGLES_D * np.sin(np.radians(last / 2)) < shortest:
        msg = f"{name} ends at {last:.4g}: q or d rather than 2θ in degrees? {advice}"
        raise MaterialError("other_axis", msg)
    parts = np.array_split(np.diff(two_theta), 10)
    steps = np.array([np.median(part) for part in parts if len(part)])
    if len(steps) == 10 and (np.diff(steps) > 0).all() and steps[-1] > D_STEP_RATIO * steps[0]:
        grow = f"steps that grow from {steps[0]:.2g} to {steps[-1]:.2g}"
        msg = f"{name} has {grow}: d rather than 2θ in degrees? {advice}"
        raise MaterialError("other_axis", msg)
