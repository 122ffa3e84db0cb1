from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from params_of import write_params
from xrdsym.common.errors import UsageError
from xrdsym.studies.begun import fixed_parameters
from xrdsym.studies.definition import Span, load_study, study_names

NEEDED = {"guess": "a guess", "budget_minutes": 5}


@pytest.fixture
def root(tmp_path: Path, project_root: Path) -> Path:
    write_params(tmp_path)
    for folder in ("studies", "presets"):
        shutil.copytree(project_root / folder, tmp_path / folder)
    return tmp_path


def write(root: Path, **content: Any) -> str:  # noqa: ANN401
    YAML().dump({**NEEDED, **content}, root / "studies" / "mine.yaml")
    return "mine"


def problems(root: Path, **content: Any) -> str:  # noqa: ANN401
    with pytest.raises(UsageError) as caught:
        load_study(root, write(root, **content))
    return str(caught.value)


def test_every_shipped_study_is_right_and_begins_with_its_baseline_where_it_has_one(project_root: Path) -> None:
    asked_for = {
        *("class_weighting", "sigma", "colormap", "intensity_scale", "layout", "batchnorm", "pixel_scaling", "weights"),
        *("learning_rate", "training_size", "symprec", "chemistry", "split", "best"),
    }
    assert asked_for <= set(study_names(project_root))
    for name in study_names(project_root):
        study = load_study(project_root, name)
        assert (study.points[0].settings == {}) == (study.design != "comparison")
        assert study.params(study.points[0]).train.input == "peaks"


def test_one_factor_at_a_time_with_every_seed(root: Path) -> None:
    vary = {"train.class_weight": ["balanced"], "profile.sigma": [1.0, 2.0]}
    study = load_study(root, write(root, vary=vary, arms=[{"train.loss": "focal"}], seeds=[3, 4]))
    assert [(dict(point.settings), point.seed) for point in study.points] == [
        *(({}, seed) for seed in (3, 4)),
        *(({"train.class_weight": "balanced"}, seed) for seed in (3, 4)),
        *(({"profile.sigma": 1.0}, seed) for seed in (3, 4)),
        *(({"profile.sigma": 2.0}, seed) for seed in (3, 4)),
        *(({"train.loss": "focal"}, seed) for seed in (3, 4)),
    ]
    params = study.params(study.points[-1])
    assert (params.train.loss, params.train.seed) == ("focal", 4)


def test_a_grid_has_every_combination_once(root: Path) -> None:
    vary = {"profile.sigma": [5.0, 1.0], "images.colormap": ["viridis", "gray"]}
    points = load_study(root, write(root, design="grid", vary=vary)).points
    # σ 5 and viridis are the baseline's own values
    assert [dict(point.settings) for point in points] == [
        {},
        {"images.colormap": "gray"},
        {"profile.sigma": 1.0},
        {"profile.sigma": 1.0, "images.colormap": "gray"},
    ]


def test_steps_add_up(root: Path) -> None:
    arms = [{"profile.scale": "sqrt"}, {"profile.sigma": 2.0}, {"profile.scale": "linear"}]
    points = load_study(root, write(root, design="steps", arms=arms)).points
    assert [dict(point.settings) for point in points] == [
        {},
        {"profile.scale": "sqrt"},
        {"profile.scale": "sqrt", "profile.sigma": 2.0},
        {"profile.scale": "linear", "profile.sigma": 2.0},
    ]


def test_what_equals_the_baseline_is_not_run_again(root: Path) -> None:
    study = load_study(root, write(root, start="screening", vary={"profile.scale": ["linear", "log", "log"]}))
    assert [dict(point.settings) for point in study.points] == [{}, {"profile.scale": "log"}]


def test_the_baseline_is_a_preset_with_changes(root: Path) -> None:
    name = write(root, start="screening", set={"train.epochs": 2}, vary={"profile.scale": ["log"]})
    study = load_study(root, name, {"train.epochs": 3, "train.alpha": 0.5})
    baseline = study.params(study.points[0])
    assert (baseline.images.side, baseline.train.epochs, baseline.train.alpha) == (64, 3, 0.5)
    assert baseline.structures.sources == ("prototypes",)


