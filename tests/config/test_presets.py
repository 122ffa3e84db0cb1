from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from xrdsym.common.errors import UsageError
from xrdsym.config.params_file import load_params, params_from, read_content
from xrdsym.config.presets import apply_preset, apply_settings, preset_names, preset_path, untouched


@pytest.fixture
def params(tmp_path: Path, project_root: Path) -> Path:
    return Path(shutil.copy(project_root / "params.yaml", tmp_path))


def test_the_shipped_parameters_are_the_embedded_preset(project_root: Path, params: Path) -> None:
    before = params.read_text()
    assert apply_preset(preset_path(project_root, "embedded"), params) == []
    assert params.read_text() == before


@pytest.mark.parametrize("name", ["embedded", "paper", "paper-local"])
def test_a_preset_is_written_whole_and_comments_stay(name: str, project_root: Path, params: Path) -> None:
    comments = [line.split("#", 1)[1] for line in params.read_text().splitlines() if "#" in line]
    apply_preset(preset_path(project_root, name), params)
    assert YAML(typ="safe").load(params) == YAML(typ="safe").load(preset_path(project_root, name))
    assert [line.split("#", 1)[1] for line in params.read_text().splitlines() if "#" in line] == comments


def test_every_preset_is_right(project_root: Path) -> None:
    assert preset_names(project_root) == [
        "best",
        "embedded",
        "measured",
        "paper",
        "paper-local",
        "resnet1d",
        "screening",
    ]
    for name in preset_names(project_root):
        params_from({**read_content(project_root / "params.yaml"), **read_content(preset_path(project_root, name))})


@pytest.mark.parametrize("name", ["screening", "best"])
def test_a_preset_of_some_sections_leaves_the_others(name: str, project_root: Path, params: Path) -> None:
    before = load_params(params)
    apply_preset(preset_path(project_root, name), params)
    after = load_params(params)
    # the best network of structures is none of those that another preset labels otherwise
    assert ("labels" in untouched(preset_path(project_root, name))) == (name == "screening")
    assert {"structures", "peaks", "split"} <= set(untouched(preset_path(project_root, name)))
    assert (after.structures, after.labels, after.split) == (before.structures, before.labels, before.split)
    assert after.images != before.images or after.profile != before.profile


def test_single_values_are_written_and_nothing_else(params: Path) -> None:
    before = params.read_text().splitlines()
    assert apply_settings({"profile.sigma": 2.0, "train.limit": 50}, params) == [
        "profile.sigma: 5.0 → 2.0",
        "train.limit: null → 50",
    ]
    after = params.read_text().splitlines()
    changed = [new.split("#")[0].strip() for old, new in zip(before, after, strict=True) if old != new]
    assert changed == ["sigma: 2.0", "limit: 50"]
    with pytest.raises(UsageError, match="expected a number, received 'wide'"):
        apply_settings({"profile.sigma": "wide"}, params)
    assert params.read_text().splitlines() == after


def test_the_papers_preset_says_what_the_paper_says(project_root: Path) -> None:
    paper = load_params(preset_path(project_root, "paper"))
    assert paper.structures.sources == ("matminer", "materials_project")
    assert set(paper.structures.materials_project.counts) == {"cubic", "hexagonal", "tetragonal", "trigonal"}
    assert (paper.profile.two_theta_min, paper.profile.two_theta_max, paper.profile.sigma) == (0, 90, 5)
    assert (paper.peaks.radiation, paper.train.weights, paper.train.alpha) == ("CuKa", "imagenet", 1.0)


def test_an_unknown_preset_is_told(project_root: Path) -> None:
    with pytest.raises(UsageError, match="did you mean paper"):
        preset_path(project_root, "papr")


def test_values_are_replaced_where_they_stand_whatever_the_layout_around_them(params: Path) -> None:
    text = params.read_text().replace("    path: null", "    path:").replace("seed: 0\n", "seed:   0\n")
    params.write_text(text)
    assert apply_settings({"profile.sigma": 5.0, "images.colormap": "viridis"}, params) == []
    assert params.read_text() == text
    apply_settings({"images.colormap": "gray_r", "train.oversample": True, "train.limit": None}, params)
    changed = [new for old, new in zip(text.splitlines(), params.read_text().splitlines(), strict=True) if old != new]
    assert [line.split("#")[0].strip() for line in changed] == ["colormap: gray_r", "oversample: true"]
    (old,) = [line for line in text.splitlines() if line.startswith("  colormap:")]
    assert changed[0].index("#") == old.index("#")
