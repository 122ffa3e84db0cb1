"""Inputs that people who do this job sent to other programs, by the models of the repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from repository import make_repository

pytestmark = pytest.mark.slow
PROGRAM = "import sys; from xrdsym.cli.main import main; sys.exit(main(sys.argv[1:]))"


def run(*words: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, words)], cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", ["F13-pyfai-2th.xy", "F14-pyfai-q.xy"])
def test_calcite_as_pyfai_writes_it_is_trigonal(shared_cases: Path, project_root: Path, name: str) -> None:
    done = run(sys.executable, "-c", PROGRAM, "predict", shared_cases / name, "--json", cwd=project_root)
    assert json.loads(done.stdout)["crystal_system"] == "trigonal"


def test_calcite_as_arrays_of_all_kinds_is_trigonal(shared_cases: Path, project_root: Path) -> None:
    done = run(sys.executable, shared_cases / "F16-scan-arrays.py", cwd=project_root)
    answers = [line.rpartition(" -> ")[2] for line in done.stdout.splitlines()]
    assert answers == ["trigonal"] * 5, done.stdout + done.stderr


def test_a_read_only_clone_and_home_are_enough(project_root: Path) -> None:
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        pytest.skip("mounting a folder read-only needs an administrator")
    mounted = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && cd "$1" && exec "$2" -c "$3" predict "$4"'
    words = ("unshare", "-m", "sh", "-c", mounted, "sh", project_root, sys.executable, PROGRAM)
    done = run(*words, "examples/corundum.cif", cwd=project_root, HOME="/proc/none", XDG_CACHE_HOME="/proc/none")
    assert done.returncode == 0, done.stderr
    assert "trigonal" in done.stdout


def test_output_that_is_not_utf_8_ends_well(shared_cases: Path, project_root: Path, tmp_path: Path) -> None:
    repository = make_repository(project_root, tmp_path)
    done = run("sh", shared_cases / "F20-not-utf8.sh", cwd=repository.root)
    assert [line for line in done.stdout.splitlines() if line.startswith("exit")] == ["exit 0"] * 3
    assert "Traceback" not in done.stderr
