"""Measured patterns: text files of angles and intensities as instruments and programs leave them."""

from __future__ import annotations

import logging
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xrdsym.common.errors import MaterialError
from xrdsym.diffraction.scattering import wavelengths

FEWEST_POINTS = 50
"""A list of fewer angles is a list of peaks or a fragment, and joining them by lines would make up a pattern."""

LARGEST_FILE = 20_000_000
"""Bytes; a scan of a million points."""

COLUMNS = 3
"""Angle, intensity and its uncertainty; more columns are read where the first one ascends like angles."""

FEWEST_DISTINCT = 0.3
"""Of the values of a column of angles; a decimal comma taken for a separator leaves fewer."""

LARGEST_INTENSITY = 1e30
"""A larger number is a mark for a missing value."""

WAVELENGTH_RANGE = (0.1, 10.0)
"""Å; another number beside the word is no wavelength in Å."""

COMMENT = "#!;%*/'\"["
"""What a line of a comment, or of a new section, begins with."""

NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf(?:inity)?)"
ONE_NUMBER = re.compile(NUMBER, re.IGNORECASE)
DECIMAL_COMMA = re.compile(r"[+-]?\d+(?:,\d+)?(?:[eE][+-]?\d+)?")

WAVELENGTH_WORD = re.compile(r"(?:wave[\s_-]*length|lambda|λ|_wl)(?:[\s_-]*1(?![\d.,]))?", re.IGNORECASE)
SECOND_LINE = re.compile(r"alpha[\s_-]*2|k[\s_-]*(?:a|α)[\s_-]*2|lambda[\s_-]*[23]|λ[23]|wl[23]|beta|kβ", re.IGNORECASE)
STANDALONE_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)?(?![\w.])")
RADIATION_NAME = re.compile(
    r"\b(Cu|Mo|Co|Cr|Fe|Ag)[\s_-]*K[\s_-]*(?:alpha|α|a)[\s_-]*([12])?(\s*[/+,][\s\w-]*2)?(?!\w)", re.IGNORECASE
)
ANODE = re.compile(r"\b(?:anode|target)(?:[\s_-]*material)?\W+(Cu|Mo|Co|Cr|Fe|Ag)\b", re.IGNORECASE)
ANGLE_NAME = re.compile(r"2\s*[-_]?\s*(?:theta|θ|th)|two[\s_-]?theta|tth|angle|°", re.IGNORECASE)
INTENSITY_NAME = re.compile(r"intensity|counts|cps|^int|^i\b|^y", re.IGNORECASE)
OTHER_AXIS = re.compile(r"^(?:q|d|s|d[\s_-]?spacing|theta|θ|energy)\b", re.IGNORECASE)

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Scan:
    """One measured pattern.

    Attributes:
        two_theta: Angles, float64 (n,), degrees, strictly ascending.
        intensity: Intensities, float64 (n,), 0 or more, in the units of the file.
        wavelength: Å, or None where the file does not tell.
    """

    two_theta: NDArray[np.float64]
    intensity: NDArray[np.float64]
    wavelength: float | None


def read_scan(path: Path | str) -> Scan:
    """Read a measured pattern from a text file of two or more columns.

    Comments and headers of any kind, a comma, semicolon, tab or blanks between the columns, a decimal comma, a byte
    order mark and Latin-1 are understood. Rows that are not finite are left out.

    Args:
        path: The file; the first column is 2θ in degrees and the second the intensity, unless the line above the
            numbers names the columns.

    Raises:
        MaterialError: The file is missing, no text, or no pattern; the message names it.
    """
    path = Path(path)
    lines = _text(path).splitlines()
    rows = [_numbers(line.strip()) for line in lines]
    width = _width(path, rows)
    first = next(index for index, row in enumerate(rows) if row is not None and len(row) == width)
    rows[first:] = _separated(lines[first:], rows[first:], width)
    for line, row, number in zip(lines[first:], rows[first:], range(first + 1, len(rows) + 1), strict=True):
        if (row is not None and len(row) != width) or (row is None and line.strip()[:1].isdigit()):
            shown = line.strip()[:60]
            msg = f"{path}, line {number}: expected {width} numbers as in line {first + 1}, received {shown!r}."
            raise MaterialError("unreadable", msg)
    _tell_left_out(path, lines, rows, first)
    values = np.array([row for row in rows[first:] if row is not None], dtype=np.float64)
    header = [line for line, row in zip(lines, rows, strict=True) if row is None]
    angle, intensity = _columns(path, lines[:first], values)
    return scan_of(values[:, angle], values[:, intensity], _header_wavelength(header), str(path))


