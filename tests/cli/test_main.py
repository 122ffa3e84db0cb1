from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from xrdsym.cli.main import COMMANDS, main


def test_help_imports_nothing_heavy() -> None:
    heavy = "{'tensorflow', 'keras', 'pymatgen', 'mlflow', 'pandas', 'numba', 'numpy', 'optuna', 'sklearn', 'pydantic'}"
    code = (
        "import sys; from xrdsym.cli.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"print({heavy} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "set()"
    for command in COMMANDS:
        assert command in result.stdout


def test_parameters_are_read_without_what_computes() -> None:
    heavy = "{'tensorflow', 'keras', 'pymatgen', 'mlflow', 'numba', 'scipy', 'pyarrow', 'sklearn'}"
    code = f"import sys, xrdsym.config.schema\nprint({heavy} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main([command, "--help"])
    assert raised.value.code == 0
    assert command in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "COMMAND"),
        (["predct"], "invalid choice: 'predct'"),
        (["stage", "nothing"], "invalid choice: 'nothing'"),
        (["preset", "apply"], "NAME"),
        (["benchmark", "simulate"], "--structures"),
        (["benchmark", "simulate", "--structures", "x", "--count", "0"], "--count"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_2(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    error = capsys.readouterr().err
    assert error.startswith("xrdsym: ")
    assert told in error
    assert len(error.splitlines()) == 1


def test_a_failure_is_one_line_and_exit_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["stage", "labels"]) == 1
    assert "no dvc.yaml" in capsys.readouterr().err
    assert main(["benchmark", "simulate", "--structures", "missing.parquet"]) == 1
    assert "missing.parquet" in capsys.readouterr().err


def test_a_file_that_may_not_be_read_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def forbidden(_: object) -> int:
        raise PermissionError(13, "Permission denied", "params.yaml")

    monkeypatch.setattr("xrdsym.cli.preset.run", forbidden)
    assert main(["preset", "list"]) == 1
    assert capsys.readouterr().err == "xrdsym: Permission denied: params.yaml\n"
