"""The section on patterns that look alike, from what `near_duplicates.measure` found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from research.why54.words import listed
from xrdsym.common.formatting import percent
from xrdsym.reporting.document import Block, Heading, Table, Text
from xrdsym.reporting.paper import PAPER_ACCURACY

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMAND = "python -m research.near_duplicates"
FINE = 13
"""Grey levels, 5 % of 255: images that differ nowhere by more look alike to most eyes."""
LEVELS = {"image": "the image", "grid": "the profile's grid", "peaks": "the peaks themselves"}


def near_duplicates_section(found: Mapping[str, Any] | None) -> list[Block]:
    """How many materials look like one of another system, in images, on the grid and by their peaks."""
    title = Heading(2, "Patterns that look alike")
    if not found:
        return [title, Text(f"not run: `{COMMAND}`")]
    images, profile = found["images"], found["profile"]
    rows = [
        (
            f"{LEVELS[level]}, within {_tolerance(rung)}",
            f"{rung['other_system']['count']:,}",
            percent(rung["other_system"]["share"], 2),
            percent(rung["lost_at_best"], 2),
        )
        for level in LEVELS
        for rung in found[level]["rungs"]
    ]
    header = ("cannot be told apart by", "look like another system", "share", "lost at best")
    return [
        title,
        Text(
            f"All {found['count']:,} labelled materials with a peak on the grid, 7 classes; images: "
            f"{images['layout']}, {images['side']} × {images['side']}, {images['colormap']}, {images['downsampling']}; "
            f"profiles: step {profile['step']}°, σ = {profile['sigma']:g} grid points, {profile['scale']}. Lost at "
            "best: the share of materials that get a wrong answer where all that look alike get one answer, the "
            "commonest system among them."
        ),
        Table(header, tuple(rows)),
        Text(_in_words(found)),
        _examples(found),
        Text(f"The closest pairs of the image, at its widest tolerance. Made by `{COMMAND}`."),
    ]


def _in_words(found: Mapping[str, Any]) -> str:
    lost = [
        f"{percent(found[level]['rungs'][0]['lost_at_best'], 2)} by {name} (within "
        f"{_tolerance(found[level]['rungs'][0])})"
        for level, name in LEVELS.items()
    ]
    nearest = [
        f"{found[level]['nearest_neighbour']['train']['accuracy']:.3f} by {LEVELS[level]}"
        for level in ("image", "grid")
    ]
    widest = max((rung for rung in found["image"]["rungs"] if rung["grey_levels"] <= FINE), key=_grey_levels)
    return (
        f"Images that differ nowhere by more than {_tolerance(widest)} cost at best {100 * widest['lost_at_best']:.1f} "
        f"points of accuracy; the paper lacks {100 * (1 - PAPER_ACCURACY):.0f}. "
        f"At the strictest tolerance the loss is {listed(lost)}. Similarity alone goes this far: answering for each "
        f"material of the validation part the system of its nearest neighbour in the training part has an accuracy of "
        f"{listed(nearest)}."
    )


def _examples(found: Mapping[str, Any]) -> Table:
    rows = []
    for pair in found["image"]["rungs"][-1]["examples"]:
        ends = [
            f"{name} ({formula}, {system}, {group})"
            for name, formula, system, group in zip(
                pair["material_id"], pair["composition"], pair["crystal_system"], pair["space_group"], strict=True
            )
        ]
        rows.append((*ends, f"{pair['distance']:g}", f"{pair['pairs']:,}"))
    return Table(("one", "the other", "grey levels", "such pairs"), tuple(rows), texts=("the other",))


def _grey_levels(rung: Mapping[str, Any]) -> int:
    return int(rung["grey_levels"])


def _tolerance(rung: Mapping[str, Any]) -> str:
    if "grey_levels" in rung:
        levels = _grey_levels(rung)
        return f"{levels} grey level{'' if levels == 1 else 's'} of 255"
    if "degrees" in rung:
        return f"{rung['degrees']:g}° and {100 * rung['height']:g} %"
    return f"{100 * rung['height']:g} % of the strongest"
