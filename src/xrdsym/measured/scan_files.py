"""Scans from text files of angles and intensities."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import MaterialError
from xrdsym.measured.header import header_wavelength
from xrdsym.measured.scan import Scan
from xrdsym.measured.text_table import read_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MAX_PLAIN_COLUMNS = 3
"""Angle, intensity and its uncertainty. A table of more columns needs angles that ascend, or names of its columns."""

MIN_DISTINCT_SHARE = 0.3
"""Smallest share of distinct values in a column of angles. A decimal comma read as a separator leaves fewer."""

ANGLE_NAME = re.compile(r"2\s*[-_]?\s*(?:theta|θ|th)|two[\s_-]?theta|tth|angle|°", re.IGNORECASE)
INTENSITY_NAME = re.compile(r"intensity|counts|cps|^int|^i\b|^y", re.IGNORECASE)
OTHER_AXIS_NAME = re.compile(r"^(?:q|d|s|d[\s_-]?spacing|theta|θ|energy)\b", re.IGNORECASE)


def read_scan(path: Path | str) -> Scan:
    """Read a measured pattern from a text file of two or more columns.

    Headers, separators, decimal commas and encodings are those of `text_table.read_table`. Rows that are not finite are
    left out.

    Args:
        path: The file. Its first column is 2θ in degrees and its second the intensity, unless the line above the
            numbers names the columns.

    Returns:
        The scan, with the wavelength of the header.

    Raises:
        MaterialError: The file is missing, is not text, or holds no pattern; the message names it.
    """
    path = Path(path)
    table = read_table(path)
    angle, intensity = _columns(path, table.above, table.values)
    return Scan(table.values[:, angle], table.values[:, intensity], header_wavelength(table.words), str(path))


def _columns(path: Path, above: Sequence[str], values: NDArray[np.float64]) -> tuple[int, int]:
    """The positions of the angle and the intensity, by the names above the numbers if there are any."""
    width = values.shape[1]
    heading = next((line for line in reversed(above) if line.strip()), "")
    names = [name.strip(" \"'#!%[]") for name in re.split(r"[,;\t]+|\s{2,}|\s(?=[A-Za-z])", heading)]
    names = [name for name in names if name]
    if len(names) == width:
        angles = [index for index, name in enumerate(names) if ANGLE_NAME.search(name)]
        intensities = [index for index, name in enumerate(names) if INTENSITY_NAME.search(name)]
        if angles and intensities and angles[0] != intensities[0]:
            return angles[0], intensities[0]
        if not angles and OTHER_AXIS_NAME.match(names[0]):
            msg = f"{path}: the first column is {names[0]!r}; expected 2θ in degrees. Convert it, then try again."
            raise MaterialError("unreadable", msg)
    ascending = bool((np.diff(values[:, 0]) > 0).all())
    distinct = len(np.unique(values[:, 0])) / len(values)
    if distinct < MIN_DISTINCT_SHARE or (width > MAX_PLAIN_COLUMNS and not ascending):
        msg = (
            f"{path} has {width} columns, and the first does not hold angles; expected 2θ in degrees first and "
            "intensity second, with a column separator other than the decimal comma."
        )
        raise MaterialError("unreadable", msg)
    return 0, 1
