"""Tables → the labelled images of the parts, as training and studies take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xrdsym.common.errors import XrdsymError
from xrdsym.common.skips import SkipCounts
from xrdsym.config.model_specs import model_spec
from xrdsym.crystal.chemistry import family
from xrdsym.crystal.labels import read_labels
from xrdsym.crystal.targets.classes import class_indices, target_values
from xrdsym.data.classes import Classes, chosen_classes
from xrdsym.data.split import read_split
from xrdsym.diffraction.peaks_table import read_skipped
from xrdsym.encoding.encoder import encoder_of

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any

    from numpy.typing import NDArray

    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params
    from xrdsym.data.datasets import InputSource, LabelledInputs
    from xrdsym.data.training_data import TrainingData


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
    from xrdsym.data.augmented import load_augmented
    from xrdsym.data.datasets import BUDGET
    from xrdsym.data.subset import stratified_subset
    from xrdsym.data.training_data import TrainingData

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
            f"Run `dvc repro {params.input_source}` and look at {paths.split} and {paths.labels}."
        )
        raise XrdsymError(msg)
    augmented = load_augmented(paths.structures, train, params) if params.effects.on else None
    validation = _as_judged(paths, params, validation)
    return TrainingData(members.classes.names, train, validation, augmented, members.classes.rare), skips


def read_test_part(paths: Paths, params: Params) -> LabelledInputs:
    """The test part, for a last judgement alone.

    Raises:
        XrdsymError: A table is missing or broken.
    """
    from xrdsym.data.datasets import BUDGET

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


def _images(paths: Paths, members: pd.DataFrame, source: InputSource, budget: int, skips: SkipCounts) -> LabelledInputs:
    from xrdsym.data.datasets import load_inputs

    # a material without peaks has no image either, and its own reason says more than the missing image
    without_peaks = read_skipped(paths.peaks) if paths.peaks.is_file() else {}
    blank = members["material_id"].isin(list(without_peaks))
    for name in members["material_id"][blank]:
        skips.add(name, *without_peaks[name])
    frame = members[~blank]
    labels = frame["label"].to_numpy(dtype=np.int64)
    images, skipped = load_inputs(source, list(frame["material_id"]), labels, budget)
    for one in skipped:
        skips.add(one.name, one.reason, one.detail)
    return images


def _as_judged(paths: Paths, params: Params, images: LabelledInputs) -> LabelledInputs:
    """What a model is judged by, drawn with the effects where it is to be."""
    from xrdsym.data.augmented import augmented_once, load_augmented

    if not (params.effects.in_evaluation and params.effects.on):
        return images
    return augmented_once(load_augmented(paths.structures, images, params))


def _source(
    paths: Paths,
    params: Params,
    members: pd.DataFrame,
    features: MutableMapping[str, NDArray[Any]] | None = None,
) -> InputSource:
    from xrdsym.data.datasets import EncodedPeaks, FolderImages

    if params.input_source == "peaks":
        made = features if model_spec(params.train.model).input == "features" else None
        return EncodedPeaks(paths.peaks, list(members["material_id"]), encoder_of(params), made)
    if not paths.images.is_dir():
        msg = (
            f"no images at {paths.images}. Run `dvc repro images` to render them, or set train.input=peaks "
            "to render on the fly."
        )
        raise XrdsymError(msg)
    systems = dict(zip(members["material_id"], members["crystal_system"], strict=True))
    return FolderImages(paths.images, systems, params.images.side)
