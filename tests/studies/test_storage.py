"""Optuna's part of a study, without any training: two workers, resuming, what is kept."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import optuna
import pytest
from ruamel.yaml import YAML

from made_trials import DATA, MATERIALS, Answers
from params_of import write_params
from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.studies.definition import Study, load_study
from xrdsym.studies.open_trial import PrunedError
from xrdsym.studies.storage import StoredStudy, open_storage, read_record
from xrdsym.studies.summary import summary, summary_lines
from xrdsym.studies.workers import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xrdsym.studies.open_trial import OpenTrial


@contextmanager
def opened(address: str) -> Iterator[optuna.storages.BaseStorage]:
    """A storage whose connections are closed at the end: Python 3.13 warns of an SQLite connection that is not."""
    storage = open_storage(address)
    try:
        yield storage
    finally:
        if isinstance(storage, optuna.storages.RDBStorage):
            storage.remove_session()
            storage.engine.dispose()


def definition(root: Path, **content: Any) -> Study:  # noqa: ANN401
    if not (root / "params.yaml").exists():
        write_params(root)
        (root / "studies").mkdir()
    content = {"guess": "a guess", "budget_minutes": 5, "vary": {"profile.sigma": [1.0, 2.0]}} | content
    YAML().dump(content, root / "studies" / "mine.yaml")
    return load_study(root, "mine")


def take(stored: StoredStudy, worker: Worker) -> OpenTrial:
    taken = stored.begin_next(worker)
    assert taken is not None
    return taken


@pytest.fixture
def storage(tmp_path: Path) -> optuna.storages.BaseStorage:
    return open_storage(tmp_path / "studies.journal")


def test_points_come_in_their_order_and_once(tmp_path: Path, storage: optuna.storages.BaseStorage) -> None:
    study = definition(tmp_path, seeds=[0, 1])
    stored = StoredStudy(storage, study, DATA)
    with Worker(tmp_path / "workers") as worker:
        assert stored.plan(worker) == []
        assert stored.plan(worker) == []
        taken = [take(stored, worker) for _ in study.points]
        assert [(dict(one.point.settings), one.point.seed) for one in taken] == [
            (dict(point.settings), point.seed) for point in study.points
        ]
        assert stored.begin_next(worker) is None
    frozen = optuna.load_study(study_name="mine", storage=storage).trials[-1]
    assert frozen.params == {"profile.sigma": 2.0, "train.seed": 1}


def test_what_a_trial_found_is_read_back(tmp_path: Path, storage: optuna.storages.BaseStorage) -> None:
    study = definition(tmp_path)
    stored = StoredStudy(storage, study, DATA)
    with Worker(tmp_path / "workers") as worker:
        stored.plan(worker)
        for accuracy, predicted in ((0.5, [0, 1, 6]), (0.75, [0, 1, 2])):
            taken = take(stored, worker)
            taken.report(1, accuracy)
            test = replace(MATERIALS, ids=("a", "b", "c"))
            taken.complete(
                accuracy,
                f"print {accuracy}",
                Answers(np.array(predicted), accuracy, test_materials=test, test_predicted=np.array([2, 2, 2])),
            )
        take(stored, worker).fail("no memory")
    record = read_record(storage, "mine")
    assert [result.arm for result in record.results] == ["baseline", "σ=1"]
    best = record.results[1]
    assert best.predicted.tolist() == [0, 1, 2]
    assert best.materials.ids == MATERIALS.ids
    assert best.materials.labels.tolist() == [0, 1, 2]
    assert record.test_results[1].materials.ids == ("a", "b", "c")
    assert record.test_results[1].predicted.tolist() == [2, 2, 2]
    assert record.failed == [("σ=2", 0, "no memory")]
    facts = summary(record)
    assert [(arm["arm"], arm["difference"]) for arm in facts["arms"]] == [
        ("baseline", 0.0),
        ("σ=1", 0.333333),
    ]
    assert "+0.3333" in "\n".join(summary_lines(record))
    assert "failed: σ=2 · seed 0: no memory" in "\n".join(summary_lines(record))


def test_the_very_same_trial_of_another_study_is_taken_over(
    tmp_path: Path, storage: optuna.storages.BaseStorage
) -> None:
    study = definition(tmp_path)
    first = StoredStudy(storage, study, DATA)
    other = StoredStudy(storage, replace(study, name="other"), DATA)
    with Worker(tmp_path / "workers") as worker:
        first.plan(worker)
        take(first, worker).complete(0.5, "print", Answers(np.array([0, 1, 6]), 0.5))
        other.plan(worker)
        taken = take(other, worker)
        assert taken.find_equal("another print", test=False) is None
        assert taken.find_equal("print", test=True) is None
        same = taken.find_equal("print", test=False)
        assert same is not None
        taken.copy_result(same)
    result = read_record(storage, "other").results[0]
    assert (result.arm, result.metrics["val_accuracy"], result.predicted.tolist()) == ("baseline", 0.5, [0, 1, 6])
    assert result.materials.ids == MATERIALS.ids


def test_an_interrupted_trial_is_begun_again_and_a_failed_one_is_not(
    tmp_path: Path, storage: optuna.storages.BaseStorage
) -> None:
    study = definition(tmp_path)
    stored = StoredStudy(storage, study, DATA)
    with Worker(tmp_path / "workers") as worker:
        stored.plan(worker)
        take(stored, worker).fail("interrupted", again=True)
        take(stored, worker).fail("the loss became nan")
        stored.plan(worker)
        assert [dict(point.settings) for point in stored.waiting_points()] == [{"profile.sigma": 2.0}, {}]
    assert read_record(storage, "mine").failed == [("σ=1", 0, "the loss became nan")]


DYING = """
import os, sys
from pathlib import Path
from xrdsym.studies.definition import load_study
from xrdsym.studies.workers import Worker
from xrdsym.studies.storage import StoredStudy, open_storage
root = Path(sys.argv[1])
from made_trials import DATA
stored = StoredStudy(open_storage(root / "studies.journal"), load_study(root, "mine"), DATA)
with Worker(root / "workers") as worker:
    stored.plan(worker)
    stored.begin_next(worker)
    os.kill(os.getpid(), 9)
