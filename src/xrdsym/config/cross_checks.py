"""Values of `params.yaml` that are right one by one and contradict each other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from xrdsym.augmentation.effects import EFFECTS
from xrdsym.common.suggestions import nearest
from xrdsym.config.model_specs import model_spec
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.crystal.targets.definitions import DIMENSIONALITY

if TYPE_CHECKING:
    from xrdsym.augmentation.parameters import EffectsParams
    from xrdsym.config.schema import Params, ProfileParams

EQUAL_WEIGHTS = {"class_weight": "none", "loss": "crossentropy", "oversample": False}
"""The values that baselines need: every training structure counts once."""


def cross_checks(params: Params) -> list[str]:
    """One line for each contradiction, with what to set instead."""
    problems = []
    profile, split = params.profile, params.split
    if profile.two_theta_min >= profile.two_theta_max:
        problems.append(
            f"profile.two_theta_min: {profile.two_theta_min} is not below two_theta_max: {profile.two_theta_max}"
        )
    if profile.two_theta_max > params.peaks.two_theta_max:
        problems.append(
            f"profile.two_theta_max: {profile.two_theta_max} lies beyond peaks.two_theta_max: "
            f"{params.peaks.two_theta_max}, up to which peaks are simulated"
        )
    if split.validation + split.test >= 1:
        problems.append(f"split: validation {split.validation} + test {split.test} leave nothing to train on")
    if params.train.head_epochs >= params.train.epochs:
        problems.append(
            f"train.head_epochs: {params.train.head_epochs} leaves no epoch of train.epochs: {params.train.epochs} "
            "for all layers"
        )
    if params.target.name == DIMENSIONALITY and not params.labels.dimensionality:
        problems.append(
            f"target.name: {DIMENSIONALITY} needs the bonds of every structure, which labels leaves out: "
            "set labels.dimensionality: true"
        )
    problems += _of_effects(params)
    problems += _of_model(params)
    if "files" in params.structures.sources and params.structures.files.path is None:
        problems.append("structures.files.path: the source `files` needs a folder, a glob or a table")
    unknown = [name for name in params.structures.materials_project.counts if name not in CRYSTAL_SYSTEMS]
    problems += [
        f"structures.materials_project.counts.{name}: unknown key; {nearest(name, list(CRYSTAL_SYSTEMS))}"
        for name in unknown
    ]
    return problems


def _of_model(params: Params) -> list[str]:
    """Inputs and parameters that the model does not accept."""
    train, effects = params.train, params.effects
    problems, takes = [], model_spec(train.model)
    if takes.input != "images" and params.input_source != "peaks":
        what = "profiles" if takes.input == "profile" else "features of the peaks"
        problems.append(
            f"train.input: {train.input}: {train.model} takes {what}, of which there is no folder: "
            "set train.input: auto, or train.model: mobilenetv2"
        )
    if takes.input != "images" and train.weights != "none":
        problems.append(f"train.weights: {train.weights}: {train.model} starts from none; set train.weights: none")
    if takes.network:
        return problems
    if train.model == "search_match":
        problems += _of_search(params.profile, effects)
    elif effects.on:
        names = ", ".join(f"effects.{name}" for name in effects.on)
        problems.append(f"{names}: {train.model} is fitted once, to patterns without effects: turn effects off")
    problems += [
        f"train.{name}: {json.dumps(value)}: {train.model} has no such choice: set train.{name}: {json.dumps(plain)}"
        for name, plain in EQUAL_WEIGHTS.items()
        if (value := getattr(train, name)) != plain
    ]
    return problems


def _of_search(profile: ProfileParams, effects: EffectsParams) -> list[str]:
    """`search_match` finds peaks in patterns as they are measured."""
    problems = [
        f"profile.{name}: {value}: search_match finds peaks and their heights at even angles: "
        f"set profile.{name}: {wanted}"
        for name, value, wanted in (("axis", profile.axis, "two_theta"), ("scale", profile.scale, "linear"))
        if value != wanted
    ]
    if not effects.on:
        problems.append("effects: none is on: search_match learns from patterns with effects; turn effects on")
    return problems


def _of_effects(params: Params) -> list[str]:
    effects, problems = params.effects, []
    if effects.on and params.input_source != "peaks":
        first = effects.on[0]
        problems.append(
            f"effects.{first}: {json.dumps(getattr(effects, first))} gives new training images in every epoch, which "
            f"the image folder cannot: set train.input: auto, or effects.{first}: {json.dumps(EFFECTS[first].off)}"
        )
    for name in effects.on:
        value = getattr(effects, name)
        if isinstance(value, tuple):
            ranges = value if isinstance(value[0], tuple) else (value,)
            problems += [
                f"effects.{name}: {list(one)} is no range: the first number is above the second"
                for one in ranges
                if one[0] > one[1]
            ]
    if effects.kalpha2 and "Ka" not in str(params.peaks.radiation):
        problems.append(
            f"effects.kalpha2: peaks.radiation: {params.peaks.radiation} is no Kα line by its name (CuKa, MoKa, …)"
        )
    return problems
