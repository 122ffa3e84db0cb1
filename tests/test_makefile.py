"""Which Python `make env` takes, with stand-ins for the interpreters on the path."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

MAKE = shutil.which("make")
TOOLS = ("awk", "cat", "cksum", "cut", "mkdir", "rm", "touch")
RUNS = """#!/bin/sh
if [ "$1" = --version ]; then echo "Python of $0"; exit; fi
mkdir -p "$3/bin"
printf '#!/bin/sh\\n' > "$3/bin/pip"
chmod +x "$3/bin/pip"
"""
SHIM = "#!/bin/sh\necho 'version manager: command not found' >&2\nexit 127\n"

pytestmark = pytest.mark.skipif(MAKE is None, reason="make is not installed")


@pytest.fixture
def project(tmp_path: Path, project_root: Path) -> Path:
    return made_project(tmp_path, project_root)


def made_project(folder: Path, project_root: Path) -> Path:
    programs = folder / "programs"
    programs.mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(project_root / name, folder)
    for name in (*TOOLS, "chmod"):
        (programs / name).symlink_to(shutil.which(name))
    return folder


def make_env(project: Path, *words: str, **pythons: str) -> subprocess.CompletedProcess[str]:
    for name, text in pythons.items():
        path = project / "programs" / name.replace("_", ".")
        path.write_text(text)
        path.chmod(0o755)
    words = (MAKE, "env", *words)
    environment = {"PATH": str(project / "programs")}
    return subprocess.run(words, cwd=project, env=environment, capture_output=True, text=True, check=False)


def test_the_first_python_that_runs_is_taken_and_named(project: Path) -> None:
    result = make_env(project, python3_11=SHIM, python3_12=RUNS, python3_13=RUNS)
    assert result.returncode == 0, result.stderr
    assert "made with python3.12, Python of" in result.stdout
    assert (project / ".venv" / "bin" / "pip").is_file()
    again = make_env(project)
    assert again.returncode == 0
    assert "made with" not in again.stdout


@pytest.mark.parametrize(("name", "told"), [("my project", False), ("año 2026", True)])
def test_a_folder_may_have_a_blank_and_one_with_an_accent_says_what_fails_there(
    tmp_path: Path, project_root: Path, name: str, told: bool
) -> None:
    project = made_project(tmp_path / name, project_root)
    result = make_env(project, python3_12=RUNS)
    assert result.returncode == 0, result.stderr
    assert (project / ".venv" / "bin" / "pip").is_file()
    assert ("Experiments cannot be queued in" in result.stdout) == told


def test_another_python_can_be_named(project: Path) -> None:
    result = make_env(project, "PYTHON=python3.13", python3_11=RUNS, python3_13=RUNS)
    assert "made with python3.13, Python of" in result.stdout


def test_where_no_python_runs_make_says_what_to_install(project: Path) -> None:
    result = make_env(project, python3_11=SHIM)
    assert result.returncode != 0
    assert "none of python3.11 python3.12 python3.13 runs here. Install one" in result.stdout
    assert not (project / ".venv").exists()


def test_a_named_python_that_is_not_there_is_named_again(project: Path) -> None:
    result = make_env(project, "PYTHON=python4", python3_11=RUNS)
    assert result.returncode != 0
    assert "PYTHON=python4 does not run" in result.stdout


@pytest.mark.parametrize("named", [True, False])
def test_results_become_an_experiment_where_git_knows_the_person(project: Path, named: bool) -> None:
    programs = project / "programs"
    (programs / "git").symlink_to(shutil.which("git"))
    for name in ("dvc", "xrdsym"):
        (programs / name).write_text(f'#!/bin/sh\necho "{name} $*"\n')
        (programs / name).chmod(0o755)
    make_env(project, python3_11=RUNS)
    if named:
        (project / ".gitconfig").write_text("[user]\n\tname = Somebody\n\temail = somebody@example.org\n")
    environment = {"PATH": str(programs), "HOME": str(project), "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run((MAKE, "repro"), cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert ("dvc exp save --quiet --force --name baseline" in done.stdout.splitlines()) == named
    assert ("git config --global user.name" in done.stdout) != named
    assert "xrdsym results" in done.stdout
