"""What the repository promises about itself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from xrdsym.commands.stage import STAGES


def tracked(root: Path) -> list[Path]:
    result = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=False)
    if result.returncode:
        pytest.skip("not a git checkout")
    return [root / name for name in result.stdout.splitlines()]


def test_the_lock_is_hashed_and_names_no_host(project_root: Path) -> None:
    lock = (project_root / "requirements.lock").read_text()
    requirements = re.findall(r"^[A-Za-z0-9_.-]+==", lock, flags=re.MULTILINE)
    assert len(requirements) > 100
    blocks = re.split(r"\n(?=[A-Za-z0-9])", lock)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block.split("\n")[0])
    assert not re.search(r"https?:|index-url|find-links|file:", lock)


def test_no_lock_that_records_hosts_is_tracked(project_root: Path) -> None:
    names = {path.name for path in tracked(project_root)}
    assert not names & {"uv.lock", "poetry.lock", "pylock.toml"}


def test_nothing_of_the_pipelines_outputs_is_tracked(project_root: Path) -> None:
    names = [path.relative_to(project_root).as_posix() for path in tracked(project_root)]
    outputs = [
        name for name in names if re.match(r"(data/.*\.(parquet|csv|png)|models/(?!released/)|mlflow\.db)", name)
    ]
    assert outputs == []


def test_stages_parameters_and_modules_have_the_same_names(project_root: Path) -> None:
    pipeline = YAML(typ="safe").load(project_root / "dvc.yaml")
    params = YAML(typ="safe").load(project_root / "params.yaml")
    assert tuple(pipeline["stages"]) == STAGES
    assert set(params) == set(STAGES) - {"report"} | {"profile", "effects"}
    for name, stage in pipeline["stages"].items():
        assert stage["cmd"] == f"PYTHONPATH=src xrdsym stage {name}"
        assert (project_root / "src" / "xrdsym" / "pipeline" / f"{name}.py").is_file()
        for dependency in stage["deps"]:
            if dependency.startswith("src/"):
                assert (project_root / dependency).exists(), dependency


@pytest.mark.parametrize(
    ("package", "module"), [("mlflow", "src/xrdsym/tracking.py"), ("optuna", "src/xrdsym/study.py")]
)
def test_one_module_imports(package: str, module: str, project_root: Path) -> None:
    pattern = re.compile(rf"^\s*(import|from) {package}\b", flags=re.MULTILINE)
    importing = {
        path.relative_to(project_root).as_posix()
        for path in (project_root / "src").rglob("*.py")
        if pattern.search(path.read_text(encoding="utf-8"))
    }
    assert importing <= {module}


def test_documents_are_finished_and_their_links_lead_somewhere(project_root: Path) -> None:
    documents = [project_root / "README.md", project_root / "CHANGELOG.md", *(project_root / "docs").glob("*.md")]
    for document in documents:
        text = document.read_text(encoding="utf-8")
        assert "@@" not in text, document.name
        for link in re.findall(r"\]\(([^)#]+)\)", text):
            assert link.startswith("http") or (document.parent / link).is_file(), f"{document.name}: {link}"
