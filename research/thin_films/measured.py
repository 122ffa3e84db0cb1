"""The measured films: read from one folder for each space group and interpolated on one grid."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from research.thin_films.series import series_of
from xrdsym.common.errors import XrdsymError
from xrdsym.common.progress import progress_bar
from xrdsym.diffraction.profile_grid import ProfileGrid
from xrdsym.diffraction.scattering import wavelength
from xrdsym.encoding.profile import normalised, scan_profile
from xrdsym.measured.scan_files import read_scan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from xrdsym.measured.scan import Scan

SPACE_GROUPS = MappingProxyType(
    {"Fm-3m": 225, "I4/mcm": 140, "P2_1/a": 14, "P-3m1": 164, "P6_3/mmc": 194, "Pc": 7, "Pm-3m": 221}
)
"""The classes, in the order of their names, with their numbers in the International Tables."""
CLASSES = tuple(SPACE_GROUPS)
FOLDERS = MappingProxyType(
    {
        "Fm-3m": "Fm-3m",
        "I4Imcm": "I4/mcm",
        "P21a": "P2_1/a",
        "P3m1": "P-3m1",
        "P61mmc": "P6_3/mmc",
        "Pc": "Pc",
        "pm-3m": "Pm-3m",
    }
)
"""Folder in PV-Lab/autoXRD to class."""

RADIATION = "CuKa"
GRID = ProfileGrid(13.0, 59.6, 0.05)
"""The grid of every film. Range and step of the scans depend on the class, so all films are cut to their common range.
The step is the published one, which is coarser than the step of every film (at most 0.0496°)."""

SMOOTHED, ORDER = 31, 3
"""Points and order of the published smoothing, by A. Savitzky and M. J. E. Golay, Anal. Chem. 36, 1627 (1964)."""
PEAK_WIDTHS = np.arange(10, 15)
"""Widths, in points, of the wavelets that find peaks, as published."""
PEAK_NOISE = 0.01
"""Quantile of the wavelet transform that serves as the noise level, as published."""
PEAK_POINTS = 20
"""Points of each peak, as published."""
LEVEL_RANK = 4
"""Rank, from the lowest, of the point of a peak that is its base level, as published."""


@dataclass(frozen=True, eq=False)
class Films:
    """Films that cover the whole grid.

    Attributes:
        names: Unique name of each film.
        labels: Index of each film's space group in `CLASSES`, int64 (n,).
        series: Series of each film, str (n,).
        profiles: float32 (n, points), 0 to 1, after one of `TREATMENTS`.
    """

    names: tuple[str, ...]
    labels: NDArray[np.int64]
    series: NDArray[np.str_]
    profiles: NDArray[np.float32]


def read_films(folder: Path, treatment: str) -> tuple[Films, dict[str, str]]:
    """Read the films of a folder with one folder for each space group, named as in `FOLDERS`.

    Args:
        folder: The folder; files other than `.xy` are ignored.
        treatment: One of `TREATMENTS`.

    Returns:
        films: The films that cover `GRID`, in the order of their names.
        short: Name to class of the films that do not cover it.

    Raises:
        XrdsymError: There is no such folder, no film covers the grid, or a film cannot be read.
    """
    paths = [path for name in FOLDERS for path in sorted((folder / name).glob("*.xy"))]
    names, labels, profiles, short = [], [], [], {}
    for path in progress_bar(paths, description="films", unit="film"):
        scan = read_scan(path)
        if not covers_grid(scan):
            short[path.stem] = FOLDERS[path.parent.name]
            continue
        names.append(path.stem)
        labels.append(CLASSES.index(FOLDERS[path.parent.name]))
        profiles.append(TREATMENTS[treatment](scan))
    if not names:
        msg = (
            f"{folder} contains no film that covers {GRID.two_theta_min:g}° to {GRID.two_theta_max:g}°; expected "
            f"folders {', '.join(FOLDERS)} with .xy files, as in PV-Lab/autoXRD (Datasets/Experimental)"
        )
        raise XrdsymError(msg)
    series = np.array([series_of(name) for name in names])
    return Films(tuple(names), np.array(labels, dtype=np.int64), series, np.stack(profiles)), short


def covers_grid(scan: Scan) -> bool:
    """Whether a scan covers the whole range of the grid."""
    return bool(scan.two_theta[0] <= GRID.two_theta_min and scan.two_theta[-1] >= GRID.two_theta_max)


def without_background(scan: Scan) -> NDArray[np.float32]:
    """A film on the grid, without its background but with its noise: float32 (points,), 0 to 1.

    Points outside the grid have no influence, here and in `peaks_alone`.
    """
    measured_at = wavelength(RADIATION)
    return scan_profile(scan, GRID, "linear", measured_at, measured_at)


def peaks_alone(scan: Scan) -> NDArray[np.float32]:
    """The peaks of a film on the grid, smoothed, and zero between them: float32 (points,), 0 to 1.

    This is the treatment of Oviedo et al. 2019, except that their code leaves out the first peak.
    """
    from scipy.signal import find_peaks_cwt, savgol_filter

    intensity = np.interp(GRID.positions, scan.two_theta, scan.intensity)
    smooth = savgol_filter((intensity - intensity.min()) / max(float(np.ptp(intensity)), 1e-30), SMOOTHED, ORDER)
    values = np.zeros(GRID.points)
    for centre in find_peaks_cwt(smooth, PEAK_WIDTHS, noise_perc=PEAK_NOISE):
        kept = slice(max(0, centre - PEAK_POINTS // 2), centre + PEAK_POINTS // 2)
        level = np.sort(smooth[kept])[LEVEL_RANK - 1]
        values[kept] = np.maximum(smooth[kept] - level, 0.0)
    return normalised(values, "linear").astype(np.float32)


TREATMENTS: dict[str, Callable[[Scan], NDArray[np.float32]]] = {
    "background off": without_background,
    "peaks alone": peaks_alone,
}
"""The treatments of a measured pattern: that of this project, and the published one."""
