"""Count near duplicates: materials whose patterns agree within a tolerance although their crystal systems differ.

The paper suspects that such pairs limit the accuracy. A classifier makes at least one mistake on a pair of
indistinguishable patterns of different systems, so their number bounds its accuracy. Patterns are compared at three
levels:

* image: no byte of the two images differs by more than a number of grey levels of 255. One row of pixels represents
  the image, since the rows of `stripes` are equal except for single pixels that Agg rounds by one level.
* grid: no point of the two profiles differs by more than a share of the strongest point.
* peaks: the peak lists agree within a distance in degrees and a share of the strongest peak (see `pairs.peak_pairs`).

The nearest neighbour shows the accuracy of similarity alone: it predicts the system of the pattern with the smallest
Euclidean distance.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from research.near_duplicates.neighbours import every_point, similarity
from research.near_duplicates.pairs import Pairs, image_pairs, peak_pairs, profile_pairs
from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.formatting import percent
from xrdsym.common.tables import aligned
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
"""Tolerances in profiles, relative to the strongest point."""
PEAK_TOLERANCES = ((0.001, 0.001), (0.001, 0.01), (0.01, 0.01), (0.02, 0.05), (0.05, 0.1))
"""Tolerances in peak lists: degrees 2θ, and intensity relative to the strongest peak."""
CONTRAST_PERCENTILES = (5, 50, 95)
EXAMPLES = 6
ROWS_AT_ONCE = 500
STRIDE = 0.8
"""Distance, in σ, of the points that the nearest neighbour compares (see `neighbours.every_point`)."""


def measure(paths: Paths, params: Params) -> dict[str, Any]:
    """Count near duplicates of other crystal systems in images, in profiles and in peak lists.

    Args:
        paths: The project, with the tables of labels, parts and peaks.
        params: Parameters of the profiles and of the images, with the layout `stripes`.

    Returns:
        A dictionary for JSON: `count`; `left_out` (materials without a peak on the grid); and for each of `image`,
        `grid` and `peaks` the `rungs`, one for each tolerance (see `tally`), and the `seconds` of the search. `image`
        and `grid` also have `nearest_neighbour` (see `similarity`). `image` has `contrast`, the range of a byte within
        one image, as percentiles 5, 50 and 95 over the materials, for comparison with the tolerances.

    Raises:
        UsageError: The layout is not `stripes`.
        XrdsymError: A table is missing, or no material has a pattern.
    """
    profile, images = params.profile, params.images
    if images.layout != "stripes":
        msg = f"near duplicates: received images.layout {images.layout}, expected stripes"
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
    pairs = image_pairs(rows, GREY_LEVELS[-1])
    rungs = [{"grey_levels": limit} | tally(materials, pairs.take(pairs.distance <= limit)) for limit in GREY_LEVELS]
    nearest = similarity(labels, parts, rows.astype(np.float32))
    contrast = np.ptp(rows.reshape(len(rows), -1, 3), axis=1).max(axis=1)
    result["image"] = {
        "rungs": rungs,
        "nearest_neighbour": nearest,
        "contrast": np.percentile(contrast, CONTRAST_PERCENTILES).tolist(),
        "seconds": _since(began),
    }
    began = perf_counter()
    pairs = profile_pairs(peaks, encoder, HEIGHTS[-1])
    rungs = [{"height": limit} | tally(materials, pairs.take(pairs.distance <= limit)) for limit in HEIGHTS]
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
    """Summarise pairs of near duplicates by crystal system.

    Args:
        materials: One row a material with material_id, crystal_system, composition and space_group.
        pairs: Pairs of positions in `materials`.

    Returns:
        A dictionary for JSON:

        * `pairs`, `pairs_of_other_systems`: number of pairs, and of those between different systems.
        * `same_composition`: share of the latter pairs with equal reduced formulas.
        * `alike`, `other_system`: number and share of materials with a near duplicate, and with one of another system.
        * `lost_at_best`: share of mistakes if each material gets the most common system among its near duplicates and
          itself; a tie counts in proportion. If near duplication is transitive, as equality is, no classifier with
          this resolution has fewer mistakes.
        * `systems`: `count`, `other_system` and `lost_at_best` of each system, and `between`, the number of materials
          with a near duplicate in each other system.
        * `examples`: up to six pairs, the closest one of each of the most frequent pairs of systems.
    """
    labels = _classes(materials)
    count, systems = len(labels), len(CRYSTAL_SYSTEMS)
    cells = np.concatenate([pairs.first * systems + labels[pairs.second], pairs.second * systems + labels[pairs.first]])
    duplicates = np.bincount(cells, minlength=count * systems).reshape(count, systems)
    itself = labels[:, None] == np.arange(systems)
    commonest = (duplicates + itself) == (duplicates + itself).max(axis=1, keepdims=True)
    lost = 1.0 - commonest[itself] / commonest.sum(axis=1)
    confusable = (duplicates > 0) & ~itself
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
        "alike": _part(np.any(duplicates > 0, axis=1)),
        "other_system": _part(other),
        "lost_at_best": float(lost.mean()),
        "systems": by_system,
        "examples": _examples(materials, pairs.take(across)),
    }


def _patterns(paths: Paths, encoder: InputEncoder) -> tuple[pd.DataFrame, PeakArrays, NDArray[np.uint8], int]:
    """Labels and part, peaks, and a row of pixels of each material with a peak on the grid; the number without one."""
    labelled = read_labels(paths.labels).merge(read_split(paths.split), on="material_id")
    materials = labelled[~labelled["material_id"].isin(list(read_skipped(paths.peaks)))]
    peaks = load_peaks(paths.peaks, materials["material_id"].tolist())
    rows = np.empty((len(materials), 3 * encoder.side), dtype=np.uint8)
    has_peaks = np.zeros(len(materials), dtype=bool)
    for begin in range(0, len(materials), ROWS_AT_ONCE):
        part = peaks.take(np.arange(begin, min(begin + ROWS_AT_ONCE, len(materials))))
        profiles = encoder.profiles(part.offsets, part.two_theta, part.intensity)
        has_peaks[begin : begin + len(profiles)] = profiles.any(axis=1)
        rows[begin : begin + len(profiles)] = encoder.images(profiles)[:, 0].reshape(len(profiles), -1)
    if not has_peaks.any():
        msg = f"no material of {paths.labels} has a peak on the grid of the profile. Run `dvc repro peaks split`."
        raise XrdsymError(msg)
    left_out = len(labelled) - int(has_peaks.sum())
    return materials[has_peaks].reset_index(drop=True), peaks.take(np.flatnonzero(has_peaks)), rows[has_peaks], left_out


def _classes(materials: pd.DataFrame) -> NDArray[np.int64]:
    return materials["crystal_system"].map(CRYSTAL_SYSTEMS.index).to_numpy(dtype=np.int64)


def _part(members: NDArray[np.bool_]) -> dict[str, float]:
    return {"count": int(members.sum()), "share": float(members.mean()) if len(members) else 0.0}


def _since(began: float) -> float:
    return round(perf_counter() - began, 1)


def _examples(materials: pd.DataFrame, pairs: Pairs) -> list[dict[str, Any]]:
    """The closest pair of each of the most frequent pairs of systems."""
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
    """The result of `measure` as lines of plain text."""
    head = f"{result['count']} materials; near duplicates in another crystal system, least possible mistakes"
    rows = []
    for level, tolerance in (("image", _image_tolerance), ("grid", _grid_tolerance), ("peaks", _peak_tolerance)):
        for rung in result[level]["rungs"]:
            other = rung["other_system"]
            shares = (percent(other["share"], 2), percent(rung["lost_at_best"], 2))
            rows.append((level, tolerance(rung), str(other["count"]), *shares))
    lines = [head, *aligned(rows, numbers=(2, 3, 4))]
    for level in ("image", "grid"):
        answers = result[level]["nearest_neighbour"]
        lines.append(
            f"{level}: nearest neighbour: accuracy {answers['train']['accuracy']:.3f} in the training part, "
            f"{answers['all']['accuracy']:.3f} in all other materials (n = {answers['all']['count']})"
        )
    return "\n".join(lines)


def _image_tolerance(rung: dict[str, Any]) -> str:
    return f"within {rung['grey_levels']} grey levels"


def _grid_tolerance(rung: dict[str, Any]) -> str:
    return f"within {rung['height']:.1%} of the strongest"


def _peak_tolerance(rung: dict[str, Any]) -> str:
    return f"within {rung['degrees']:g}° and {rung['height']:.1%}"
