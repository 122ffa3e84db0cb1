"""A small copy of the project as a repository of its own, in which DVC and MLflow run as real programs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from xrdsym.config.presets import apply_preset, preset_path

SMALL = {
    "structures.prototypes.count": 140,
    "profile.step": 0.05,
    "images.side": 32,
    "train.epochs": 1,
    "evaluate.bootstrap": 100,
}


@dataclass(frozen=True)
class Repository:
    """A git and DVC repository and the way to run programs in it."""

    root: Path

    def run(self, *words: str, check: bool = True, cwd: Path | None = None, typed: str | None = None) -> str:
        """Run a program of the environment; returns what it printed, fails with it where it fails.

        Args:
            words: The program and its arguments.
            check: Fail where its exit status is not 0.
            cwd: Where it runs; by default in the root.
            typed: What it reads from standard input.
        """
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("DVC_", "MLFLOW_", "GIT_"))},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "DVC_NO_ANALYTICS": "true",
            "DO_NOT_TRACK": "true",
        }
        result = subprocess.run(
            words,
            cwd=cwd or self.root,
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            input=typed,
        )
        text = result.stdout + result.stderr
        if check:
            assert result.returncode == 0, f"{' '.join(words)}: {result.returncode}\n{text}"
        return text

    def mlflow_runs(self) -> list[dict[str, Any]]:
        """All runs of the store in the root, as MLflow's own client reads them."""
        code = (
            "import json, mlflow\n"
            "client = mlflow.MlflowClient()\n"
            "experiments = [e.experiment_id for e in client.search_experiments()]\n"
            "runs = client.search_runs(experiments)\n"
            "print(json.dumps([dict(name=r.info.run_name, status=r.info.status, params=r.data.params,"
            " metrics=r.data.metrics, tags=r.data.tags) for r in runs]))"
        )
        found: list[dict[str, Any]] = json.loads(self.run("python", "-W", "ignore", "-c", code).splitlines()[-1])
        return found

    def set(self, **values: object) -> None:
        """Set parameters by their dotted names (with __ for the dot)."""
        yaml = YAML()
        path = self.root / "params.yaml"
        content = yaml.load(path)
        for name, value in values.items():
            *sections, key = name.split("__")
            inner = content
            for section in sections:
                inner = inner[section]
            inner[key] = value
        yaml.dump(content, path)


def copy_checkout(source: Path, root: Path, without: tuple[str, ...] = ()) -> None:
    """Copy the files that git tracks or would track, with the parameters of the preset `embedded`.

    Args:
        source: The checkout.
        root: Where the copy goes.
        without: Folders, with a slash at their end, and files to leave out.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=source,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (source / name).is_file() and not name.startswith(without):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / name, root / name)
    apply_preset(preset_path(root, "embedded"), root / "params.yaml")


def make_repository(source: Path, root: Path) -> Repository:
    """Copy the files that git tracks or would track into a new repository with a small configuration."""
    copy_checkout(source, root, without=("tests/", "docs/", "dvc.lock"))
    repository = Repository(root)
    repository.set(**{name.replace(".", "__"): value for name, value in SMALL.items()})
    repository.run("git", "init", "--quiet", "--initial-branch=main")
    repository.run("git", "config", "user.name", "tester")
    repository.run("git", "config", "user.email", "tester@example.org")
    repository.run("git", "add", "--all")
    repository.run("git", "commit", "--quiet", "--message", "The project, small")
    return repository