"""


def test_a_trial_whose_process_was_killed_is_noticed(tmp_path: Path, storage: optuna.storages.BaseStorage) -> None:
    study = definition(tmp_path)
    assert (
        subprocess.run(
            [sys.executable, "-c", DYING, str(tmp_path)], cwd=Path(__file__).parents[1], check=False
        ).returncode
        == -9
    )
    stored = StoredStudy(storage, study, DATA)
    assert len(stored.waiting_points()) == 2
    with Worker(tmp_path / "workers") as worker:
        assert stored.plan(worker) == [0]
        assert stored.plan(worker) == []
        assert len(stored.waiting_points()) == 3


@pytest.mark.parametrize("address", ["{root}/studies.journal", "sqlite:///{root}/studies.db"])
def test_what_was_taken_out_of_the_file_is_not_run(tmp_path: Path, address: str) -> None:
    with opened(address.format(root=tmp_path)) as storage:
        wide = definition(tmp_path, vary={"profile.sigma": [1.0, 2.0, 4.0]})
        with Worker(tmp_path / "workers") as dying:
            stored = StoredStudy(storage, wide, DATA)
            stored.plan(dying)
            assert [take(stored, dying).point.settings for _ in range(2)] == [{}, {"profile.sigma": 1.0}]
        stored = StoredStudy(storage, definition(tmp_path, vary={"profile.sigma": [2.0]}), DATA)
        with Worker(tmp_path / "workers") as worker:
            # of the two that had died the file has the first alone; of the two that waited, σ = 2
            assert stored.plan(worker) == [0]
            waiting = sorted(str(dict(point.settings)) for point in stored.waiting_points())
            assert waiting == ["{'profile.sigma': 2.0}", "{}"]
            assert (stored.remaining(), stored.finished()) == (2, 0)
        assert read_record(storage, "mine").failed == []


WORKING = """
import sys
from pathlib import Path
import numpy as np
from filelock import FileLock
from made_trials import DATA, Answers
from xrdsym.studies.definition import load_study
from xrdsym.studies.workers import Worker
from xrdsym.studies.storage import StoredStudy, open_storage
root, lock = Path(sys.argv[1]), FileLock(Path(sys.argv[1]) / "queue.lock")
with lock:
    stored = StoredStudy(open_storage(sys.argv[2]), load_study(root, "mine"), DATA)
