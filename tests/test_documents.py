"""The documents' blocks, run as a reader would: in order, in a repository with a small configuration."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from documents import Block, blocks_of, shell_lines
from repository import Repository

pytestmark = pytest.mark.slow

NOT_RUN = {
    r"make ": "the environment is that of the tests; continuous integration calls `make test`",
    r"\. \.venv/bin/activate$": "the tests' programs are those of the environment",
    r"mlflow (ui|server|models serve)": "a server does not end; tests/tracking runs `mlflow ui` and `mlflow server`",
    r"git (push|clone)": "the repository of the test has no remote; tests/stages/test_dvc.py pushes and clones",
    r"dvc (remote|push|pull|get|exp push|exp pull)": "no remote here; tests/stages/test_dvc.py has one",
    r"xrdsym preset apply paper": "its structures are not part of the repository",
    r"xrdsym preset apply embedded": "the repository of the test has fewer structures",
    r"dvc exp run -S structures\.files": "the reader's own structures",
    r"curl ": "it asks the server of `mlflow models serve`, as tests/tracking/test_serving.py does",
    r"KERAS_BACKEND=": "the environment has one backend",
}
"""Commands that are not run, and why."""


@pytest.fixture
def repository(reproduced: Repository) -> Repository:
    """The reproduced repository as it was after its commit, with its results as the experiment `baseline`."""
    for words in (("git", "checkout", "--quiet", "."), ("git", "clean", "--quiet", "-fd"), ("dvc", "checkout")):
        reproduced.run(*words)
    reproduced.run("dvc", "exp", "remove", "--all-commits", "--queue")
    reproduced.run("dvc", "exp", "save", "--quiet", "--force", "--name", "baseline")
    return reproduced


def run_block(repository: Repository, block: Block) -> str:
    """Run a block's commands; returns what they print."""
    printed: list[str] = []
    for line in shell_lines(block):
        parts = [part for part in line.split(" && ") if not any(re.match(pattern, part) for pattern in NOT_RUN)]
        printed += [repository.run("bash", "-c", part, typed="y\n") for part in parts]
        if any(part.startswith("dvc queue start") for part in parts):
            wait_for_queue(repository)
    return "".join(printed)


def wait_for_queue(repository: Repository) -> None:
    """Until no task of DVC's queue waits or runs; fails where one failed."""
    deadline = time.monotonic() + 600
    while re.search("Queued|Running", status := repository.run("dvc", "queue", "status")):
        assert time.monotonic() < deadline, status
        time.sleep(2)
    assert "Failed" not in status, status


def comparable(text: str) -> list[str]:
    """Lines of output without the runners-up, whose tiny probabilities depend on the processor."""
    return [re.sub(r"\s+", " ", line.partition("  then ")[0]).strip() for line in text.strip().splitlines()]


def test_the_commands_of_the_readme_run(repository: Repository, project_root: Path) -> None:
    blocks = [block for block in blocks_of(project_root / "README.md") if block.language == "sh"]
    assert len(blocks) == 4
    for block in blocks:
        printed = run_block(repository, block)
        if "xrdsym predict" in block.text:
            assert comparable(block.printed) == comparable(printed)


def test_the_python_of_the_readme_prints_what_it_says(project_root: Path) -> None:
    (block,) = [block for block in blocks_of(project_root / "README.md") if block.language == "python"]
    done = subprocess.run(
        [sys.executable, "-c", block.text], cwd=project_root, capture_output=True, text=True, check=True
    )
    assert done.stdout == block.printed


def test_the_commands_on_experiments_run(repository: Repository, project_root: Path) -> None:
    blocks = [block for block in blocks_of(project_root / "docs" / "experiments.md") if block.language == "sh"]
    printed = [run_block(repository, block) for block in blocks]
    assert "[baseline]" in printed[0]
    assert "[narrow]" in printed[0]
