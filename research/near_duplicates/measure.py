"""The paper's guess that patterns of different crystal systems look alike, measured.

Two patterns of different systems that cannot be told apart cost any classifier at least one of the two. How many
there are bounds from above what a classifier could reach. It is measured at three resolutions:

* image: no byte of the two images differs by more than so many grey levels of 255. One row of pixels stands for
  the image: the rows of `stripes` are copies, but for single pixels that Agg rounds by one level.
* grid: no point of the two profiles differs by more than so much of the strongest.
* peaks: the peak lists agree within so many degrees and so much of the strongest peak (`alike.peak_pairs`).

How far similarity alone goes says the nearest neighbour: a pattern is given the system of the one with the least
Euclidean distance.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from research.near_duplicates.neighbours import every_point, similarity
from research.near_duplicates.pairs import Pairs, image_pairs, peak_pairs, profile_pairs
from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.crystal.labels import read_labels
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.data.split import read_split
from xrdsym.diffraction.peaks_table import load_peaks, read_skipped
from xrdsym.encoding.encoder import encoder_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params
    from xrdsym.diffraction.peaks_table import PeakArrays
    from xrdsym.encoding.encoder import InputEncoder

GREY_LEVELS = (0, 1, 2, 5, 13, 26)
"""Tolerances in images; 13 and 26 are 5 and 10 % of 255."""
HEIGHTS = (0.001, 0.01, 0.05, 0.1)
"""Tolerances in profiles, in units of the strongest point."""
PEAK_TOLERANCES = ((0.001, 0.001), (0.001, 0.01), (0.01, 0.01), (0.02, 0.05), (0.05, 0.1))
"""Tolerances in peak lists: degrees 2θ, and units of the strongest peak."""
CONTRAST_PERCENTILES = (5, 50, 95)
EXAMPLES = 6
ROWS_AT_ONCE = 500
STRIDE = 0.8
"""Every how many σ a point of the profile is taken for the nearest neighbour (`neighbours.every_point`)."""


def measure(paths: Paths, params: Params) -> dict[str, Any]:
    """Count the materials that look like one of another crystal system, in images, on the grid and by their peaks.

    Args:
        paths: The tables of labels, parts and peaks.
        params: The grid and the images that are compared, of the layout `stripes`.

    Returns:
        What can be written as JSON: `count`, `left_out` (materials without a peak on the grid), and for each of
        `image`, `grid` and `peaks` the `rungs`, one for each tolerance (`tally`), and the `seconds` it took; for the
        first two also `nearest_neighbour` (`similarity`); for `image` the `contrast`, the largest difference of a
        byte of two pixels of one image, as percentiles 5, 50 and 95 over the materials: tolerances are to be seen
        against it.

    Raises:
        UsageError: The layout is another one.
        XrdsymError: A table is missing, or none of its materials has a pattern.
    """
    profile, images = params.profile, params.images
    if images.layout != "stripes":
        msg = f"looking for patterns that look alike: received images.layout {images.layout}, expected stripes"
        raise UsageError(msg)
    encoder = encoder_of(params)
    materials, peaks, rows, left_out = _patterns(paths, encoder)
    labels, parts = _classes(materials), materials["part"].to_numpy(dtype=str)
    result: dict[str, Any] = {
        "count": len(materials),
        "left_out": left_out,
        "profile": vars(profile),
        "images": vars(images),
    }
    began = perf_counter()
    found = image_pairs(rows, GREY_LEVELS[-1])
    rungs = [{"grey_levels": limit} | tally(materials, found.take(found.distance <= limit)) for limit in GREY_LEVELS]
    nearest = similarity(labels, parts, rows.astype(np.float32))
    contrast = np.ptp(rows.reshape(len(rows), -1, 3), axis=1).max(axis=1)
    result["image"] = {
        "rungs": rungs,
        "nearest_neighbour": nearest,
        "contrast": np.percentile(contrast, CONTRAST_PERCENTILES).tolist(),
        "seconds": _since(began),
    }
    began = perf_counter()
    found = profile_pairs(peaks, encoder, HEIGHTS[-1])
    rungs = [{"height": limit} | tally(materials, found.take(found.distance <= limit)) for limit in HEIGHTS]
    nearest = similarity(labels, parts, every_point(peaks, encoder, max(1, int(STRIDE * profile.sigma))))
    result["grid"] = {"rungs": rungs, "nearest_neighbour": nearest, "seconds": _since(began)}
    began = perf_counter()
    rungs = [
        {"degrees": degrees, "height": height} | tally(materials, peak_pairs(peaks, degrees, height))
        for degrees, height in PEAK_TOLERANCES
    ]
    result["peaks"] = {"rungs": rungs, "seconds": _since(began)}
    return result


def tally(materials: pd.DataFrame, pairs: Pairs) -> dict[str, Any]:
    """What pairs of materials that look alike mean for their crystal systems.

    Args:
        materials: material_id, crystal_system and composition of each, one row a material.
        pairs: Positions in `materials`.

    Returns:
        `pairs` and `pairs_of_other_systems`: how many; `same_composition`: the share of the latter with one reduced
        formula; `alike` and `other_system`: how many materials look like any other one, and like one of another
        system, with the `share`; `lost_at_best`: the share of materials that get a wrong answer where each gets the
        commonest system among those that look like it, itself included (a tie is lost in proportion): where looking
        alike passes from one to the next, as being equal does, no classifier that sees so much loses less;
        `systems`: the same by system; `between`: of each system, how many look like one of each other system;
        `examples`: at most six pairs, the closest one of each two systems that look alike most often.
    """
    labels = _classes(materials)
    count, systems = len(labels), len(CRYSTAL_SYSTEMS)
    cells = np.concatenate([pairs.first * systems + labels[pairs.second], pairs.second * systems + labels[pairs.first]])
    alike = np.bincount(cells, minlength=count * systems).reshape(count, systems)
    itself = labels[:, None] == np.arange(systems)
    commonest = (alike + itself) == (alike + itself).max(axis=1, keepdims=True)
    lost = 1.0 - commonest[itself] / commonest.sum(axis=1)
    confusable = (alike > 0) & ~itself
    other = confusable.any(axis=1)
    across = labels[pairs.first] != labels[pairs.second]
    compositions = materials["composition"].to_numpy(dtype=str)
    same = compositions[pairs.first[across]] == compositions[pairs.second[across]]
    by_system = {
        name: {
            "count": int(members.sum()),
            "other_system": _part(other[members]),
            "lost_at_best": float(lost[members].mean()) if members.any() else 0.0,
            "between": dict(zip(CRYSTAL_SYSTEMS, confusable[members].sum(axis=0).tolist(), strict=True)),
        }
        for name, members in zip(CRYSTAL_SYSTEMS, itself.T, strict=True)
    }
    return {
        "pairs": len(across),
        "pairs_of_other_systems": int(across.sum()),
        "same_composition": float(same.mean()) if len(same) else 0.0,
        "alike": _part(np.any(alike > 0, axis=1)),
        "other_system": _part(other),
        "lost_at_best": float(lost.mean()),
        "systems": by_system,
        "examples": _examples(materials, pairs.take(across)),
    }


def _patterns(paths: Paths, encoder: InputEncoder) -> tuple[pd.DataFrame, PeakArrays, NDArray[np.uint8], int]:
    """Labels and part, peaks, and a row of pixels of each material with a peak on the grid; how many have none."""
    labelled = read_labels(paths.labels).merge(read_split(paths.split), on="material_id")
    materials = labelled[~labelled["material_id"].isin(list(read_skipped(paths.peaks)))]
    peaks = load_peaks(paths.peaks, materials["material_id"].tolist())
    rows = np.empty((len(materials), 3 * encoder.side), dtype=np.uint8)
    drawn = np.zeros(len(materials), dtype=bool)
    for begin in range(0, len(materials), ROWS_AT_ONCE):
        taken = peaks.take(np.arange(begin, min(begin + ROWS_AT_ONCE, len(materials))))
        profiles = encoder.profiles(taken.offsets, taken.two_theta, taken.intensity)
        drawn[begin : begin + len(profiles)] = profiles.any(axis=1)
        rows[begin : begin + len(profiles)] = encoder.images(profiles)[:, 0].reshape(len(profiles), -1)
    if not drawn.any():
        msg = f"no material of {paths.labels} has a peak on the grid of the profile. Run `dvc repro peaks split`."
        raise XrdsymError(msg)
    left_out = len(labelled) - int(drawn.sum())
    return materials[drawn].reset_index(drop=True), peaks.take(np.flatnonzero(drawn)), rows[drawn], left_out


def _classes(materials: pd.DataFrame) -> NDArray[np.int64]:
    return materials["crystal_system"].map(CRYSTAL_SYSTEMS.index).to_numpy(dtype=np.int64)


def _part(members: NDArray[np.bool_]) -> dict[str, float]:
    return {"count": int(members.sum()), "share": float(members.mean()) if len(members) else 0.0}


def _since(began: float) -> float:
    return round(perf_counter() - began, 1)


def _examples(materials: pd.DataFrame, pairs: Pairs) -> list[dict[str, Any]]:
    """The closest pair of each two systems, those first that look alike most often."""
    labels = _classes(materials)
    ends = np.stack([labels[pairs.first], labels[pairs.second]])
    systems = ends.min(axis=0) * len(CRYSTAL_SYSTEMS) + ends.max(axis=0)
    kinds, counts = np.unique(systems, return_counts=True)
    examples = []
    for kind in kinds[np.argsort(-counts, kind="stable")][:EXAMPLES]:
        places = np.flatnonzero(systems == kind)
        closest = places[pairs.distance[places].argmin()]
        two = materials.iloc[[pairs.first[closest], pairs.second[closest]]]
        named = {name: two[name].tolist() for name in ("material_id", "crystal_system", "composition", "space_group")}
        examples.append(named | {"distance": float(pairs.distance[closest]), "pairs": len(places)})
    return examples


def summary(result: dict[str, Any]) -> str:
    """The answer of `measure` in a few lines of plain text."""
    lines = [
        f"{result['count']} materials; share that looks like one of another crystal system, and share lost at best"
    ]
    for level, told in (("image", _told_image), ("grid", _told_grid), ("peaks", _told_peaks)):
        for rung in result[level]["rungs"]:
            other = rung["other_system"]
            lines.append(
                f"{level:<6} {told(rung):<32} {other['count']:>7}  {other['share']:>7.2%}  {rung['lost_at_best']:>7.2%}"
            )
    for level in ("image", "grid"):
        answers = result[level]["nearest_neighbour"]
        lines.append(
            f"{level:<6} nearest neighbour: accuracy {answers['train']['accuracy']:.3f} among the training part, "
            f"{answers['all']['accuracy']:.3f} among all others (n = {answers['all']['count']})"
        )
    return "\n".join(lines)


def _told_image(rung: dict[str, Any]) -> str:
    return f"within {rung['grey_levels']} grey levels"


def _told_grid(rung: dict[str, Any]) -> str:
    return f"within {rung['height']:.1%} of the strongest"


def _told_peaks(rung: dict[str, Any]) -> str:
    return f"within {rung['degrees']:g}° and {rung['height']:.1%}"
