"""Publish a trained model: copy it, score the copy, record the training data."""

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
"""Maximum size of a released model's folder in bytes: every clone of the repository holds it."""
STAGES = ("structures", "labels", "peaks", "split")
"""Stages whose tables a training reads and whose counts the data card shows."""


@dataclass(frozen=True)
class Measurement:
    """Data that a released model is scored on.

    Attributes:
        name: Name on the card.
        data: A part of the split or a file, as for `scoring.score.score_data`.
    """

    name: str
    data: str


def release(
    paths: Paths,
    source: Path,
    kind: PatternType,
    measurements: Sequence[Measurement],
    radiation: tuple[str | float, float] | None,
) -> Path:
    """Copy a trained model into `models/released/`, score the copy, and record which data it was trained on.

    The `card.yaml` of the previous release is kept.

    Args:
        paths: The working tree in which the model was trained.
        source: The model's folder.
        kind: Type of the patterns that it becomes the default for.
        measurements: Data that it is scored on.
        radiation: Radiation of measured patterns: its name or number, and its wavelength in Å.

    Returns:
        The released model's folder.

    Raises:
        UsageError: A measurement is a folder, or a part of another split.
        XrdsymError: The model is too large, does not accept this type of pattern, was not trained on the tables of the
            working tree, or cannot be read.
    """
    for one in measurements:
        if one.data not in PARTS and Path(one.data).is_dir():
            msg = (
                f"{one.data} is a folder. Give a part of the split or one file: its SHA-256 goes into the card, and a "
                "folder has none."
            )
            raise UsageError(msg)
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
        write_json(folder / SCORES_FILE, [_measured(model, kind, one, radiation) for one in measurements])
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
        content = ", ".join(sorted(path.name for path in source.iterdir()))
        msg = f"{source} is no trained model: expected one model.* and {TRAINING_FILE}, received {content}"
        raise XrdsymError(msg)
    folder.mkdir()
    for name in (files[0].name, TRAINING_FILE):
        shutil.copy(source / name, folder)
    # the folder of the initial weights means nothing elsewhere
    train = dataclasses.replace(recipe.train, weights=Path(recipe.train.weights).name)
    write_recipe(folder, dataclasses.replace(recipe, train=train))
    _check_size(folder)
    return folder / files[0].name


def _check_size(folder: Path) -> None:
    size = sum(path.stat().st_size for path in folder.iterdir())
    if size > LARGEST:
        msg = (
            f"the model takes {size / 2**20:.1f} MiB; a released model may take {LARGEST // 2**20} MiB. Release a "
            "smaller one."
        )
        raise XrdsymError(msg)


def _data_facts(paths: Paths, source: Path, recipe: Recipe) -> dict[str, Any]:
    """Hashes of the tables, counts of the stages, and the parameters of the split.

    Raises:
        XrdsymError: A table is missing, the model was trained on another one, or its rows are not those counted.
    """
    tables = {"structures": paths.structures, "labels": paths.labels, "peaks": paths.peaks, "split": paths.split}
    files = [*tables.values(), *(paths.summary(stage) for stage in STAGES)]
    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        msg = f"no {', '.join(missing)}. Release a model in the project that it was trained in, after `dvc repro`."
        raise XrdsymError(msg)
    hashes = {name: file_digest(path) for name, path in tables.items()}
    others = [name for name in tables if name != "structures" and recipe.data.get(name) != hashes[name]]
    if others:
        msg = (
            f"{source} was not trained on the tables of this project: {', '.join(others)} have other hashes. "
            "Release it in the project that it was trained in, or train it again with `dvc repro`."
        )
        raise XrdsymError(msg)
    counts = {stage: json.loads(paths.summary(stage).read_text(encoding="utf-8")) for stage in STAGES}
    for name in ("structures", "labels", "peaks"):
        counted, rows = counts[name]["count"], pq.read_metadata(tables[name]).num_rows
        if counted != rows:
            msg = (
                f"{paths.summary(name)} counts {counted:,} rows and {tables[name]} has {rows:,}: they come from "
                "different runs. Make them again with `dvc repro`."
            )
            raise XrdsymError(msg)
    return {"sha256": hashes, "split": dataclasses.asdict(load_params(paths.params).split), "counts": counts}


def _measured(
    model: Model, kind: PatternType, measurement: Measurement, radiation: tuple[str | float, float] | None
) -> dict[str, Any]:
    """The scores of one data set, with the command that gives them."""
    part = measurement.data in PARTS
    scores = score_data(model, measurement.data, None if radiation is None else radiation[1])
    data = measurement.data if part else Path(measurement.data).name
    command = f"xrdsym evaluate {data} --model {kind}"
    if radiation is not None and pattern_type_of(measurement.data) == "measured":
        name, _ = radiation
        command += f" --radiation {name}" if isinstance(name, str) else f" --wavelength {name}"
    digest = None if part else file_digest(Path(measurement.data))
    return {"name": measurement.name, "data": data, "sha256": digest, "command": command, "scores": scores}
