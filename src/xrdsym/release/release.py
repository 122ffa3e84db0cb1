"""From a trained model to a released one: a copy within the limit of size, measured as it is stored, with its facts."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.files import file_digest, write_json
from xrdsym.config.model_specs import PATTERN_TYPES
from xrdsym.config.params_file import load_params
from xrdsym.data.split import PARTS
from xrdsym.encoding.recipe import read_recipe, write_recipe
from xrdsym.models.predictor import load_model
from xrdsym.models.released import RELEASE_FILE, SCORES_FILE, TRAINING_FILE, WORDS_FILE, released_name
from xrdsym.scoring.score import pattern_type_of, score_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xrdsym.config.model_specs import PatternType
    from xrdsym.config.paths import Paths
    from xrdsym.encoding.recipe import Recipe
    from xrdsym.models.predictor import Model

LARGEST = 10 * 2**20
"""Bytes of a released model's folder at most: every clone of the repository takes it along."""
STAGES = ("structures", "labels", "peaks", "split")
"""The stages whose tables a training reads and whose counts the data card tells."""


@dataclass(frozen=True)
class Measurement:
    """What a released model is to be scored on.

    Attributes:
        name: What the card calls it.
        data: As for `labelled.named.score_data`, of files no folder.
    """

    name: str
    data: str


def release(
    paths: Paths,
    source: Path,
    kind: PatternType,
    measurements: Sequence[Measurement],
    told: tuple[str | float, float] | None,
) -> Path:
    """Copy a trained model into `models/released/`, score the copy, and record which data it was trained on.

    The `card.yaml` of the previous release is kept.

    Args:
        paths: The working tree in which the model was trained.
        source: The model's folder.
        kind: The kind of pattern that it is to answer for.
        measurements: What it is scored on.
        told: What measured patterns were measured with: what it is called and its wavelength in Å.

    Returns:
        The released model's folder.

    Raises:
        UsageError: A measurement is a folder, or a part of another split.
        XrdsymError: The model is too large, cannot take this kind of pattern, was trained on other tables than those
            of the working tree, or cannot be read.
    """
    for one in measurements:
        if one.data not in PARTS and Path(one.data).is_dir():
            msg = f"{one.data} is a folder; a released model is scored on a part of the split or on one file, whose "
            raise UsageError(msg + "SHA-256 tells what it was")
    recipe = read_recipe(source)
    facts = {"data": _data_facts(paths, source, recipe)}
    target = paths.models / released_name(kind)
    paths.models.mkdir(exist_ok=True)
    # beside the models, so that the finished folder only has to be renamed
    with tempfile.TemporaryDirectory(prefix=".release-", dir=paths.models) as temporary:
        folder = Path(temporary) / kind
        file = _copy(source, recipe, folder)
        model = load_model(folder)
        model.name = released_name(kind)
        takes = [one for one in PATTERN_TYPES if model.accepts(one)]
        if kind not in takes:
            msg = f"{source} cannot be released for {kind} patterns: {model.encoder.refusal(kind)}"
            raise XrdsymError(msg)
        write_json(folder / SCORES_FILE, [_measured(model, kind, one, told) for one in measurements])
        content = {"takes": takes, "file": file.name, "bytes": file.stat().st_size, "sha256": file_digest(file)}
        write_json(folder / RELEASE_FILE, content | facts)
        if (target / WORDS_FILE).is_file():
            shutil.copy(target / WORDS_FILE, folder)
        _check_size(folder)
        target.parent.mkdir(exist_ok=True)
        if target.exists():
            target.rename(Path(temporary) / "before")
        folder.rename(target)
    return target


def _copy(source: Path, recipe: Recipe, folder: Path) -> Path:
    """Copy the files of a model and return the model's own file."""
    files = sorted(source.glob("model.*"))
    if len(files) != 1 or not (source / TRAINING_FILE).is_file():
        found = ", ".join(sorted(path.name for path in source.iterdir()))
        msg = f"{source} is no model's folder as a training leaves it (one model.* and {TRAINING_FILE}); it has {found}"
        raise XrdsymError(msg)
    folder.mkdir()
    for name in (files[0].name, TRAINING_FILE):
        shutil.copy(source / name, folder)
    # where the weights that the training began with lay is of no use elsewhere
    train = dataclasses.replace(recipe.train, weights=Path(recipe.train.weights).name)
    write_recipe(folder, dataclasses.replace(recipe, train=train))
    _check_size(folder)
    return folder / files[0].name


def _check_size(folder: Path) -> None:
    size = sum(path.stat().st_size for path in folder.iterdir())
    if size > LARGEST:
        msg = (
            f"the model would take {size / 2**20:.1f} MiB, and a released one {LARGEST // 2**20} MiB at most. "
            "Release a smaller one."
        )
        raise XrdsymError(msg)


def _data_facts(paths: Paths, source: Path, recipe: Recipe) -> dict[str, Any]:
    """Hashes of the tables, counts of the stages and how the parts were made.

    Raises:
        XrdsymError: A table is missing, is not the one that the model was trained on, or has other rows than counted.
    """
    tables = {"structures": paths.structures, "labels": paths.labels, "peaks": paths.peaks, "split": paths.split}
    files = [*tables.values(), *(paths.summary(stage) for stage in STAGES)]
    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        msg = f"no {', '.join(missing)}: release a model in the project in which it was trained, after `dvc repro`."
        raise XrdsymError(msg)
    hashes = {name: file_digest(path) for name, path in tables.items()}
    others = [name for name in tables if name != "structures" and recipe.data.get(name) != hashes[name]]
    if others:
        msg = (
            f"{source} was not trained on the tables of this project: {', '.join(others)} have other hashes. "
            "Release it where it was trained, or train it again with `dvc repro`."
        )
        raise XrdsymError(msg)
    counts = {stage: json.loads(paths.summary(stage).read_text(encoding="utf-8")) for stage in STAGES}
    for name in ("structures", "labels", "peaks"):
        counted, rows = counts[name]["count"], pq.read_metadata(tables[name]).num_rows
        if counted != rows:
            msg = (
                f"{paths.summary(name)} counts {counted:,} rows and {tables[name]} has {rows:,}: they are of different "
                "runs. Make them again with `dvc repro`."
            )
            raise XrdsymError(msg)
    return {"sha256": hashes, "split": dataclasses.asdict(load_params(paths.params).split), "counts": counts}


def _measured(
    model: Model, kind: PatternType, measurement: Measurement, told: tuple[str | float, float] | None
) -> dict[str, Any]:
    """One score with what was scored and the command that gives it again."""
    part = measurement.data in PARTS
    scores = score_data(model, measurement.data, None if told is None else told[1])
    shown = measurement.data if part else Path(measurement.data).name
    command = f"xrdsym evaluate {shown} --model {kind}"
    if told is not None and pattern_type_of(measurement.data) == "measured":
        command += f" --radiation {told[0]}" if isinstance(told[0], str) else f" --wavelength {told[0]}"
    digest = None if part else file_digest(Path(measurement.data))
    return {"name": measurement.name, "data": shown, "sha256": digest, "command": command, "scores": scores}
