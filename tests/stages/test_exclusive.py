"""A stage in two processes at once, and what a killed one leaves behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from xrdsym.common.errors import XrdsymError
from xrdsym.common.files import atomic_path
from xrdsym.config.paths import Paths
from xrdsym.stages.exclusive import only_process, only_stage

if TYPE_CHECKING:
    from collections.abc import Iterator

STAGE = """
import sys
from pathlib import Path
from xrdsym.common.files import atomic_path
from xrdsym.config.paths import Paths
from xrdsym.stages.exclusive import only_stage

root = Path(sys.argv[1])
with only_stage(Paths(root), sys.argv[2]), atomic_path(root / sys.argv[3]):
    print("inside", flush=True)
    input()
"""


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path)


class Other:
    """A process in the middle of a stage."""

    def __init__(self, root: Path, stage: str, output: str) -> None:
        command = [sys.executable, "-c", STAGE, str(root), stage, output]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "inside\n"

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


@pytest.fixture
def other(paths: Paths, request: pytest.FixtureRequest) -> Iterator[Other]:
    process = Other(paths.root, *request.param)
    yield process
    process.kill()


@pytest.mark.parametrize("other", [("images", "data/images.json")], indirect=True)
def test_a_second_process_does_not_run_the_same_stage(paths: Paths, other: Other) -> None:
    with (
        pytest.raises(XrdsymError, match=r"another process runs the stage images in .*\. Wait until it ends"),
        only_stage(paths, "images"),
    ):
        pytest.fail("ran")
    with only_stage(paths, "labels"), only_stage(Paths(paths.root / "clone"), "images"):
        pass
    other.kill()
    with only_stage(paths, "images"):
        pass


@pytest.mark.parametrize(
    ("other", "stage"),
    [
        (("peaks", "data/peaks.parquet"), "peaks"),
        (("structures", "data/structures.json"), "structures"),
        (("train", "models/mobilenetv2/model.keras"), "train"),
        (("evaluate", "reports/metrics.json"), "evaluate"),
        (("report", "reports/figures/classes.svg"), "report"),
    ],
    indirect=["other"],
)
def test_the_next_run_removes_what_a_killed_one_left(paths: Paths, other: Other, stage: str) -> None:
    folders = [paths.root / name for name in ("data", "models/mobilenetv2", "reports", "reports/figures")]
    kept = [folder / name for folder in folders for name in (".hidden", "mine-12345678.csv")]
    for file in kept:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    other.kill()
    (leftover,) = [file for folder in folders for file in folder.glob(".*-*")]
    with only_stage(paths, stage):
        assert not leftover.exists()
        assert all(file.exists() for file in kept)


def test_a_folder_of_images_is_removed_too(paths: Paths) -> None:
    leftover = paths.images.parent / ".images-ab12cd34" / "images" / "cubic"
    leftover.mkdir(parents=True)
    with only_stage(paths, "images"):
        assert not leftover.exists()


def test_what_another_stage_writes_stays(paths: Paths) -> None:
    with atomic_path(paths.labels) as temporary:
        for stage in ("structures", "peaks", "split", "inputs", "images", "train", "evaluate", "report"):
            with only_stage(paths, stage):
                assert temporary.exists()


def test_one_process_trains_a_model(tmp_path: Path) -> None:
    lock = tmp_path / "models" / ".checkpoints" / "0123.lock"
    with (
        only_process(lock, "trains this very model"),
        pytest.raises(XrdsymError, match=r"another process trains this very model\. Wait until it ends, or end it"),
        only_process(lock, "trains this very model"),
    ):
        pytest.fail("trained")