def scan_of(
    two_theta: NDArray[np.float64], intensity: NDArray[np.float64], wavelength: float | None, name: str
) -> Scan:
    """A pattern from its numbers: sorted by angle, repeated angles averaged, what is not finite left out.

    Intensities below zero are what background subtraction leaves in the noise; they become zero.

    Args:
        two_theta: Angles, float (n,), degrees.
        intensity: Intensities, float (n,).
        wavelength: Å, or None where it is not known.
        name: What to call the pattern in errors.

    Raises:
        MaterialError: `too_few_points`, `angles_out_of_range` (0° to 180°), or `no_intensity` above zero.
    """
    finite = np.isfinite(two_theta) & (np.abs(intensity) < LARGEST_INTENSITY)
    angles, place = np.unique(two_theta[finite].astype(np.float64), return_inverse=True)
    if len(angles) < FEWEST_POINTS:
        msg = f"{name} has {len(angles)} different angles; a measured pattern needs {FEWEST_POINTS} or more."
        raise MaterialError("too_few_points", msg)
    if angles[0] < 0 or angles[-1] >= 180:
        msg = f"{name} has angles from {angles[0]:g} to {angles[-1]:g}; expected 2θ in degrees, between 0 and 180."
        raise MaterialError("angles_out_of_range", msg)
    sums = np.bincount(place, weights=intensity[finite].astype(np.float64))
    means = np.maximum(sums / np.bincount(place), 0.0)
    if not means.any():
        msg = f"{name} has no intensity above zero; expected counts or relative intensities."
        raise MaterialError("no_intensity", msg)
    return Scan(angles, means, wavelength)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            msg = f"{path} has {path.stat().st_size / 1e6:.0f} MB: too large for a measured pattern."
            raise MaterialError("too_large", msg)
        content = path.read_bytes()
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}."
        raise MaterialError("unreadable", msg) from error
    if not content.strip():
        msg = f"{path} is empty; expected two columns, 2θ in degrees and intensity."
        raise MaterialError("empty", msg)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content:
        msg = f"{path} is a binary file; export it as text with two columns, 2θ in degrees and intensity."
        raise MaterialError("unreadable", msg)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _numbers(line: str) -> list[float] | None:
    """The numbers of a line, or None where it is anything else than numbers."""
    if not re.match(r'["\d.+\-niNI]', line):
        return None
    # a comma between quotes separates, one within them is decimal
    line = re.sub(r'"\s*[,;]\s*"?|[,;]\s*"', ";", line).replace('"', "")
    tokens = [token for token in re.split(r"[;\s]+", line) if token]
    # "10,02 85,0" can only mean decimal commas, "10,02" alone and "10, 85" only two columns
    if len(tokens) > 1 and "," in line and all(DECIMAL_COMMA.fullmatch(token) for token in tokens):
        return [float(token.replace(",", ".")) for token in tokens]
    tokens = [token for token in re.split(r"[,;\s]+", line) if token]
    if tokens and all(ONE_NUMBER.fullmatch(token) for token in tokens):
        return [float(token) for token in tokens]
    return None


def _width(path: Path, rows: list[list[float] | None]) -> int:
    """The number of columns: that of most rows."""
    counts = Counter(len(row) for row in rows if row is not None)
    if not counts:
        msg = f"{path} holds no rows of numbers; expected two columns, 2θ in degrees and intensity."
        raise MaterialError("unreadable", msg)
    width = counts.most_common(1)[0][0]
    if width == 1:
        msg = f"{path} has one column; expected two, 2θ in degrees and intensity."
        raise MaterialError("unreadable", msg)
    return width


