"""The notebook of examples/, executed as Jupyter would."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from repository import Repository

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),  # the kernel's sockets
]
NAME = "examples/first_steps.ipynb"


def execute(notebook: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Execute a notebook where it lies, with the package of a checkout; returns what its cells show, as text."""
    monkeypatch.setenv("PYTHONPATH", str(source / "src"))
    content = nbformat.read(notebook, as_version=4)
    NotebookClient(content, timeout=300, resources={"metadata": {"path": str(notebook.parent)}}).execute()
    outputs = [output for cell in content.cells for output in cell.get("outputs", [])]
    return [output.get("text") or output["data"]["text/plain"] for output in outputs]


def test_every_cell_runs_after_the_pipeline(reproduced: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = execute(reproduced.root / NAME, reproduced.root, monkeypatch)
    text = "\n".join(shown)
    assert "trigonal" in text
    assert sum("Figure size" in entry for entry in shown) == 4
    assert "FINISHED" in text
    assert "workspace" in text


def test_outside_a_project_it_says_what_to_do(
    project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = tmp_path / "first_steps.ipynb"
    notebook.write_bytes((project_root / NAME).read_bytes())
    with pytest.raises(CellExecutionError, match="Run this inside an xrdsym project"):
        execute(notebook, project_root, monkeypatch)
