"""From tables to the labelled inputs of each part, for training and studies."""

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
    """The training and the validation part, and the materials that have no input.

    Args:
        paths: The tree of the tables.
        params: All parameters.
        features: Features by material, for models on features; it is read and extended.

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
    train = _inputs(paths, parts["train"], source, BUDGET, skips)
    validation = _inputs(paths, parts["validation"], source, BUDGET - train.kept.nbytes, skips)
    if not len(train):
        skips.report()
        found = ", ".join(f"{count} {reason}" for reason, count in skips.summary().items()) or "none was assigned to it"
        msg = (
            f"no structure is left to train on ({found}). "
            f"Run `dvc repro {params.input_source}` and look at {paths.split} and {paths.labels}."
        )
        raise XrdsymError(msg)
    augmented = load_augmented(paths.structures, train, params) if params.effects.on else None
    validation = _as_evaluated(paths, params, validation)
    return TrainingData(members.classes.names, train, validation, augmented, members.classes.rare), skips


def read_test_part(paths: Paths, params: Params) -> LabelledInputs:
    """The test part, for the final score alone.

    Raises:
        XrdsymError: A table is missing or broken.
    """
    from xrdsym.data.datasets import BUDGET

    frame = part_members(paths, params).frame
    frame = frame[frame["part"] == "test"]
    return _as_evaluated(paths, params, _inputs(paths, frame, _source(paths, params, frame), BUDGET, SkipCounts()))


@dataclass(frozen=True)
class Members:
    """The materials of each part, and the classes that a model predicts.

    Attributes:
        frame: Columns material_id, part, label (the position in the classes), composition, crystal_system.
        classes: The classes of the model.
    """

    frame: pd.DataFrame
    classes: Classes


def part_members(paths: Paths, params: Params) -> Members:
    """The materials that have a part and a class, in the order of the split, of the family `train.chemistry` alone.

    Rare classes are those of the training part before `train.limit`, so that trainings of different size have the same
    classes.

    Raises:
        UsageError: Fewer than two classes have enough training structures.
        XrdsymError: A table is missing or broken, or lacks the target.
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


def _inputs(paths: Paths, members: pd.DataFrame, source: InputSource, budget: int, skips: SkipCounts) -> LabelledInputs:
    from xrdsym.data.datasets import load_inputs

    # a material without peaks has no image either, and its own reason says more than the missing image
    without_peaks = read_skipped(paths.peaks) if paths.peaks.is_file() else {}
    blank = members["material_id"].isin(list(without_peaks))
    for name in members["material_id"][blank]:
        skips.add(name, *without_peaks[name])
    frame = members[~blank]
    labels = frame["label"].to_numpy(dtype=np.int64)
    inputs, skipped = load_inputs(source, list(frame["material_id"]), labels, budget)
    for one in skipped:
        skips.add(one.name, one.reason, one.detail)
    return inputs


def _as_evaluated(paths: Paths, params: Params, inputs: LabelledInputs) -> LabelledInputs:
    """The inputs of a part on which a model is evaluated, augmented where the parameters say so."""
    from xrdsym.data.augmented import evaluated_with_augmentation, evaluation_inputs, load_augmented

    if not evaluated_with_augmentation(params):
        return inputs
    return evaluation_inputs(load_augmented(paths.structures, inputs, params))


def _source(
    paths: Paths,
    params: Params,
    members: pd.DataFrame,
    features: MutableMapping[str, NDArray[Any]] | None = None,
) -> InputSource:
    from xrdsym.data.datasets import EncodedPeaks, FolderImages

    if params.input_source == "peaks":
        cache = features if model_spec(params.train.model).input == "features" else None
        return EncodedPeaks(paths.peaks, list(members["material_id"]), encoder_of(params), cache)
    if not paths.images.is_dir():
        msg = (
            f"no images at {paths.images}. Run `dvc repro images` to render them, or set train.input=peaks "
            "to render on the fly."
        )
        raise XrdsymError(msg)
    systems = dict(zip(members["material_id"], members["crystal_system"], strict=True))
    return FolderImages(paths.images, systems, params.images.side)
