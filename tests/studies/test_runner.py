"""The loop over trials, with trials that only say what they would have found."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from made_trials import Answers
from params_of import write_params
from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.config.paths import Paths
from xrdsym.studies import runner
from xrdsym.studies.definition import Study, load_study
from xrdsym.studies.rates import Rate
from xrdsym.studies.storage import open_storage, read_record
from xrdsym.tracking.studies import Tracked

if TYPE_CHECKING:
    from collections.abc import Callable

    from xrdsym.config.schema import Params


class Found(Answers):
    seconds = 2.0
    result = SimpleNamespace(history=[{"epoch": 0.0, "val_accuracy": 0.01, "seconds": 2.0}] * 2, resumed_epochs=1)

    def attributes(self) -> dict[str, Any]:
        content = super().attributes()
        scores = {"accuracy": 0.5, "accuracy_low": 0.25, "accuracy_high": 0.75, "macro_f1": 0.5}
        scores |= {"majority_accuracy": 0.125}
        content["metrics"] |= {f"validation_{name}": value for name, value in scores.items()}
        return content

    def value(self, metric: str) -> float:
        return float(self.attributes()["metrics"][metric])

    @property
    def metrics(self) -> dict[str, float]:
        found: dict[str, float] = self.attributes()["metrics"]
        return found


class SaidTrials:
    """Stands for `Trials`: the accuracy of a trial is a hundredth of its σ; some fail."""

    raised: dict[float, BaseException]
    ran: list[float]
    params: Params

    def __init__(self, *_: object) -> None:
        self.digests = {"labels": "1", "peaks": "2", "split": "3"}

    def workspace(self, params: Params, _looks: int | None) -> SimpleNamespace:
        return SimpleNamespace(checkpoint=Path(f"{params.profile.sigma} {params.train.seed}"))

    def run(
        self, params: Params, _workspace: object, *, on_epoch: Callable[[int, dict[str, float]], None], **_: object
    ) -> Found:
        sigma = params.profile.sigma
        type(self).params = params
        self.ran.append(sigma)
        if sigma in self.raised:
            raise self.raised[sigma]
        for epoch in (1, 2):
            on_epoch(epoch, {"epoch": epoch, "val_accuracy": sigma / 100})
        return Found(np.array([0, 1, 2]), sigma / 100)

    def rate(self, _: Params) -> Rate:
        return Rate(0.001, 9.0)

    def part_sizes(self, _: Params) -> tuple[int, int, int]:
        return 1250, 1000, 125

    def context(self, *_: object) -> str:
        return "validation part, n = 125"

    def epoch_cost(self, _: Params) -> float:
        return 1000.0


class SaidStudyRun:
    """Stands for MLflow."""

    ended: list[tuple[str, dict[str, str]]]
    logged: list[int]
    described: list[str | None]

    def __init__(self, _paths: Paths, _params: Params, study: Tracked, _run_id: str | None) -> None:
        self.run_id, self.charts = "run", "charts of its trials: http://…"
        self.described.append(study.description)

    def trial(self, *_: object) -> SimpleNamespace:
        return SimpleNamespace(log_epoch=lambda epoch, _: self.logged.append(epoch), finish=self._end)

    def _end(self, status: str, _: object, tags: dict[str, str], description: str | None = None) -> None:
        self.ended.append((status, tags))
        self.described.append(description)

    def end_died(self, numbers: list[int]) -> None:
        self.ended += [("DIED", {"trial": str(number)}) for number in numbers]

    def finish(self, status: str, trials: int | None = None) -> None:
        self.ended.append((status, {} if trials is None else {"trials": str(trials)}))


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> type[SaidTrials]:
    monkeypatch.setattr(runner, "Trials", SaidTrials)
    monkeypatch.setattr(runner, "StudyRun", SaidStudyRun)
    SaidTrials.raised, SaidTrials.ran, SaidStudyRun.ended, SaidStudyRun.logged = {}, [], [], []
    SaidStudyRun.described = []
    return SaidTrials


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    write_params(tmp_path)
    found = Paths(tmp_path)
    found.labels.parent.mkdir()
    for table in (found.labels, found.peaks, found.split):
        table.touch()
    return found


def study_of(paths: Paths, name: str = "mine", **content: Any) -> Study:  # noqa: ANN401
    (paths.root / "studies").mkdir(exist_ok=True)
    content = {"guess": "a guess", "budget_minutes": 5, "vary": {"profile.sigma": [20.0, 30.0]}} | content
    YAML().dump(content, paths.root / "studies" / f"{name}.yaml")
    return load_study(paths.root, name)


def run(paths: Paths, *studies: Study) -> list[str]:
    lines: list[str] = []
    runner.run_studies(paths, studies, paths.root / "studies.journal", lines.append)
    return lines


def test_every_trial_is_reported_with_the_time_left(paths: Paths, said: type[SaidTrials]) -> None:
    lines = run(paths, study_of(paths))
    assert said.ran == [5.0, 20.0, 30.0]
    assert lines[0] == (
        "study mine: 1,250 structures from prototypes, split by prototype: 1,000 to train on, n = 125 validation, "
        "7 classes"
    )
    assert lines[1].startswith("study mine: 3 trials, about")
    assert lines[2].startswith("trial 0, baseline · seed 0: val_accuracy 0.0500, ")
    assert lines[2].endswith(" left")
    assert lines[4].startswith("trial 2, σ=30 · seed 0: val_accuracy 0.3000, ")
    assert not lines[4].endswith(" left")
    assert run(paths, study_of(paths)) == ["study mine: all 3 trials have been run"]
    assert said.ran == [5.0, 20.0, 30.0]
    lines = run(paths, study_of(paths, vary={"profile.sigma": [20.0, 30.0, 40.0]}))
    assert lines[1].startswith("study mine: 1 trial, about")


def test_workers_that_start_at_once_share_the_run_of_their_study(
    paths: Paths, said: type[SaidTrials], monkeypatch: pytest.MonkeyPatch
) -> None:
    created = []

    class SlowStudyRun(SaidStudyRun):
        def __init__(self, paths: Paths, params: Params, study: Tracked, run_id: str | None) -> None:
            super().__init__(paths, params, study, run_id)
            if run_id is None:
                time.sleep(0.5)
                created.append(run_id)
            self.run_id = run_id or f"run {len(created)}"

    monkeypatch.setattr(runner, "StudyRun", SlowStudyRun)
    study = study_of(paths)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: run(paths, study), range(4)))
    assert len(created) == 1
    assert sorted(said.ran) == [5.0, 20.0, 30.0]


def test_a_trial_that_fails_is_recorded_and_the_others_run(paths: Paths, said: type[SaidTrials]) -> None:
    import tensorflow as tf

    said.raised = {
        20.0: tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor"),
        30.0: XrdsymError("the loss became nan in step 3 of epoch 1"),
        40.0: MemoryError("Unable to allocate 3 GiB"),
    }
    lines = run(paths, study_of(paths, vary={"profile.sigma": [20.0, 30.0, 40.0, 50.0]}))
    record = read_record(open_storage(paths.root / "studies.journal"), "mine")
    assert [reason for _, _, reason in record.failed] == [
        "OOM when allocating tensor",
        "the loss became nan in step 3 of epoch 1",
        "Unable to allocate 3 GiB",
    ]
    assert [result.arm for result in record.results] == ["baseline", "σ=50"]
    assert "σ=30 · seed 0: failed: the loss became nan" in lines[4]
    assert [status for status, _ in SaidStudyRun.ended] == ["FINISHED", *["FAILED"] * 3, "FINISHED", "FINISHED"]


def test_an_interrupted_study_goes_on_with_the_trial_that_was_interrupted(paths: Paths, said: type[SaidTrials]) -> None:
    said.raised = {20.0: KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        run(paths, study_of(paths))
    assert [status for status, _ in SaidStudyRun.ended] == ["FINISHED", "KILLED", "KILLED"]
    said.raised = {}
    run(paths, study_of(paths))
    assert said.ran == [5.0, 20.0, 30.0, 20.0]
    record = read_record(open_storage(paths.root / "studies.journal"), "mine")
    assert record.counts == {"complete": 3, "fail": 1}
    assert record.failed == []


def test_epochs_that_another_process_had_done_are_tracked_too(paths: Paths, said: type[SaidTrials]) -> None:
    run(paths, study_of(paths, vary={"profile.sigma": [20.0]}))
    assert said.ran == [5.0, 20.0]
    assert SaidStudyRun.logged == [1, 2, 0] * 2


def test_what_another_study_has_run_is_not_run_again(paths: Paths, said: type[SaidTrials]) -> None:
    lines = run(paths, study_of(paths), study_of(paths, "other", vary={"profile.sigma": [30.0, 40.0]}))
    assert said.ran == [5.0, 20.0, 30.0, 40.0]
    assert any("baseline · seed 0: val_accuracy 0.0500, as trial 0 of study mine" in line for line in lines)
    record = read_record(open_storage(paths.root / "studies.journal"), "other")
    assert [result.metrics["val_accuracy"] for result in record.results] == [0.05, 0.3, 0.4]


def test_a_study_over_its_budget_runs_nothing(paths: Paths, said: type[SaidTrials]) -> None:
    study = study_of(paths, set={"train.epochs": 500}, budget_minutes=10)
    with pytest.raises(UsageError, match=r"3 trials would take about 26 min .* more than its budget_minutes: 10"):
        run(paths, study)
    assert said.ran == []


@pytest.mark.usefixtures("said")
def test_a_search_prunes_and_ends(paths: Paths) -> None:
    vary = {"profile.sigma": {"low": 1.0, "high": 50.0}}
    lines = run(paths, study_of(paths, design="search", vary=vary, trials=15, budget_minutes=60))
    record = read_record(open_storage(paths.root / "studies.journal"), "mine")
    assert sum(record.counts.values()) == 15
    assert record.counts["pruned"] == sum("pruned" in line for line in lines) > 0
    assert {status for status, _ in SaidStudyRun.ended} == {"FINISHED", "KILLED"}


def test_a_missing_table_is_named(paths: Paths, said: type[SaidTrials]) -> None:
    study = study_of(paths)
    paths.peaks.unlink()
    with pytest.raises(XrdsymError, match=r"no table at .*peaks\.parquet\. Run `dvc repro"):
        run(paths, study)
    assert said.ran == []


def test_an_effect_that_was_on_and_is_off_is_named(paths: Paths, said: type[SaidTrials]) -> None:
    run(paths, study_of(paths, set={"effects.strain": 0.05}))
    with pytest.raises(UsageError, match=r"effects\.strain: 0\.05 → 0\.0"):
        run(paths, study_of(paths))
    assert said.ran == [5.0, 20.0, 30.0]


def test_epochs_are_shown_on_a_terminal_alone(
    paths: Paths, said: type[SaidTrials], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(paths, study_of(paths, vary={"profile.sigma": [20.0]}))
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    run(paths, study_of(paths, vary={"profile.sigma": [20.0, 30.0]}))
    lines = capsys.readouterr().err.splitlines()
    epochs = said.params.train.epochs
    assert lines == [f"  σ=30 · seed 0, epoch {epoch}/{epochs}: val_accuracy 0.3000" for epoch in (1, 2)]


def test_mlflow_describes_the_study_and_its_trials_and_says_where_they_are(
    paths: Paths, said: type[SaidTrials]
) -> None:
    said.raised = {20.0: XrdsymError("the loss became nan")}
    lines = run(paths, study_of(paths))
    data = "1,250 structures from prototypes, split by prototype: 1,000 to train on, n = 125 validation, 7 classes"
    study, first, failed, last = SaidStudyRun.described
    assert study == f"Question: a guess. Baseline: `params.yaml`. {data}."
    scores = "Accuracy **0.500 (0.250 to 0.750)**, macro F1 0.500; always answering the most frequent class gives 0.125"
    assert first == last == f"{scores}. Validation part, n = 125. Study `mine`: a guess."
    assert failed is None, "no scores, and the reason is a tag"
    assert lines[-1] == "study mine: charts of its trials: http://…"
