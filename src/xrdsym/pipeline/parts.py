"""Tables → the labelled images of the parts, as training and studies take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xrdsym.chemistry import family
from xrdsym.diffraction.peaks_table import read_skipped
from xrdsym.drawing import drawing_of
from xrdsym.errors import XrdsymError
from xrdsym.labels import read_labels
from xrdsym.models import architecture
from xrdsym.skips import SkipCounts
from xrdsym.split import read_split
from xrdsym.targets.classes import Classes, chosen_classes, class_indices, target_values

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any

    from numpy.typing import NDArray

    from xrdsym.inputs import ImageSource, LabelledImages
    from xrdsym.learning.task import TrainingData
    from xrdsym.params import Params
    from xrdsym.paths import Paths


def read_data(
    paths: Paths, params: Params, features: MutableMapping[str, NDArray[Any]] | None = None
) -> tuple[TrainingData, SkipCounts]:
    """The training and the validation part, and what had to be left out.

    Args:
        paths: The tree of the tables.
        params: What is read of them.
        features: Features of materials that are known already, for a model that takes such; the others are put in.

    Raises:
        XrdsymError: A table is missing or broken, or no training structure is left.
    """
    from xrdsym.drawn_anew import load_drawn_anew
    from xrdsym.inputs import BUDGET
    from xrdsym.learning.task import TrainingData
    from xrdsym.learning.weighting import stratified_subset

    members = part_members(paths, params)
    frame = members.frame
    parts = {part: frame[frame["part"] == part] for part in ("train", "validation")}
    if params.train.limit is not None:
        chosen = stratified_subset(parts["train"]["label"].to_numpy(), params.train.limit, params.train.seed)
        parts["train"] = parts["train"].iloc[chosen]
    source = _source(paths, params, pd.concat(parts.values()), features)
    skips = SkipCounts()
    train = _images(paths, parts["train"], source, BUDGET, skips)
    validation = _images(paths, parts["validation"], source, BUDGET - train.kept.nbytes, skips)
    if not len(train):
        skips.report()
        found = ", ".join(f"{count} {reason}" for reason, count in skips.summary().items()) or "none was assigned to it"
        msg = (
            f"no structure is left to train on ({found}). "
            f"Run `dvc repro {params.train.input}` and look at {paths.split} and {paths.labels}."
        )
        raise XrdsymError(msg)
    anew = load_drawn_anew(paths.structures, train, params) if params.effects.on else None
    validation = _as_judged(paths, params, validation)
    return TrainingData(members.classes.names, train, validation, anew, members.classes.rare), skips


def read_test_part(paths: Paths, params: Params) -> LabelledImages:
    """The test part, for a last judgement alone.

    Raises:
        XrdsymError: A table is missing or broken.
    """
    from xrdsym.inputs import BUDGET

    frame = part_members(paths, params).frame
    frame = frame[frame["part"] == "test"]
    return _as_judged(paths, params, _images(paths, frame, _source(paths, params, frame), BUDGET, SkipCounts()))


@dataclass(frozen=True)
class Members:
    """Who is in which part, and what a model is to tell of them.

    Attributes:
        frame: Columns material_id, part, label (the position in the classes), composition, crystal_system.
        classes: The classes of the model.
    """

    frame: pd.DataFrame
    classes: Classes


def part_members(paths: Paths, params: Params) -> Members:
    """What has a part and a class, in the order of the split, of the family `train.chemistry` alone.

    Which classes are rare is counted in the training part before `train.limit` takes of it, so that trainings of
    different size tell the same classes apart.

    Raises:
        UsageError: Fewer than two classes have enough training structures.
        XrdsymError: A table is missing or broken, or does not tell the target.
    """
    split = read_split(paths.split)
    labels = read_labels(paths.labels)
    labels = labels.assign(value=target_values(labels, params.target.name))
    if params.train.chemistry != "all":
        labels = labels[labels["composition"].map(family) == params.train.chemistry]
    frame = split.merge(labels[["material_id", "value", "composition", "crystal_system"]], on="material_id")
    counts = frame.loc[frame["part"] == "train", "value"].value_counts()
    classes = chosen_classes(params.target, {str(name): int(count) for name, count in counts.items()})
    frame = frame.assign(label=class_indices(frame["value"].tolist(), classes.names)).drop(columns="value")
    return Members(frame[frame["label"] >= 0], classes)


def _images(paths: Paths, members: pd.DataFrame, source: ImageSource, budget: int, skips: SkipCounts) -> LabelledImages:
    from xrdsym.inputs import load_images

    # a material without peaks has no image either, and its own reason says more than the missing image
    without_peaks = read_skipped(paths.peaks) if paths.peaks.is_file() else {}
    blank = members["material_id"].isin(list(without_peaks))
    for name in members["material_id"][blank]:
        skips.add(name, *without_peaks[name])
    frame = members[~blank]
    labels = frame["label"].to_numpy(dtype=np.int64)
    images, skipped = load_images(source, list(frame["material_id"]), labels, budget)
    for one in skipped:
        skips.add(one.name, one.reason, one.detail)
    return images


def _as_judged(paths: Paths, params: Params, images: LabelledImages) -> LabelledImages:
    """What a model is judged by, drawn with the effects where it is to be."""
    from xrdsym.drawn_anew import drawn_once, load_drawn_anew

    if not (params.effects.judged and params.effects.on):
        return images
    return drawn_once(load_drawn_anew(paths.structures, images, params))


def _source(
    paths: Paths,
    params: Params,
    members: pd.DataFrame,
    features: MutableMapping[str, NDArray[Any]] | None = None,
) -> ImageSource:
    from xrdsym.inputs import FolderImages, PeakImages

    if params.train.input == "peaks":
        made = features if architecture(params.train.model).input == "features" else None
        return PeakImages(paths.peaks, list(members["material_id"]), drawing_of(params), made)
    if not paths.images.is_dir():
        msg = (
            f"no images at {paths.images}. Run `dvc repro images` to render them, or set train.input=peaks "
            "to render on the fly."
        )
        raise XrdsymError(msg)
    systems = dict(zip(members["material_id"], members["crystal_system"], strict=True))
    return FolderImages(paths.images, systems, params.images.side)
