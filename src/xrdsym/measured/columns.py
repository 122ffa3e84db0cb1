"""Which column of a table is the axis of a scan, and which the intensity."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from xrdsym.common.errors import MaterialError
from xrdsym.measured.axis import Axis
from xrdsym.measured.scan import MAX_STEP

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

MAX_PLAIN_COLUMNS = 3
"""Angle, intensity and its uncertainty. A table of more columns needs angles that ascend, or names of its columns."""

MIN_DISTINCT_SHARE = 0.3
"""Smallest share of distinct values in a column of angles. A decimal comma read as a separator leaves fewer."""

LONGEST_HEADING = 500
"""Characters of a line that can name columns."""

ANGLE_NAME = re.compile(r"2\s*[-_]?\s*(?:theta|θ|th)|two[\s_-]?theta|tth|angle|°", re.IGNORECASE)
INTENSITY_NAME = re.compile(r"intensity|counts|cps|cts|signal|^int|^i(?:\b|_|obs|calc)|^y", re.IGNORECASE)
END = r"(?=$|[\s_(\[/|^*:,.])"
"""Behind the name of an axis: Q7 and R050072 are samples."""
Q_NAME = re.compile(
    r"\|?(?:q(?:tot|xy|r|x|y|z|vec\w*|[\s_-]?(?:value|space|vector))?|scattering[\s_-]?vector|momentum[\s_-]?transfer)"
    rf"(?:(?=nm|A\b|A-|inv)|{END})",
    re.IGNORECASE,
)
D_NAME = re.compile(rf"d(?:[\s_-]?(?:spacing|value)s?)?(?!\*){END}", re.IGNORECASE)
OTHER_AXIS_NAME = re.compile(
    rf"(?:s|theta|θ|energy|tof|time|channel|chi|omega|phi|r|d\*2?|1/d|d2|(?:sin|log|ln)[^a-z]?\S*){END}", re.IGNORECASE
)
LONE_NAME = re.compile(r"q|d|q[\s_-]?space|d[\s_-]?spacings?|theta|θ|energy", re.IGNORECASE)
"""Of a line that holds nothing else."""
COUNT_NAME = re.compile(r"(?:no|nr|n|#|index|idx|points?|pt|row|unnamed.*)?[.:]?", re.IGNORECASE)
"""Of a column that counts the points; pandas leaves it without a name."""
INVERSE = r"\s*\^?\s*[{(]?\s*(?:(?:-|−|\*\*\s*-)\s*1|⁻¹)"
OVER = r"(?:1\s*/|/|per[\s_-]?|inv(?:erse)?[\s_-]?)\s*"
ANGSTROM = r"(?:Å(?:ngstr\w+)?|Ang\w*|A(?![a-z]))"
INVERSE_NM = re.compile(rf"nm{INVERSE}|{OVER}nm|nanomet\w+{INVERSE}", re.IGNORECASE)
INVERSE_ANGSTROM = re.compile(rf"{ANGSTROM}{INVERSE}|{OVER}{ANGSTROM}|(?<=q)[\s_]*[(\[]?(?:Å|A)[)\]]?$", re.IGNORECASE)
NM = re.compile(r"(?<![a-z])nm(?![a-z])", re.IGNORECASE)
ANY_ANGSTROM = re.compile(rf"(?<![a-z]){ANGSTROM}(?![a-z])", re.IGNORECASE)
RADIANS = re.compile(r"(?<![a-z])rad(?:ians?)?(?![a-z])", re.IGNORECASE)
UNIT_WORD = re.compile(
    rf"[\[(].*|[°]\S*|(?:nm|{ANGSTROM})(?:{INVERSE})?|1/\S+|deg(?:rees?)?\.?|rad|a\.?u\.?", re.IGNORECASE
)
"""A word that belongs to the name before it: `q (1/nm)`, `q nm^-1`, `2Theta deg`."""
UNIT_OF_INTENSITY = re.compile(r"[\[(]?(?:counts?|cts|cps|a\.?u\.?|arb\S*|-+)[\])]?", re.IGNORECASE)
NUMERIC = re.compile(r"[+-]?[\d.,]+(?:e[+-]?\d+)?", re.IGNORECASE)
NOTED = re.compile(r"(?:\bx?[\s_-]?units?|\bx?[\s_-]?axis|\bx[\s_-]?label|abscissa)\b\W*(\w.*)", re.IGNORECASE)
"""A line such as `# Radial unit: q_nm^-1`."""


class Columns(NamedTuple):
    """Where the axis and the intensity stand in a table, and what the axis is.

    Attributes:
        axis: Position of the column.
        intensity: The same.
        kind: What the axis is.
        named: Whether the file says so.
    """

    axis: int
    intensity: int
    kind: Axis
    named: bool


def find_columns(name: str, above: Sequence[str], values: NDArray[np.float64], axis: Axis | None = None) -> Columns:
    """The columns of a scan, by the names above the numbers if there are any.

    Args:
        name: Of the scan, for error messages.
        above: The lines above the numbers.
        values: The numbers, float64 (rows, columns), 2 columns or more.
        axis: What the first column is, whatever the names say; None where the file is to tell.

    Raises:
        MaterialError: `unreadable`: the first column is neither 2θ nor q nor d; `peak_list`: the table is a list of
            reflections.
    """
    width = values.shape[1]
    values = values[np.isfinite(values).all(axis=1)]
    lines = [line[:LONGEST_HEADING] for line in above if line.strip(" #!%;'\"\t-=_*")][-2:]
    for names in _headings(lines):
        if len(names) != width or any(NUMERIC.fullmatch(one) for one in names):
            continue
        _refuse_reflections(name, names)
        found = _by_names(name, names, axis)
        if found is not None:
            return found
        break
    noted = axis or _kind_by_words(name, lines, width) or _noted_kind(name, above)
    _refuse_no_axis(name, values)
    start = 1 if _is_count(values) else 0
    return Columns(start, start + 1, noted or Axis.TWO_THETA, named=noted is not None)


def _headings(lines: Sequence[str]) -> Iterator[list[str]]:
    """The names in the last line, or in the last but one where the last has their units."""
    for names in _names(lines[-1] if lines else ""):
        units = [one for one in names if UNIT_WORD.fullmatch(one) or UNIT_OF_INTENSITY.fullmatch(one)]
        if len(units) == len(names) and len(lines) == 2:
            above = next((one for one in _names(lines[0]) if len(one) == len(names)), [])
            yield [f"{one} {unit}" for one, unit in zip(above, names, strict=False)]
        yield names


def _names(heading: str) -> Iterator[list[str]]:
    """The names in a heading, split in one way after the other."""
    bare = _bare(heading)
    if re.search(r"[,;\t]", bare):
        yield [_clean(one) for one in re.split(r"[,;\t]", bare)]
    for pattern in (r"[,;\t]+|\s{2,}|\s(?=[A-Za-z])", r"[,;\t\s]+"):
        words = [_clean(one) for one in re.split(pattern, bare)]
        words = [one for one in words if one]
        yield words
        joined: list[str] = []
        for word in words:
            if joined and (UNIT_WORD.fullmatch(word) or word.endswith((")", "]"))):
                joined[-1] += f" {word}"
            else:
                joined.append(word)
        yield joined


def _bare(heading: str) -> str:
    return re.sub(r" */ *", "/", heading.strip().lstrip("#!%'").strip(" "))


def _clean(name: str) -> str:
    return name.strip(" \"'#!%")


def _by_names(name: str, names: Sequence[str], axis: Axis | None) -> Columns | None:
    """The columns by their names; None where these do not tell."""
    angles = [index for index, one in enumerate(names) if ANGLE_NAME.search(one)]
    intensities = [index for index, one in enumerate(names) if INTENSITY_NAME.search(one)]
    if angles and intensities and angles[0] != intensities[0]:
        kind = Axis.TWO_THETA_RADIANS if RADIANS.search(names[angles[0]]) else Axis.TWO_THETA
        return Columns(angles[0], intensities[0], axis or kind, named=True)
    if angles:
        return None
    for index, one in enumerate(names):
        if index in intensities or COUNT_NAME.fullmatch(one):
            continue
        kind_here = axis or _other_kind(name, one, sure=bool(intensities))
        if kind_here is None:
            return None
        after = intensities[0] if intensities else (index + 1) % len(names)
        return Columns(index, after, kind_here, named=True)
    return None


def _other_kind(name: str, column: str, *, sure: bool) -> Axis | None:
    """The axis by the name of a column and its unit, where it is q or d; None where it is neither.

    Args:
        name: Of the scan, for error messages.
        column: The name of the column.
        sure: Whether the line is known to name columns.
    """
    inverse = Axis.Q_NM if INVERSE_NM.search(column) else Axis.Q if INVERSE_ANGSTROM.search(column) else None
    if Q_NAME.match(column):
        if inverse is not None:
            return inverse
        msg = f"{name}: the column {column!r} has no unit; say it: --axis q (Å⁻¹) or q-nm (nm⁻¹)."
        raise MaterialError("other_axis", msg)
    if D_NAME.match(column) and (sure or NM.search(column) or ANY_ANGSTROM.search(column)):
        return Axis.D_NM if NM.search(column) else Axis.D
    if inverse is not None or OTHER_AXIS_NAME.match(column) or D_NAME.match(column):
        msg = (
            f"{name}: the first column is {column!r}; expected 2θ in degrees, or q or d with their unit. Convert it, "
            "or say what it is: --axis 2theta, q, q-nm, d."
        )
        raise MaterialError("other_axis", msg)
    return None


def _kind_by_words(name: str, lines: Sequence[str], width: int) -> Axis | None:
    """The axis by the first words of a heading whose number of names is not that of the columns."""
    heading = _bare(lines[-1] if lines else "")
    names = heading.split()
    if not 1 <= len(names) <= width + 4 or any(NUMERIC.fullmatch(one) for one in names) or ANGLE_NAME.search(heading):
        return None
    intensity = any(INTENSITY_NAME.search(one) for one in names[1:])
    # one word may be a remark, one with a unit is the axis
    lone = LONE_NAME.fullmatch(heading)
    if intensity or lone or INVERSE_NM.search(heading) or INVERSE_ANGSTROM.search(heading):
        return _other_kind(name, heading, sure=intensity)
    return None


def _noted_kind(name: str, above: Sequence[str]) -> Axis | None:
    """The axis by a line that says what the axis is, such as `# unit: q_nm^-1`."""
    for line in above:
        noted = NOTED.search(line[:LONGEST_HEADING])
        if noted and (Q_NAME.match(noted.group(1)) or D_NAME.match(noted.group(1))):
            return _other_kind(name, noted.group(1), sure=False)
    return None


def _refuse_reflections(name: str, names: Sequence[str]) -> None:
    lower = [one.lower() for one in names]
    together = any(re.fullmatch(r"\(?h[\s,]*k[\s,]*l\)?", one) for one in lower)
    if together or all(one in lower for one in ("h", "k", "l")):
        msg = (
            f"{name} is a list of reflections with their h, k, l; expected a measured pattern. Predict from the "
            "structure, or give the scan that the reflections were found in."
        )
        raise MaterialError("peak_list", msg)


def _refuse_no_axis(name: str, values: NDArray[np.float64]) -> None:
    """Refuse a first column that holds no axis: one of few values, or of a wide table out of order."""
    width = values.shape[1]
    if not len(values):
        # `Scan` counts the angles
        return
    # differences of the largest numbers would overflow
    before, after = values[:-1, 0], values[1:, 0]
    in_order = bool((after > before).all() or (after < before).all())
    distinct = len(np.unique(values[:, 0])) / len(values)
    if distinct < MIN_DISTINCT_SHARE or (width > MAX_PLAIN_COLUMNS and not in_order):
        msg = (
            f"{name} has {width} columns, and the first does not hold angles; expected 2θ in degrees first and "
            "intensity second, with a column separator other than the decimal comma."
        )
        raise MaterialError("unreadable", msg)


def _is_count(values: NDArray[np.float64]) -> bool:
    """Whether the first column counts the points and the second holds angles."""
    if values.shape[1] < 3 or len(values) < 2 or values[0, 0] not in {0.0, 1.0}:
        return False
    steps = np.abs(np.diff(values[:, 1]))
    counts = bool((np.diff(values[:, 0]) == 1).all())
    return counts and bool(((steps > 0) & (steps <= MAX_STEP)).all())
