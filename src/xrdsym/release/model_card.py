"""The model card, after M. Mitchell et al., Model Cards for Model Reporting (FAT* 2019), in short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.augmentation.effects import EFFECTS
from xrdsym.common.formatting import in_words, with_interval
from xrdsym.config.model_specs import model_spec
from xrdsym.evaluation.confusions import most_frequent
from xrdsym.reporting.document import Block, Bullets, Code, Heading, Table, Text, markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xrdsym.augmentation.parameters import EffectsParams
    from xrdsym.encoding.recipe import Recipe
    from xrdsym.release.content import ReleasedModel

PATTERNS = {"ideal": "structures, whose patterns are simulated", "measured": "measured patterns"}


def model_card(models: Sequence[ReleasedModel]) -> str:
    """The model card as Markdown.

    Args:
        models: The released models, one or more.
    """
    blocks: list[Block] = [
        Heading(1, "Model card"),
        Text(
            "`xrdsym cards` writes this file from the files in `models/released/`; the numbers are those that "
            "`xrdsym release` measured. [DATA_CARD.md](DATA_CARD.md) describes the data."
        ),
        Text(
            "Scores: the prediction is the class with the highest probability. Macro F1 is the mean over the classes "
            "that occur. Intervals are 95 % bootstrap intervals that draw whole compositions (reduced formulas). The "
            "majority class is the most frequent class of the scored data; its column is the accuracy of always "
            "predicting it."
        ),
    ]
    for model in models:
        blocks += _model(model)
    return markdown(blocks, "")


def _model(model: ReleasedModel) -> list[Block]:
    blocks: list[Block] = [
        Heading(2, f"`{model.name}`"),
        Text(model.words.summary),
        Heading(3, "The model"),
        Table(("", "value"), tuple(_facts(model)), texts=("value",)),
        Heading(3, "Intended use"),
        Bullets(model.words.intended_use),
        Text("Not intended:"),
        Bullets(model.words.out_of_scope),
        Heading(3, "Scores"),
        _overview(model.scores),
        Text("Commands that give these scores, in a project that has the data:"),
        Code("\n".join(one["command"] for one in model.scores)),
    ]
    for one in model.scores:
        blocks += _by_class(one)
    return [*blocks, Heading(3, "Limits"), Bullets(model.words.limits)]


def _facts(model: ReleasedModel) -> Iterable[tuple[str, str]]:
    recipe, release, training = model.recipe, model.release, model.training
    train = recipe.train
    yield "target", f"{in_words(recipe.target.name)}: {_named(recipe.classes)}"
    yield "accepts", "; ".join(PATTERNS[kind] for kind in release["takes"])
    yield "model", train.model + (f", width {train.alpha:g}" if train.model == "mobilenetv2" else "")
    yield "radiation", f"{recipe.peaks.radiation}; patterns measured with another radiation are converted to it"
    yield from _input(recipe)
    yield "effects in training", _effects(recipe.effects)
    structures = training["structures"]
    yield "structures", f"{structures['train']:,} for training, {structures['validation']:,} for validation"
    if model_spec(train.model).network:
        yield "training", f"{training['epochs']} epochs, weights of epoch {training['kept_epoch']}; seed {train.seed}"
    yield "file", f"`{release['file']}`, {release['bytes'] / 2**20:.2f} MiB; SHA-256 `{release['sha256']}`"
    yield "versions", ", ".join(f"{name} {version}" for name, version in recipe.versions.items())


def _input(recipe: Recipe) -> Iterable[tuple[str, str]]:
    """How the input of the model is made."""
    if recipe.features is not None:
        features = recipe.features
        peaks = f"of peaks up to {recipe.peaks.two_theta_max:g}°, resolved at {features.resolution:g}°"
        intensity = f"of intensity at least {features.floor:g} of the strongest"
        yield "features", f"{peaks}, {intensity}; lattices searched in peaks of at least {features.lattice_floor:g}"
        return
    profile = recipe.profile
    span = f"{profile.two_theta_min:g} to {profile.two_theta_max:g}°"
    points = f"{profile.grid.points:,} points in equal steps of {in_words(profile.axis)}"
    yield "profile", f"{span}, {points}, σ {profile.sigma:g} points, {profile.scale} scale"
    if model_spec(recipe.train.model).input == "images":
        images = recipe.images
        size = f"{images.side} × {images.side} pixels"
        yield "image", f"{images.layout}, {size}, {images.colormap}, {images.downsampling}"


def _named(classes: Sequence[str]) -> str:
    return ", ".join(classes) if len(classes) <= 10 else f"{len(classes)} classes"


def _effects(effects: EffectsParams) -> str:
    if not effects.on:
        return "none"
    return "; ".join(EFFECTS[name].caption.format(_range(getattr(effects, name))) for name in effects.on)


def _range(value: object) -> str:
    """A number, the two ends of a range, or several ranges."""
    if not isinstance(value, tuple):
        return str(value)
    separator = ", " if isinstance(value[0], tuple) else " to "
    return separator.join(_range(one) for one in value)


def _overview(measured: Sequence[dict[str, Any]]) -> Table:
    rows = []
    for one in measured:
        scores = one["scores"]
        present = sum(row["support"] > 0 for row in scores["per_class"].values())
        skipped = ", ".join(f"{count} {in_words(reason)}" for reason, count in scores["skipped"].items())
        rows.append(
            (
                one["name"],
                one["data"] if one["sha256"] is None else f"{one['data']}, SHA-256 `{one['sha256'][:12]}…`",
                f"{scores['n']:,}",
                str(present),
                _with_interval(scores, "accuracy"),
                _with_interval(scores, "macro_f1"),
                f"{scores['majority_accuracy']:.3f}",
                skipped or "none",
            )
        )
    header = ("", "data", "patterns", "classes", "accuracy", "macro F1", "majority class", "skipped")
    return Table(header, tuple(rows), texts=("data", "skipped"))


def _with_interval(scores: dict[str, Any], name: str) -> str:
    return with_interval(scores[name], *scores["intervals"][name])


def _by_class(one: dict[str, Any]) -> list[Block]:
    """The table of classes: all, or the `MANY_CLASSES` most frequent."""
    scores = one["scores"]
    frequent = most_frequent(np.array(scores["confusion_matrix"])).tolist()
    names = [scores["classes"][place] for place in frequent]
    rows = [(name, scores["per_class"][name]) for name in names]
    cells = [
        (name, *(f"{row[key]:.2f}" for key in ("precision", "recall", "f1")), f"{row['support']:,}")
        for name, row in rows
        if row["support"]
    ]
    absent = [name for name, row in rows if not row["support"]]
    blocks: list[Block] = [
        Text(f"{one['name']}, by class:"),
        Table((in_words(scores["target"]), "precision", "recall", "F1", "patterns"), tuple(cells)),
    ]
    return [*blocks, Text(f"Without a pattern: {', '.join(absent)}.")] if absent else blocks