def _tell_left_out(path: Path, lines: list[str], rows: list[list[float] | None], first: int) -> None:
    """Warn of what between the rows of numbers is none, comments excepted, and of numbers that are not finite."""
    last = max(index for index, row in enumerate(rows) if row is not None)
    left_out = [
        index
        for index in range(first, last)
        if (not np.isfinite(row).all() if (row := rows[index]) is not None else _is_word(lines[index]))
    ]
    if left_out:
        what = f"{len(left_out)} line{'s' if len(left_out) > 1 else ''} between the numbers of {path} left out"
        _logger.warning("%s: line %d is %r.", what, left_out[0] + 1, lines[left_out[0]].strip()[:60])


def _is_word(line: str) -> bool:
    return bool(line.strip()) and line.strip()[0] not in COMMENT


def _separated(lines: list[str], rows: list[list[float] | None], width: int) -> list[list[float] | None]:
    """The rows with columns set apart where a long count has run into the angle.

    Some instruments write the angle in a field of fixed width and no separator, so that "14.1681" and "10228" become
    "14.168110228". The field ends where most angles end, and the angle has to lie between its neighbours.
    """
    ends = Counter(len(line) - len(line.lstrip().lstrip("0123456789.")) for line in lines)
    end = ends.most_common(1)[0][0]
    separated = list(rows)
    for index, (line, row) in enumerate(zip(lines, rows, strict=True)):
        if width != 2 or row is None or len(row) != 1 or index == 0:
            continue
        angle, intensity = _numbers(line[:end].strip()), _numbers(line[end:].strip())
        before = separated[index - 1]
        following = (rows[later] for later in range(index + 1, len(rows)))
        after = next((row for row in following if row is not None and len(row) == width), [np.inf])
        if angle and intensity and before and len(angle) == len(intensity) == 1 and before[0] < angle[0] < after[0]:
            separated[index] = [*angle, *intensity]
    return separated


def _columns(path: Path, above: list[str], values: NDArray[np.float64]) -> tuple[int, int]:
    """Which columns are the angle and the intensity, by the names above them where there are any."""
    width = values.shape[1]
    heading = next((line for line in reversed(above) if line.strip()), "")
    names = [name.strip(" \"'#!%[]") for name in re.split(r"[,;\t]+|\s{2,}|\s(?=[A-Za-z])", heading)]
    names = [name for name in names if name]
    if len(names) == width:
        angles = [index for index, name in enumerate(names) if ANGLE_NAME.search(name)]
        intensities = [index for index, name in enumerate(names) if INTENSITY_NAME.search(name)]
        if angles and intensities and angles[0] != intensities[0]:
            return angles[0], intensities[0]
        if not angles and OTHER_AXIS.match(names[0]):
            msg = f"{path}: the first column is {names[0]!r}; expected 2θ in degrees. Convert it, then try again."
            raise MaterialError("unreadable", msg)
    ascending = bool((np.diff(values[:, 0]) > 0).all())
    distinct = len(np.unique(values[:, 0])) / len(values)
    if distinct < FEWEST_DISTINCT or (width > COLUMNS and not ascending):
        msg = (
            f"{path} has {width} columns and the first is no angle; expected 2θ in degrees first and intensity second, "
            "with another separator than the decimal comma."
        )
        raise MaterialError("unreadable", msg)
    return 0, 1


def _header_wavelength(header: list[str]) -> float | None:
    """The wavelength in Å that a header tells as a number, by the name of a radiation, or by the anode (its Kα)."""
    low, high = WAVELENGTH_RANGE
    for line in header:
        word = WAVELENGTH_WORD.search(line)
        number = STANDALONE_NUMBER.search(line, word.end()) if word else None
        if number is None or SECOND_LINE.search(line[: number.start()]):
            continue
        value = float(number.group().replace(",", ".")) * (10 if re.search(r"\bnm\b", line) else 1)
        if low <= value <= high:
            return value
    known = wavelengths()
    for line in header:
        if name := RADIATION_NAME.search(line):
            # α1 and α2 together have the mean wavelength
            alone = "" if name.group(3) else name.group(2) or ""
            return known[f"{name.group(1).capitalize()}Ka{alone}"]
    for line in header:
        if anode := ANODE.search(line):
            return known[f"{anode.group(1).capitalize()}Ka"]
    return None
