"""Tables → the labelled images of the parts, as training and studies take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xrdsym.chemistry import family
from xrdsym.diffraction.peaks_table import read_skipped
from xrdsym.errors import XrdsymError
from xrdsym.labels import read_labels
from xrdsym.skips import SkipCounts
from xrdsym.split import read_split
from xrdsym.symmetry import CRYSTAL_SYSTEMS

if TYPE_CHECKING:
    import pandas as pd

    from xrdsym.inputs import ImageSource, LabelledImages
    from xrdsym.params import Params
    from xrdsym.paths import Paths
    from xrdsym.training import TrainingData


def read_data(paths: Paths, params: Params) -> tuple[TrainingData, SkipCounts]:
    """The training and the validation part, and what had to be left out.

    Raises:
        XrdsymError: A table is missing or broken, or no training structure is left.
    """
    from xrdsym.drawn_anew import load_drawn_anew
    from xrdsym.inputs import BUDGET
    from xrdsym.training import TrainingData
    from xrdsym.weighting import stratified_subset

    members = part_members(paths, params)
    parts = {part: members[members["part"] == part] for part in ("train", "validation")}
    if params.train.limit is not None:
        chosen = stratified_subset(parts["train"]["label"].to_numpy(), params.train.limit, params.train.seed)
        parts["train"] = parts["train"].iloc[chosen]
    source = _source(paths, params, [name for frame in parts.values() for name in frame["material_id"]])
    skips = SkipCounts()
    train = _images(paths, params, parts["train"], source, BUDGET, skips)
    validation = _images(paths, params, parts["validation"], source, BUDGET - train.kept.nbytes, skips)
    if not len(train):
        skips.report()
        found = ", ".join(f"{count} {reason}" for reason, count in skips.summary().items()) or "none was assigned to it"
        msg = (
            f"no structure is left to train on ({found}). "
            f"Run `dvc repro {params.train.input}` and look at {paths.split} and {paths.labels}."
        )
        raise XrdsymError(msg)
    anew = load_drawn_anew(paths.structures, train, params) if params.effects.on else None
    return TrainingData(CRYSTAL_SYSTEMS, train, validation, anew), skips


def read_test_part(paths: Paths, params: Params) -> LabelledImages:
    """The test part, for a last judgement alone.

    Raises:
        XrdsymError: A table is missing or broken.
    """
    from xrdsym.inputs import BUDGET

    members = part_members(paths, params)
    members = members[members["part"] == "test"]
    source = _source(paths, params, list(members["material_id"]))
    return _images(paths, params, members, source, BUDGET, SkipCounts())


def part_members(paths: Paths, params: Params) -> pd.DataFrame:
    """What has a part and a label, in the order of the split, of the family `train.chemistry` alone.

    Returns:
        Columns material_id, part, label, composition.
    """
    split = read_split(paths.split)
    labels = read_labels(paths.labels)
    index = {system: position for position, system in enumerate(CRYSTAL_SYSTEMS)}
    labels = labels.assign(label=labels["crystal_system"].map(index).astype(np.int64))
    if params.train.chemistry != "all":
        labels = labels[labels["composition"].map(family) == params.train.chemistry]
    return split.merge(labels[["material_id", "label", "composition"]], on="material_id")


def _images(  # noqa: PLR0913, PLR0917 - where they come from, what they take, what is left out
    paths: Paths, params: Params, members: pd.DataFrame, source: ImageSource, budget: int, skips: SkipCounts
) -> LabelledImages:
    from xrdsym.inputs import load_images

    # a material without peaks has no image either, and its own reason says more than the missing image
    without_peaks = read_skipped(paths.peaks) if paths.peaks.is_file() else {}
    blank = members["material_id"].isin(list(without_peaks))
    for name in members["material_id"][blank]:
        skips.add(name, *without_peaks[name])
    frame = members[~blank]
    labels = frame["label"].to_numpy(dtype=np.int64)
    images, skipped = load_images(source, list(frame["material_id"]), labels, params.images.side, budget)
    for one in skipped:
        skips.add(one.name, one.reason, one.detail)
    return images


def _source(paths: Paths, params: Params, material_ids: list[str]) -> ImageSource:
    from xrdsym.inputs import FolderImages, PeakImages

    if params.train.input == "peaks":
        return PeakImages(paths.peaks, material_ids, params.profile, params.images)
    if not paths.images.is_dir():
        msg = (
            f"no images at {paths.images}. Run `dvc repro images` to render them, or set train.input=peaks "
            "to render on the fly."
        )
        raise XrdsymError(msg)
    return FolderImages(paths.images, CRYSTAL_SYSTEMS, params.images.side)
