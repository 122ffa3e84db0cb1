"""A small project to disturb: its stages, its outputs, and what they say without times."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from ruamel.yaml import YAML

from xrdsym.cli.stage import STAGES
from xrdsym.config.params_file import content_with, read_content

ROOT = Path(__file__).resolve().parents[1]
COMMAND = "import sys; from xrdsym.cli.main import main; sys.exit(main())"
CLOCK = {"seconds", "images_per_second", "resumed_epochs"}
"""Keys and columns that differ between runs with equal results."""


class Project:
    """A small project and the results of an undisturbed run of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copy(ROOT / "dvc.yaml", root)
        content = content_with(read_content(ROOT / "presets" / "embedded.yaml"), {"images.side": 32, "train.epochs": 2})
        content["structures"] = {"sources": ["prototypes"], "prototypes": {"count": 300, "seed": 0}}
        content["train"] |= {"patience": None, "alpha": 0.35, "batch_size": 32}
        YAML().dump(content, root / "params.yaml")
        self.seconds: dict[str, float] = {}
        self.results: dict[str, dict[str, str]] = {}
        for stage in STAGES:
            begin = time.perf_counter()
            self.run(stage, check=True)
            self.seconds[stage] = time.perf_counter() - begin
            self.results[stage] = self.outputs(stage)
        self.kept = root.with_name("kept")
        shutil.copytree(root, self.kept)

    def start(self, stage: str, **settings: str) -> subprocess.Popen[str]:
        """Start a stage in a process group of its own."""
        return subprocess.Popen(  # noqa: S603 - this Python and the name of a stage
            [sys.executable, "-c", COMMAND, "stage", stage],
            cwd=self.root,
            env={**os.environ, **settings},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, stage: str, *, check: bool = False, **settings: str) -> tuple[int, list[str]]:
        """Run a stage to its end; returns its exit status and what it said on standard error."""
        process = self.start(stage, **settings)
        said = process.communicate()[1]
        if check and process.returncode:
            raise RuntimeError(said)
        return process.returncode, said.splitlines()

    def restore(self) -> None:
        """Put the results of the undisturbed run back."""
        for name in ("data", "models", "reports", "mlruns"):
            shutil.rmtree(self.root / name, ignore_errors=True)
            if (self.kept / name).exists():
                shutil.copytree(self.kept / name, self.root / name)
        shutil.copy(self.kept / "mlflow.db", self.root / "mlflow.db")

    def forget(self, stage: str) -> None:
        """Remove the outputs of a stage, as DVC does before it runs one."""
        for path in self.paths(stage):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def paths(self, stage: str) -> list[Path]:
        """The files and folders that a stage writes, as `dvc.yaml` lists them."""
        outs = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"][stage]
        listed = [*outs.get("outs", []), *outs.get("metrics", []), *outs.get("plots", [])]
        names = [next(iter(one)) if isinstance(one, dict) else one for one in listed]
        return [self.root / name.replace("${train.model}", "mobilenetv2") for name in names]

    def outputs(self, stage: str) -> dict[str, str]:
        """The digest of each output of a stage that is there."""
        files = [
            file
            for path in self.paths(stage)
            for file in (sorted(path.rglob("*")) if path.is_dir() else [path])
            if file.is_file()
        ]
        return {str(file.relative_to(self.root)): digest(file) for file in files}

    def leftovers(self) -> list[str]:
        """Temporary files and folders."""
        found = [path for name in ("data", "models", "reports") for path in (self.root / name).rglob(".*-????????*")]
        return [str(path.relative_to(self.root)) for path in found if path.parent.name != ".locks"]


def digest(file: Path) -> str:
    """The SHA-256 of what a file says, without times."""
    content = file.read_bytes()
    if file.suffix == ".keras":
        with zipfile.ZipFile(file) as archive, h5py.File(archive.open("model.weights.h5")) as weights:
            arrays: list[bytes] = []
            weights.visititems(lambda name, one: arrays.append(name.encode() + _bytes(one)))
        content = b"".join(arrays)
    elif file.name == "history.csv":
        rows = [line.split(",") for line in content.decode().splitlines()]
        kept = [place for place, name in enumerate(rows[0]) if name not in CLOCK]
        content = json.dumps([[row[place] for place in kept] for row in rows]).encode()
    elif file.name == "training.json":
        summary = json.loads(content)
        content = json.dumps({name: summary[name] for name in summary if name not in CLOCK}).encode()
    elif file.suffix == ".html":
        content = b"" if b"</html>" in content else b"broken"
    return hashlib.sha256(content).hexdigest()


def _bytes(one: Any) -> bytes:  # noqa: ANN401 - h5py is not typed
    return np.asarray(one).tobytes() if isinstance(one, h5py.Dataset) else b""
