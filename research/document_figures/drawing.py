"""The two figures, drawn from what the repository holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import XrdsymError
from xrdsym.config.params_file import load_params
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.diffraction.peaks import simulate_peaks
from xrdsym.encoding.encoder import encoder_of
from xrdsym.reporting.confusion_figure import confusion_figure
from xrdsym.reporting.pattern_figure import ExamplePattern, pattern_figure
from xrdsym.sources.files import read_structure_file

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

PRESET = "presets/paper-local.yaml"
STRUCTURE = "examples/corundum.cif"
RESULTS = "docs/results.md"
HEADER = "| | cub | hex | mon | ort | tet | tri | trig |"
CONTEXT = "validation part, n = {n:,}, Materials Project, random split, 7 classes"


def paper_pattern(root: Path) -> Figure:
    """The pattern of corundum and the image of it that the paper's network reads, by the preset of the paper.

    Args:
        root: The repository.
    """
    params = load_params(root / PRESET)
    encoder = encoder_of(params)
    structure = read_structure_file(root / STRUCTURE)
    peaks = simulate_peaks(structure, encoder.wavelength, (0.0, params.peaks.two_theta_max))
    ends = np.array([0, len(peaks.two_theta)])
    rows = encoder.profiles(ends, peaks.two_theta, peaks.intensity.astype(np.float32))
    return pattern_figure(
        ExamplePattern(
            structure.material_id,
            f"{structure.formula}, trigonal",
            encoder.grid.positions,
            rows[0],
            encoder.images(rows)[0],
            peaks.two_theta,
            params.images.layout,
            params.profile.scale,
        )
    )


def results_confusion(root: Path) -> Figure:
    """The confusion matrix of the paper's network, reduced version, from its table in docs/results.md.

    Args:
        root: The repository.

    Raises:
        XrdsymError: The page has no such table.
    """
    matrix = confusion_table((root / RESULTS).read_text(encoding="utf-8"))
    return confusion_figure(matrix, CRYSTAL_SYSTEMS, CONTEXT.format(n=int(matrix.sum())), shares=True)


def confusion_table(text: str) -> NDArray[np.int64]:
    """The counts of the first table with the header `HEADER`, int64 (7, 7), rows actual, columns predicted.

    Raises:
        XrdsymError: The page has no such table.
    """
    lines = text.partition(HEADER)[2].strip().splitlines()[1 : 1 + len(CRYSTAL_SYSTEMS)]
    rows = [re.findall(r"[a-z]+|\d+", line) for line in lines]
    if [row[0] for row in rows if row] != list(CRYSTAL_SYSTEMS) or {len(row) for row in rows} != {8}:
        msg = f"{RESULTS} has no confusion matrix below the line {HEADER}; put its seven rows there"
        raise XrdsymError(msg)
    return np.array([[int(count) for count in row[1:]] for row in rows], dtype=np.int64)
