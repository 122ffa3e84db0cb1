"""The commands of the section on serving in docs/experiments.md, run as a reader would."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
import requests
from mlflow.models import Model

from documents import blocks_of, shell_lines
from params_of import preset_params
from tiny_model import save_tiny_model, tiny_recipe
from xrdsym.config.paths import Paths
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.tracking.models import log_evaluation

SCORES = {
    "part": "validation",
    "split": "random",
    "sources": ["prototypes"],
    "target": "crystal_system",
    "majority_class": "cubic",
    "majority_accuracy": 0.25,
    "n": 14,
    "classes": list(CRYSTAL_SYSTEMS),
    "accuracy": 0.5,
    "macro_f1": 0.5,
    "intervals": {"accuracy": [0.25, 0.75]},
    "confusion_matrix": [[0] * 7] * 7,
    "per_class": {name: {"recall": 0.5} for name in CRYSTAL_SYSTEMS},
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
def test_the_documented_request_gets_the_probabilities_of_the_classes(
    paths: Paths, project_root: Path, tmp_path: Path
) -> None:
    document = project_root / "docs" / "experiments.md"
    params = preset_params()
    folder = save_tiny_model(paths.models / params.train.model, tiny_recipe())
    log_evaluation(paths, params, folder, SCORES, [], [])
    (block,) = [
        block for block in blocks_of(document) if block.language == "sh" and "mlflow models serve" in block.text
    ]
    download, serve, request = shell_lines(block)
    assert subprocess.run(["bash", "-c", download], cwd=paths.root, check=False).returncode == 0
    port = free_port()
    assert "5001" in serve
    with (tmp_path / "serve.log").open("w") as log:
        server = subprocess.Popen(
            ["bash", "-c", serve.replace("5001", str(port))],
            cwd=paths.root,
            env=os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true"},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/ping", server, tmp_path / "serve.log")
            command = request.replace("5001", str(port)).replace("curl ", "curl --silent --show-error --fail ")
            answer = subprocess.run(
                ["bash", "-c", command], cwd=paths.root, capture_output=True, text=True, check=True
            ).stdout
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=60)
    (probabilities,) = json.loads(answer)["predictions"]
    assert len(probabilities) == 7
    assert sum(probabilities) == pytest.approx(1, abs=1e-5)
    assert len({round(value, 6) for value in probabilities}) > 1
    # where the document says that their order stands
    metadata = Model.load(str(paths.root / "served")).metadata
    assert metadata is not None
    assert tuple(metadata["recipe"]["classes"]) == CRYSTAL_SYSTEMS
    assert "in the order of `classes` in `served/MLmodel`" in document.read_text()


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 240
    while True:
        try:
            requests.get(address, timeout=5).raise_for_status()
        except OSError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.5)
        else:
            return