with Worker(root / "workers") as worker:
    with lock:
        stored.plan(worker)
    while True:
        with lock:
            taken = stored.begin_next(worker)
        if taken is None:
            break
        taken.complete(0.5, f"print {taken.number}", Answers(np.array([0, 1, 2]), 0.5))
"""


@pytest.mark.parametrize("address", ["{root}/studies.journal", "sqlite:///{root}/studies.db"])
def test_two_processes_share_a_study_and_lose_nothing(tmp_path: Path, address: str) -> None:
    address = address.format(root=tmp_path)
    study = definition(tmp_path, vary={"profile.sigma": [float(n) for n in range(6, 18)]})
    words = [sys.executable, "-c", WORKING, str(tmp_path), address]
    workers = [subprocess.Popen(words, cwd=Path(__file__).parents[1]) for _ in range(2)]
    assert [worker.wait() for worker in workers] == [0, 0]
    with opened(address) as storage:
        record = read_record(storage, "mine")
    assert record.counts == {"complete": len(study.points)}
    assert len({result.arm for result in record.results}) == len(study.points) == 13


def test_a_study_does_not_go_on_from_another_baseline_or_other_data(
    tmp_path: Path, storage: optuna.storages.BaseStorage
) -> None:
    StoredStudy(storage, definition(tmp_path), DATA)
    with pytest.raises(UsageError, match=r"(?s)begun with another baseline.*train.epochs: 8 → 9.*another --storage"):
        StoredStudy(storage, definition(tmp_path, set={"train.epochs": 9}), DATA)
    with pytest.raises(UsageError, match="data/peaks: another table"):
        StoredStudy(storage, definition(tmp_path), {**DATA, "peaks": "9"})


def test_numbers_and_seeds_may_be_added_to_a_study(tmp_path: Path, storage: optuna.storages.BaseStorage) -> None:
    with Worker(tmp_path / "workers") as worker:
        stored = StoredStudy(storage, definition(tmp_path), DATA)
        stored.plan(worker)
        for _ in range(3):
            take(stored, worker).complete(0.5, "print", Answers(np.array([0, 1, 2]), 0.5))
        wider = definition(tmp_path, vary={"profile.sigma": [1.0, 2.0, 50.0]}, seeds=[0, 1])
        stored = StoredStudy(storage, wider, DATA)
        stored.plan(worker)
        assert len(stored.waiting_points()) == 5
        assert take(stored, worker).point.seed == 1


def test_a_search_begins_with_the_baseline_and_prunes(tmp_path: Path, storage: optuna.storages.BaseStorage) -> None:
    vary = {"profile.sigma": {"low": 1, "high": 10, "log": True}, "profile.scale": ["linear", "log"]}
    study = definition(tmp_path, design="search", vary=vary, trials=12)
    stored = StoredStudy(storage, study, DATA)
    pruned = 0
    with Worker(tmp_path / "workers") as worker:
        stored.plan(worker)
        for number in range(12):
            taken = take(stored, worker)
            if number == 0:
                assert taken.point.settings == {}
            try:
                taken.report(1, 0.5 - number / 100)
                taken.report(2, 0.5 - number / 100)
            except PrunedError:
                taken.prune()
                pruned += 1
                continue
            taken.complete(0.5 - number / 100, f"print {number}", Answers(np.array([0, 1, 2]), 0.5))
        assert stored.begin_next(worker) is None
    assert pruned > 0
    assert read_record(storage, "mine").counts == {"complete": 12 - pruned, "pruned": pruned}


def test_a_study_that_has_not_been_run_is_reported(storage: optuna.storages.BaseStorage) -> None:
    with pytest.raises(UsageError, match=r"study mine has not been run\. Run it with `xrdsym study run mine`"):
        read_record(storage, "mine")


@pytest.mark.parametrize("text", ["guess: a study file\n", '{"op_code": 99, "worker_id": "a"}\n', '{"study": 1}\n'])
def test_a_file_that_is_no_journal_of_this_version_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.journal"
    file.write_text(text)
    with pytest.raises(
        XrdsymError, match=r"x\.journal is no journal of studies that Optuna \d.*Give another --storage"
    ):
        open_storage(file)
    assert file.read_text() == text
