from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrdsym.training import checkpoints
from xrdsym.training.checkpoints import Checkpoint


def sample(epoch: int) -> Checkpoint:
    arrays = {
        "network": [np.full((2, 3), index, np.float32) for index in range(12)],
        "best": [np.array(5, dtype=np.int64)],
    }
    return Checkpoint(arrays, {"epoch": epoch, "history": [{"loss": 0.25}], "best_value": None})


def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    checkpoints.save(tmp_path / "run", sample(1))
    checkpoints.save(tmp_path / "run", sample(2))
    loaded = checkpoints.load(tmp_path / "run")
    assert loaded is not None
    assert loaded.state == sample(2).state
    assert list(loaded.arrays) == ["network", "best"]
    for name, arrays in sample(2).arrays.items():
        for actual, expected in zip(loaded.arrays[name], arrays, strict=True):
            assert actual.dtype == expected.dtype
            np.testing.assert_array_equal(actual, expected)
    assert [path.name for path in (tmp_path / "run").iterdir()] == [checkpoints.FILE_NAME]


def test_there_is_none_before_the_first_and_after_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert checkpoints.load(folder) is None
    checkpoints.save(folder, sample(1))
    checkpoints.remove(folder)
    assert checkpoints.load(folder) is None
    assert not folder.exists()
    checkpoints.remove(folder)


def test_a_broken_checkpoint_is_reported_and_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    checkpoints.save(tmp_path, sample(1))
    file = tmp_path / checkpoints.FILE_NAME
    for content in (file.read_bytes()[:-200], b"", b"no zip at all"):
        caplog.clear()
        file.write_bytes(content)
        assert checkpoints.load(tmp_path) is None
        assert "starts from the beginning" in caplog.text


@given(st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=4), st.none() | st.integers(0))
def test_no_damage_stops_a_training(tmp_path_factory: pytest.TempPathFactory, bytes_: list, length: int | None) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    checkpoints.save(folder, sample(1))
    file = folder / checkpoints.FILE_NAME
    content = bytearray(file.read_bytes())
    for place, value in bytes_:
        content[place % len(content)] = value
    file.write_bytes(content if length is None else content[: length % len(content)])
    loaded = checkpoints.load(folder)
    assert loaded is None or loaded.state == sample(1).state


def test_a_pickle_is_never_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    np.savez(tmp_path / checkpoints.FILE_NAME, state=np.array([{"epoch": 1}], dtype=object))
    assert checkpoints.load(tmp_path) is None
    assert "starts from the beginning" in caplog.text


def test_a_fingerprint_depends_on_content_not_on_order() -> None:
    one = checkpoints.digest({"a": 1, "b": {"c": [1, 2]}})
    assert one == checkpoints.digest({"b": {"c": [1, 2]}, "a": 1})
    assert one != checkpoints.digest({"a": 1, "b": {"c": [2, 1]}})
    assert len(one) == 16
