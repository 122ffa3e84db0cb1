"""Parameters as files have them: what is wrong is named at once, what is left out has its default."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from params_of import write_params
from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.config.params_file import content_with, load_params, params_from, read_content
from xrdsym.config.presets import apply_preset, preset_names, preset_path
from xrdsym.config.schema import Params, ProfileParams, content_of
from xrdsym.studies.definition import load_study, study_names

FROZEN = Path(__file__).parent / "project-0.1.0"
"""The parameters, presets and some studies of version 0.1.0."""


@pytest.fixture
def content() -> dict:
    return content_of(Params())


def test_the_embedded_parameters_are_the_defaults(project_root: Path) -> None:
    assert params_from(read_content(preset_path(project_root, "embedded"))) == Params()
    assert params_from({}) == Params()


def test_every_problem_is_reported_at_once_with_the_nearest_name(content: dict) -> None:
    content["train"]["alhpa"] = 1.0
    content["train"]["epochs"] = "ten"
    content["split"]["by"] = "prototpe"
    content["images"]["side"] = 8
    content["profile"]["sigma"] = True
    content["lables"] = {}
    with pytest.raises(UsageError, match="has 6 problems") as raised:
        params_from(content)
    text = str(raised.value)
    assert "train.alhpa: unknown key; did you mean alpha?" in text
    assert "train.epochs: expected a whole number, received 'ten'" in text
    assert "did you mean prototype?" in text
    assert "images.side: expected 32 to 2048, received 8" in text
    assert "profile.sigma: expected a number, received True" in text
    assert "lables: unknown key; did you mean labels?" in text


@pytest.mark.parametrize(
    ("section", "key", "value", "told"),
    [
        ("structures", "sources", [], "expected a list with at least one entry"),
        ("train", "learning_rate", float("nan"), "train.learning_rate: expected a number"),
        ("split", "seed", 2**33, "expected 0 to"),
        ("train", "limit", 1.5, "train.limit: expected a whole number or null, received 1.5"),
        ("train", "batch_size", 10**40, "train.batch_size: expected 1 to 1000000, received 1000"),
        ("train", "epochs", 10**40, "train.epochs: expected 1 to 100000, received 1000"),
        ("evaluate", "bootstrap", 10**40, "evaluate.bootstrap: expected 100 to 1000000, received 1000"),
        ("train", "model", "mobilnetv2", "did you mean mobilenetv2?"),
        ("target", "name", "spacegroup", "did you mean space_group?"),
        ("profile", "points", 91, "profile: step: 0.01 and points: 91 are both given: set profile.points: null"),
        ("profile", "step", None, "profile: neither step nor points is given: set profile.step: 0.01"),
    ],
)
def test_a_wrong_value_is_reported(content: dict, section: str, key: str, value: object, told: str) -> None:
    content[section][key] = value
    with pytest.raises(UsageError) as raised:
        params_from(content)
    assert told in str(raised.value)


def test_whole_numbers_are_taken_for_numbers(content: dict) -> None:
    content["profile"]["sigma"] = 3
    assert params_from(content).profile.sigma == 3.0


@pytest.mark.parametrize("content", [None, [], "text", 3])
def test_what_is_no_mapping_is_refused(content: object) -> None:
    with pytest.raises(UsageError, match="expected a mapping"):
        params_from(content)


@pytest.mark.parametrize("text", ["train: [1, 2\n", f"train: {{epochs: {'9' * 5000}}}\n"])
def test_broken_yaml_is_reported(text: str, tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match="not valid YAML"):
        load_params(path)
    with pytest.raises(XrdsymError, match="no parameters at"):
        load_params(tmp_path / "nothing.yaml")


@pytest.mark.parametrize("section", [field.name for field in dataclasses.fields(Params)])
def test_a_parameter_or_section_that_is_missing_has_its_default(content: dict, section: str) -> None:
    # as in a project older than the parameter
    content[section].popitem()
    assert params_from(content) == Params()
    del content[section]
    assert params_from(content) == Params()


def test_a_change_of_step_or_points_takes_the_place_of_the_other(content: dict) -> None:
    by_points = content_with(content, {"profile.points": 181})
    assert (by_points["profile"]["step"], params_from(by_points).profile.resolved_step) == (None, 0.5)
    again = content_with(by_points, {"profile.step": 0.01})
    assert again == content
    assert params_from(content_with({"profile": {}}, {"profile.points": 181})).profile == ProfileParams(points=181)


def test_a_project_of_0_1_0_works(project_root: Path, tmp_path: Path) -> None:
    params = tmp_path / "params.yaml"
    for name in preset_names(FROZEN):
        params.write_text((FROZEN / "params.yaml").read_text())
        apply_preset(preset_path(FROZEN, name), params)
        old = load_params(params)
        apply_preset(preset_path(project_root, "embedded"), params)
        apply_preset(preset_path(project_root, name), params)
        new = load_params(params)
        assert old.input_source == new.input_source
        assert (
            dataclasses.replace(
                old,
                train=dataclasses.replace(old.train, input="auto"),
                profile=dataclasses.replace(old.profile, step=new.profile.step, points=new.profile.points),
            )
            == new
        )
        assert old.profile.resolved_step == new.profile.resolved_step


def test_studies_of_0_1_0_work(project_root: Path, tmp_path: Path) -> None:
    params = write_params(tmp_path)
    for name in study_names(FROZEN):
        old, new = load_study(FROZEN, name), load_study(project_root, name, {}, params)
        assert [old.params(point) for point in old.points] == [new.params(point) for point in new.points]
