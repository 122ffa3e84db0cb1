from __future__ import annotations

import dataclasses
import math
import subprocess
import sys
from pathlib import Path

import pytest

from params_of import preset_params
from xrdsym.common.errors import XrdsymError
from xrdsym.config.schema import Params
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.encoding.recipe import recipe_of, write_recipe
from xrdsym.tracking import provenance


def git(root: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(root), *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_git_tells_the_commit_and_whether_tracked_files_changed(tmp_path: Path) -> None:
    git(tmp_path, "init")
    assert provenance.git_state(tmp_path) == {}, "no commit yet"
    (tmp_path / "a").write_text("1")
    git(tmp_path, "add", "a")
    git(tmp_path, "commit", "-m", "first")
    (tmp_path / "untracked").touch()
    commit = git(tmp_path, "rev-parse", "HEAD")
    assert provenance.git_state(tmp_path) == {"commit": commit, "dirty": "false"}
    (tmp_path / "a").write_text("2")
    assert provenance.git_state(tmp_path) == {"commit": commit, "dirty": "true"}


def test_no_repository_and_no_git_are_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert provenance.git_state(tmp_path) == {}
    monkeypatch.setenv("PATH", str(tmp_path))
    assert provenance.git_state(tmp_path) == {}


def test_hashes_are_those_that_dvc_itself_wrote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")
    monkeypatch.delenv("DVC_ROOT", raising=False)
    (tmp_path / "dvc.yaml").write_text(
        "stages:\n"
        "  labels:\n"
        "    cmd:\n"
        "    - mkdir -p data/images\n"
        "    - echo 1 > data/labels.parquet && echo 2 > data/images/a.png && echo {} > data/labels.json\n"
        "    outs: [data/labels.parquet, data/images]\n"
        "    metrics: [data/labels.json]\n"
    )
    assert provenance.data_hashes(tmp_path) == []
    for command in (["init", "--no-scm", "-q"], ["repro", "-q"]):
        subprocess.run([sys.executable, "-m", "dvc", *command], cwd=tmp_path, check=True)
    labels, images = provenance.data_hashes(tmp_path)
    # md5sum of "1\n"
    assert labels == provenance.DataHash("labels", "data/labels.parquet", "b026324c6904b2a9cb4b88d6d61c81d1", 2)
    assert (images.name, images.path, images.size) == ("images", "data/images", 2)
    assert images.md5.endswith(".dir")


@pytest.mark.parametrize(
    "text", ["stages: [", "- a", "stages: 3", "stages: {labels: {outs: [{path: data/labels.parquet}]}}"]
)
def test_a_broken_lock_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "dvc.lock").write_text(text)
    with pytest.raises(XrdsymError, match=r"dvc\.lock is not a lock file of DVC"):
        provenance.data_hashes(tmp_path)


def test_the_recipe_of_a_model_counts_more_than_todays_parameters(tmp_path: Path) -> None:
    today = preset_params()
    trained = dataclasses.replace(today, profile=dataclasses.replace(today.profile, sigma=3.0))
    write_recipe(tmp_path, recipe_of(trained, {}, {}, CRYSTAL_SYSTEMS))
    assert provenance.flat_params(today)["profile.sigma"] == "5.0"
    values = provenance.model_params(today, tmp_path)
    assert values["profile.sigma"] == "3.0"
    assert values.keys() == provenance.flat_params(today).keys()


def test_names_and_values_are_flat_and_as_in_yaml() -> None:
    content = {"a": {"b": None, "c": True}, "d": ["x", "y"], "e": 0.5, "f": "text"}
    assert provenance.flat(content) == {"a.b": "null", "a.c": "true", "d": "x,y", "e": "0.5", "f": "text"}


def test_scores_are_named_by_part_score_and_class() -> None:
    scores = {
        "part": "test",
        "n": 3,
        "classes": ["cubic"],
        "accuracy": 0.5,
        "undefined": None,
        "infinite": math.inf,
        "intervals": {"accuracy": [0.25, 0.75]},
        "per_class": {"cubic": {"recall": 1.0, "f1": None}},
        "confusion_matrix": [[3]],
    }
    assert provenance.score_metrics(scores) == {
        "test_n": 3.0,
        "test_accuracy": 0.5,
        "test_accuracy_low": 0.25,
        "test_accuracy_high": 0.75,
        "test_recall_cubic": 1.0,
    }


def test_a_history_with_empty_cells_is_read(tmp_path: Path) -> None:
    assert provenance.history_rows(tmp_path) == {}
    (tmp_path / "history.csv").write_text("epoch,loss,val_loss\n1,0.5,\n2,0.25,1\n")
    assert provenance.history_rows(tmp_path) == {1: {"loss": 0.5}, 2: {"loss": 0.25, "val_loss": 1.0}}
    (tmp_path / "history.csv").write_text("loss\n1\n")
    with pytest.raises(XrdsymError, match="is not a training history"):
        provenance.history_rows(tmp_path)


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(XrdsymError, match=r"no model\.keras in .*dvc pull"):
        provenance.model_digest(tmp_path)


def test_models_compare_by_target_and_data_alone(tmp_path: Path) -> None:
    params = preset_params()
    smooth = dataclasses.replace(params, profile=dataclasses.replace(params.profile, sigma=9.0))

    def key(*arguments: object) -> str:
        write_recipe(tmp_path, recipe_of(*arguments, CRYSTAL_SYSTEMS))
        return provenance.comparison_key(tmp_path)

    first = key(params, {"labels": "a", "split": "b"}, {"keras": "3"})
    assert key(smooth, {"split": "b", "labels": "a"}, {"keras": "4"}) == first
    assert key(params, {"labels": "a", "split": "c"}, {"keras": "3"}) != first


def test_models_of_other_targets_or_evaluated_with_effects_do_not_compare(tmp_path: Path) -> None:
    params = preset_params()

    def key(changed: Params) -> str:
        write_recipe(tmp_path, recipe_of(changed, {"labels": "a"}, {}, ("P1", "P-1")))
        return provenance.comparison_key(tmp_path)

    noisy = dataclasses.replace(params.effects, noise=(0.01, 0.02))
    others = [
        dataclasses.replace(params, target=dataclasses.replace(params.target, name="space_group")),
        dataclasses.replace(params, target=dataclasses.replace(params.target, fewest=5)),
        dataclasses.replace(params, effects=dataclasses.replace(noisy, in_evaluation=True)),
    ]
    assert len({key(params), *map(key, others)}) == 4
    assert key(dataclasses.replace(params, effects=noisy)) == key(params)


def test_the_scores_of_many_classes_are_no_list_of_metrics() -> None:
    per_class = {f"class {number}": {"recall": 0.5} for number in range(21)}
    assert provenance.score_metrics({"part": "test", "accuracy": 0.5, "per_class": per_class}) == {"test_accuracy": 0.5}
