from __future__ import annotations

import dataclasses
import itertools
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from params_of import preset_params
from xrdsym.common.errors import UsageError
from xrdsym.config.params_file import load_params, params_from, read_content
from xrdsym.config.presets import apply_preset, apply_settings, description, preset_names, preset_path, untouched
from xrdsym.config.schema import Params, content_of


@pytest.fixture
def params(tmp_path: Path, project_root: Path) -> Path:
    """The layout and the comments of `params.yaml`, the values of the preset `embedded`."""
    path = Path(shutil.copy(project_root / "params.yaml", tmp_path))
    apply_preset(preset_path(project_root, "embedded"), path)
    return path


def test_the_committed_parameters_are_the_embedded_preset(project_root: Path, params: Path) -> None:
    words = ["git", "show", "HEAD:params.yaml"]
    result = subprocess.run(words, cwd=project_root, capture_output=True, encoding="utf-8", check=False)
    if result.returncode:
        pytest.skip("not a git checkout")
    params.write_text(result.stdout, encoding="utf-8")
    assert apply_preset(preset_path(project_root, "embedded"), params) == []
    assert params.read_text(encoding="utf-8") == result.stdout


@pytest.mark.parametrize("name", ["embedded", "paper", "paper-local"])
def test_a_preset_of_all_sections_sets_them_whole_and_comments_stay(
    name: str, project_root: Path, params: Path
) -> None:
    comments = [line.split("#", 1)[1] for line in params.read_text().splitlines() if "#" in line]
    apply_settings({"train.seed": 7, "effects.strain": 0.1, "split.seed": 3}, params)
    assert untouched(preset_path(project_root, name)) == []
    apply_preset(preset_path(project_root, name), params)
    assert load_params(params) == params_from(read_content(preset_path(project_root, name)))
    assert [line.split("#", 1)[1] for line in params.read_text().splitlines() if "#" in line] == comments


def test_a_preset_holds_what_differs_from_the_defaults(project_root: Path) -> None:
    defaults = content_of(Params())
    for name in preset_names(project_root):
        for section, values in read_content(preset_path(project_root, name)).items():
            same = {key for key, value in values.items() if value == defaults[section][key]}
            assert same == set(), f"{name}: {section}"


def test_a_presets_head_has_its_command_its_score_and_its_cost(project_root: Path) -> None:
    for name in preset_names(project_root):
        path = preset_path(project_root, name)
        head = path.read_text().partition("\n" + next(iter(read_content(path))))[0]
        assert re.search(r"^# Command: .*(dvc repro|make repro)$", head, re.MULTILINE), name
        assert re.search(r"^# Expected: ", head, re.MULTILINE), name
        assert re.search(r"n = [\d,]+,(\n#)? (random\s(# )?split|split by prototype),(\n#)? 7 classes", head), name
        assert re.search(r"^# Cost: ", head, re.MULTILINE), name
        assert "Command" not in description(path)
        assert "yaml-language-server" not in description(path)


def test_presets_apply_on_one_another_in_every_order(project_root: Path, params: Path) -> None:
    names = preset_names(project_root)
    shipped = params.read_text()
    alone = {}
    for name in names:
        params.write_text(shipped)
        apply_preset(preset_path(project_root, name), params)
        alone[name] = load_params(params)
    for first, second in itertools.permutations(names, 2):
        params.write_text(shipped)
        apply_preset(preset_path(project_root, first), params)
        apply_preset(preset_path(project_root, second), params)
        both, others = load_params(params), untouched(preset_path(project_root, second))
        for field in dataclasses.fields(both):
            source = alone[first] if field.name in others else alone[second]
            assert getattr(both, field.name) == getattr(source, field.name), f"{first}, {second}: {field.name}"


def test_every_preset_trains_from_what_it_used_to(project_root: Path, params: Path) -> None:
    shipped, sources = params.read_text(), {}
    for name in preset_names(project_root):
        params.write_text(shipped)
        apply_preset(preset_path(project_root, name), params)
        sources[name] = load_params(params).input_source
    assert {name for name, source in sources.items() if source == "peaks"} == {"best", "measured", "resnet1d"}


def test_a_contradiction_with_what_a_preset_leaves_is_named(project_root: Path, params: Path) -> None:
    apply_settings({"profile.two_theta_max": 60.0, "peaks.two_theta_max": 60.0}, params)
    before = params.read_text()
    with pytest.raises(UsageError, match=r"params\.yaml with best\.yaml has 1 problem") as raised:
        apply_preset(preset_path(project_root, "best"), params)
    assert "profile.two_theta_max: 90.0 lies beyond peaks.two_theta_max: 60.0" in str(raised.value)
    assert params.read_text() == before


def test_a_preset_of_your_own_resets_the_sections_that_it_names(tmp_path: Path, params: Path) -> None:
    preset = tmp_path / "mine.yaml"
    preset.write_text("# mine\nprofile: {points: 181}\nstructures:\n  materials_project:\n    counts: {cubic: 5}\n")
    apply_settings({"profile.sigma": 2.0, "train.seed": 9}, params)
    changes = apply_preset(preset, params)
    assert {"profile.step: 0.01 → null", "profile.points: null → 181", "profile.sigma: 2.0 → 5.0"} <= set(changes)
    found = load_params(params)
    assert (found.profile.resolved_step, found.profile.sigma, found.train.seed) == (0.5, 5.0, 9)
    assert found.structures.materials_project.counts == {"cubic": 5}
    preset.write_text("- profile\n")
    with pytest.raises(UsageError, match="expected a mapping of sections"):
        apply_preset(preset, params)


def test_a_preset_is_applied_to_a_file_that_lacks_parameters(project_root: Path, params: Path) -> None:
    params.write_text("# short\ntrain:\n  seed: 4  # the fourth\n")
    apply_preset(preset_path(project_root, "best"), params)
    text = params.read_text()
    assert text.startswith("# short\n")
    assert "colormap" not in text
    assert load_params(params) == params_from(read_content(preset_path(project_root, "best")))


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
        preset_params(name)


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


def test_a_step_takes_the_place_of_the_points_in_the_file(project_root: Path, params: Path) -> None:
    apply_preset(preset_path(project_root, "resnet1d"), params)
    changes = apply_settings({"profile.step": 0.02}, params)
    assert changes == ["profile.step: null → 0.02", "profile.points: 8192 → null"]
    assert load_params(params).profile.resolved_step == 0.02


def test_an_unknown_preset_is_reported(project_root: Path) -> None:
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


def test_presets_apply_to_what_dvc_has_rewritten(project_root: Path, params: Path) -> None:
    from dvc.utils.hydra import apply_overrides

    for name in ("paper-local", "embedded", "paper", "best", "embedded"):
        # as `dvc exp run -S` does: lists become blocks with their comments above them
        apply_overrides(str(params), ["profile.sigma=3"])
        apply_preset(preset_path(project_root, name), params)
        load_params(params)
        assert "the first of an id wins" in params.read_text()
    assert load_params(params) == preset_params()
