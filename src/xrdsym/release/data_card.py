"""The data card, after T. Gebru et al., Datasheets for Datasets (Commun. ACM 64, 86, 2021), in short."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from xrdsym.common.formatting import in_words, percent
from xrdsym.data.split import PARTS
from xrdsym.reporting.document import Block, Bullets, Heading, Table, Text, markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xrdsym.release.content import DataWords, ReleasedModel


def data_card(models: Sequence[ReleasedModel], data: DataWords) -> str:
    """The data card as Markdown.

    Args:
        models: The released models, one or more.
        data: The words on the data.
    """
    blocks: list[Block] = [
        Heading(1, "Data card"),
        Text(
            "The structures that the released models were trained on ([MODEL_CARD.md](MODEL_CARD.md)). `xrdsym cards` "
            "writes this file; the numbers are the counts of the pipeline's stages that `xrdsym release` recorded."
        ),
        Heading(2, "Motivation"),
        Text(data.motivation),
        Heading(2, "Origin"),
        Text(data.origin),
    ]
    for together in _by_tables(models):
        blocks += _tables(together)
    return markdown(
        [
            *blocks,
            Heading(2, "Uses"),
            Bullets(data.uses),
            Heading(2, "Limits"),
            Bullets(data.limits),
            Heading(2, "Licence"),
            Text(data.licence),
        ],
        "",
    )


def _by_tables(models: Sequence[ReleasedModel]) -> list[list[ReleasedModel]]:
    """The models, grouped by the tables that they were trained on."""
    groups: dict[str, list[ReleasedModel]] = {}
    for model in models:
        groups.setdefault(json.dumps(model.release["data"], sort_keys=True), []).append(model)
    return list(groups.values())


def _tables(models: Sequence[ReleasedModel]) -> list[Block]:
    data, recipe = models[0].release["data"], models[0].recipe
    counts = data["counts"]
    sources = " + ".join(f"{count:,} {in_words(name)}" for name, count in counts["structures"]["sources"].items())
    return [
        Heading(2, "The tables of " + " and ".join(f"`{model.name}`" for model in models)),
        Heading(3, "Composition"),
        Text(f"{counts['structures']['count']:,} structures ({sources}), {counts['labels']['count']:,} with a label."),
        _parts(counts),
        Text(_split(data, counts)),
        Heading(3, "Labels, patterns and skipped structures"),
        Text(
            f"Labels are the symmetry of the structures, determined by spglib with symprec {recipe.labels.symprec:g} Å "
            f"and an angle tolerance of {recipe.labels.angle_tolerance:g}°. Patterns are simulated with "
            f"{recipe.peaks.radiation} up to {recipe.peaks.two_theta_max:g}° 2θ."
        ),
        Table(("stage", "rows", "skipped"), tuple(_skipped(counts)), texts=("skipped",)),
        Heading(3, "Hashes"),
        Table(
            ("table", "SHA-256"), tuple((name, f"`{value}`") for name, value in data["sha256"].items()), ("SHA-256",)
        ),
    ]


def _parts(counts: dict[str, Any]) -> Table:
    """The number of structures of each crystal system in each part."""
    systems = counts["labels"]["crystal_systems"]
    parts = counts["split"]["parts"]
    rows = []
    for system, count in systems.items():
        of_parts = [f"{parts[part].get(system, 0):,}" for part in PARTS]
        rows.append((system, f"{count:,}", percent(count / counts["labels"]["count"]), *of_parts))
    totals = [f"{sum(parts[part].values()):,}" for part in PARTS]
    rows.append(("all", f"{counts['labels']['count']:,}", "", *totals))
    return Table(("crystal system", "structures", "share", *PARTS), tuple(rows))


def _split(data: dict[str, Any], counts: dict[str, Any]) -> str:
    split = data["split"]
    by = split["by"]
    how = "at random within each crystal system" if by == "random" else f"whole groups with one {in_words(by)}"
    shared = ", ".join(
        f"{percent(share)} share their {in_words(name)}"
        for name, share in counts["split"]["test_shares_with_train"].items()
    )
    return (
        f"Split: {how}, seed {split['seed']}. Of the structures of the test part, {shared} with a training structure."
    )


def _skipped(counts: dict[str, Any]) -> list[tuple[str, str, str]]:
    rows = []
    for stage in ("structures", "labels", "peaks"):
        skipped = ", ".join(f"{count:,} {in_words(reason)}" for reason, count in counts[stage]["skipped"].items())
        rows.append((stage, f"{counts[stage]['count']:,}", skipped or "none"))
    return rows