def test_a_search_has_spans(root: Path) -> None:
    vary = {"profile.sigma": {"low": 1, "high": 10, "log": True}, "profile.scale": ["linear", "log"]}
    study = load_study(root, write(root, design="search", vary=vary, trials=7))
    assert study.space == {"profile.sigma": Span(1, 10, log=True), "profile.scale": ["linear", "log"]}
    assert study.trials == 7


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"vary": {"train.alhpa": [1.0]}}, "vary.train.alhpa: unknown parameter; did you mean train.alpha?"),
        ({"arms": [{"alpha": 1.0}]}, "arms.alpha: unknown parameter"),
        ({"vary": {"train.alpha": []}}, "vary.train.alpha: expected a list with at least one value, received []"),
        ({"vary": {"train.alpha": 1.0}}, "vary.train.alpha: expected a list"),
        ({}, "vary: nothing is varied"),
        ({"vary": {"train.alpha": ["wide"]}}, "train.alpha: expected a number, received 'wide'"),
        ({"vary": {"profile.scale": ["lgo"]}}, "did you mean log?"),
        ({"vary": {"profile.two_theta_min": [95.0]}}, "is not below two_theta_max"),
        ({"vary": {"train.seed": [1]}}, "name seeds in `seeds`"),
        ({"vary": {"peaks.radiation": ["MoKa"]}}, "a study does not make structures or peaks again"),
        ({"vary": {"train.alpha": [0.35]}}, "nothing differs from the baseline"),
        ({"vary": {"train.alpha": [1.0]}, "budget": 3}, "budget: unknown key; did you mean budget_minutes?"),
        ({"vary": {"train.alpha": [1.0]}, "seeds": []}, "seeds: expected a list with at least one entry"),
        ({"vary": {"train.alpha": [1.0]}, "design": "grdi"}, "did you mean grid?"),
        ({"set": {"train.epochs": 0}, "vary": {"train.alpha": [1.0]}}, "train.epochs: expected 1 to 100000"),
        ({"design": "search", "vary": {"train.alpha": {"low": 1.0, "high": 0.5}}, "trials": 3}, "is not below high"),
        ({"design": "search", "vary": {"train.alpha": [1.0]}}, "a search needs a number of trials"),
        ({"design": "steps", "vary": {"train.alpha": [1.0]}}, "the design `steps` takes its changes"),
        ({"arms": ["train.alpha"]}, "expected a mapping of parameters"),
        ({"arms": [{1: 2}]}, "arms.1: unknown parameter"),
        ({"design": "search", "vary": {"train.alpha": 1.0}, "trials": 3}, "expected a list of values or low and high"),
        (
            {"design": "search", "vary": {"train.alpha": [1.0, "wide"]}, "trials": 3},
            "expected a number, received 'wide'",
        ),
        ({"design": "search", "vary": {"train.dropout": {"low": 0.1, "high": 5}}, "trials": 3}, "expected 0 to 0.9"),
    ],
)
def test_what_is_wrong_is_reported_before_anything_runs(root: Path, content: dict[str, Any], said: str) -> None:
    text = problems(root, **content)
    assert "studies/mine.yaml has" in text
    assert said in text


def test_all_problems_are_reported_at_once(root: Path) -> None:
    text = problems(root, vary={"train.alhpa": [1.0], "images.sied": [32]})
    assert "2 problems" in text
    assert "did you mean images.side?" in text


def test_an_unknown_study_or_preset_is_reported(root: Path) -> None:
    with pytest.raises(UsageError, match="no study called sigam: did you mean sigma"):
        load_study(root, "sigam")
    with pytest.raises(UsageError, match="no preset called screenign: did you mean screening"):
        load_study(root, write(root, start="screenign", vary={"train.alpha": [1.0]}))


def test_a_preset_of_one_section_may_be_the_start(root: Path) -> None:
    (root / "presets" / "wide.yaml").write_text(
        "images: {layout: stripes, downsampling: mean, side: 128, colormap: gray}\n"
    )
    study = load_study(root, write(root, start="wide", vary={"train.alpha": [1.0]}))
    baseline = study.params(study.points[0])
    assert (baseline.images.side, baseline.train.alpha) == (128, 0.35)


def test_a_target_is_set_for_all_trials_and_never_varied(root: Path) -> None:
    text = problems(root, vary={"target.name": ["space_group"]}, arms=[{"target.fewest": 3}])
    assert "vary.target.name: answers of two targets do not compare" in text
    assert "arms.target.fewest: answers of two targets do not compare" in text
    vary = {"profile.sigma": [1.0]}
    plain = load_study(root, write(root, vary=vary))
    assert "target" not in fixed_parameters(plain)
    other = load_study(root, write(root, vary=vary, set={"target.name": "space_group", "target.fewest": 5}))
    assert fixed_parameters(other)["target"] == {"name": "space_group", "fewest": 5}
    assert other.params(other.points[0]).target.name == "space_group"
