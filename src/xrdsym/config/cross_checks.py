"""What contradicts what in `params.yaml`: values that are right one by one, and cannot be together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from xrdsym.common.suggestions import nearest
from xrdsym.config.model_specs import model_spec
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS

if TYPE_CHECKING:
    from xrdsym.augmentation.parameters import EffectsParams
    from xrdsym.config.schema import Params, ProfileParams

WEIGHTED_ALIKE = {"class_weight": "none", "loss": "crossentropy", "oversample": False}
"""What baselines know no other value of, each training structure counting once."""


def cross_checks(params: Params) -> list[str]:
    """What is wrong with values that are right one by one, each with what to set instead."""
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
    """What the model that is named cannot be given, or told."""
    train, effects = params.train, params.effects
    problems, takes = [], model_spec(train.model)
    if takes.input != "images" and train.input != "peaks":
        what = "profiles" if takes.input == "profile" else "features of the peaks"
        problems.append(
            f"train.input: {train.input}: {train.model} takes {what}, of which there is no folder: "
            "set train.input: peaks, or train.model: mobilenetv2"
        )
    if takes.input != "images" and train.weights != "none":
        problems.append(f"train.weights: {train.weights}: {train.model} starts from none; set train.weights: none")
    if takes.network:
        return problems
    if train.model == "search_match":
        problems += _of_search(params.profile, effects)
    elif effects.on:
        names = ", ".join(f"effects.{name}" for name in effects.on)
        problems.append(f"{names}: {train.model} is fitted once, nothing is drawn anew for it: turn effects off")
    problems += [
        f"train.{name}: {json.dumps(value)}: {train.model} has no such choice: set train.{name}: {json.dumps(plain)}"
        for name, plain in WEIGHTED_ALIKE.items()
        if (value := getattr(train, name)) != plain
    ]
    return problems


def _of_search(profile: ProfileParams, effects: EffectsParams) -> list[str]:
    """What `search_match` looks for lines in is a pattern as it is measured."""
    problems = [
        f"profile.{name}: {value}: search_match looks for lines at even angles and their heights: "
        f"set profile.{name}: {wanted}"
        for name, value, wanted in (("axis", profile.axis, "two_theta"), ("scale", profile.scale, "linear"))
        if value != wanted
    ]
    if not effects.on:
        problems.append("effects: none is on: search_match learns from patterns as measured; turn effects on")
    return problems


def _of_effects(params: Params) -> list[str]:
    effects, problems = params.effects, []
    if effects.on and params.train.input != "peaks":
        first = effects.on[0]
        off = json.dumps(getattr(type(effects)(), first))
        problems.append(
            f"effects.{first}: {json.dumps(getattr(effects, first))} draws each training image anew, which the image "
            f"folder cannot: set train.input: peaks, or effects.{first}: {off}"
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
