"""Scans from text files of angles and intensities."""

from __future__ import annotations

import logging
from pathlib import Path

from xrdsym.common.errors import MaterialError, UsageError
from xrdsym.measured.axis import Axis, to_two_theta
from xrdsym.measured.columns import find_columns
from xrdsym.measured.header import header_wavelength
from xrdsym.measured.scan import Scan
from xrdsym.measured.text_table import read_table
from xrdsym.measured.wavelength import measured_wavelength

SAME_RADIATION = 0.005
"""Wavelengths that differ by less, relatively, are those of one radiation: Cu Kα, Kα1, Kα2."""

_logger = logging.getLogger(__name__)


def read_scan(path: Path | str, wavelength: str | float | None = None, axis: str | None = None) -> Scan:
    """Read a measured pattern from a text file of two or more columns.

    Headers, separators, decimal commas and encodings are those of `text_table.read_table`. Rows that are not finite are
    left out. q and d, which the names of the columns tell with their unit, are converted to 2θ.

    Args:
        path: The file; `-` is standard input. Its first column is 2θ in degrees and its second the intensity, unless
            the line above the numbers names the columns, or the first column counts the points.
        wavelength: What the pattern was measured with: the name of a radiation, or Å; it overrides the header.
        axis: What the first column is, one of `Axis`, whatever the file says: `2theta`, `2theta-rad`, `q` (Å⁻¹), `q-nm`
            (nm⁻¹), `d` (Å), `d-nm`. Without it, angles are refused whose range is rather that of q or d.

    Returns:
        The scan, with the wavelength given or that of the header.

    Raises:
        MaterialError: The file is missing, is not text, or holds no pattern; the message names it.
        UsageError: The wavelength or the axis given is none.
    """
    path = Path(path)
    given = None if wavelength is None else measured_wavelength(wavelength)
    given_axis = None if axis is None else _axis(axis)
    table = read_table(path)
    columns = find_columns(str(path), table.above, table.values, given_axis)
    header = header_wavelength(table.words)
    if given is None and header.doubt is not None:
        msg = f"{path}, wavelength in the header: {header.doubt}. Give it with its unit there, or with --wavelength."
        raise MaterialError("no_wavelength", msg)
    if given is not None and header.value is not None and abs(header.value / given - 1) > SAME_RADIATION:
        _logger.warning("%s says %g Å itself; it is read as measured at %s", path, header.value, wavelength)
    angstroms = header.value if given is None else given
    two_theta = to_two_theta(table.values[:, columns.axis], columns.kind, angstroms, str(path))
    return Scan(
        two_theta,
        table.values[:, columns.intensity],
        angstroms,
        name=str(path),
        axis_known=given_axis is not None or columns.named,
        wavelength_known=given is not None or header.sure,
    )


def _axis(text: str) -> Axis:
    try:
        return Axis(text)
    except ValueError as error:
        msg = f"axis {text}: expected one of {', '.join(Axis)}"
        raise UsageError(msg) from error
