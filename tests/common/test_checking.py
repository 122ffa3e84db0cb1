from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from xrdsym.common.checking import check_mapping
from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.config.params_file import load_params, params_from


@pytest.fixture
def content(project_root: Path) -> dict:
    return YAML(typ="safe").load(project_root / "params.yaml")


def test_the_projects_own_parameters_are_right(project_root: Path) -> None:
    params = load_params(project_root / "params.yaml")
    assert params.profile.sigma == 5.0
    assert isinstance(params.peaks.two_theta_max, float)


def test_every_problem_is_told_at_once_with_the_nearest_name(content: dict) -> None:
    content["train"]["alhpa"] = 1.0
    content["train"]["epochs"] = "ten"
    content["split"]["by"] = "prototpe"
    content["images"]["side"] = 8
    content["profile"]["sigma"] = True
    del content["labels"]
    with pytest.raises(UsageError, match="has 6 problems") as raised:
        params_from(content)
    text = str(raised.value)
    assert "train.alhpa: unknown key; did you mean alpha?" in text
    assert "train.epochs: expected a whole number, received 'ten'" in text
    assert "did you mean prototype?" in text
    assert "images.side: expected 32 to 2048, received 8" in text
    assert "profile.sigma: expected a number, received True" in text
    assert "labels: missing" in text


@pytest.mark.parametrize(
    ("section", "key", "value", "told"),
    [
        ("profile", "two_theta_min", 95.0, "profile.two_theta_min: 95.0 is not below"),
        ("profile", "two_theta_max", 120.0, "lies beyond peaks.two_theta_max"),
        ("split", "validation", 0.5, "leave nothing to train on"),
        ("train", "head_epochs", 12, "leaves no epoch"),
        ("structures", "sources", ["files"], "structures.files.path"),
        ("structures", "sources", [], "expected a list with at least one entry"),
        ("train", "learning_rate", float("nan"), "train.learning_rate: expected a number"),
        ("split", "seed", 2**33, "expected 0 to"),
        ("structures", "materials_project", {"counts": {"qubic": 3}}, "did you mean cubic?"),
        ("train", "limit", 1.5, "train.limit: expected a whole number or null, received 1.5"),
    ],
)
def test_a_wrong_value_is_told(content: dict, section: str, key: str, value: object, told: str) -> None:
    content[section][key] = value
    if key == "validation":
        content[section]["test"] = 0.5
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


def test_broken_yaml_is_told(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("train: [1, 2\n")
    with pytest.raises(UsageError, match="not valid YAML"):
        load_params(path)
    with pytest.raises(XrdsymError, match="no parameters at"):
        load_params(tmp_path / "nothing.yaml")


@dataclass(frozen=True)
class Inner:
    width: float


@dataclass(frozen=True)
class Outer:
    inner: Inner | None


def test_a_section_may_be_null() -> None:
    assert check_mapping(Outer, {"inner": {"width": 1}}) == (Outer(Inner(1.0)), [])
    assert check_mapping(Outer, {"inner": None}) == (Outer(None), [])
    found, (problem,) = check_mapping(Outer, {"inner": {"widht": 1}})
    assert found is None
    assert "widht: unknown key; did you mean width?" in problem
    assert "or null" in problem
