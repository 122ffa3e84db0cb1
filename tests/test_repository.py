"""What the repository promises about itself."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from params_of import preset_content
from xrdsym import __version__
from xrdsym.cli.main import parser_of
from xrdsym.cli.stage import STAGES


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


def test_one_version_stands_everywhere(project_root: Path) -> None:
    texts = [
        (project_root / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "CITATION.cff", "CHANGELOG.md")
    ]
    found = [
        re.search(pattern, text, flags=re.MULTILINE)
        for pattern, text in zip((r'^version = "(.+)"$', r"^version: (.+)$", r"^## (\d\S*)$"), texts, strict=True)
    ]
    assert [one and one[1] for one in found] == [__version__] * 3


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
    params = preset_content()
    assert tuple(pipeline["stages"]) == STAGES
    assert set(params) == set(STAGES) - {"inputs", "report"} | {"profile", "effects", "target"}
    for name, stage in pipeline["stages"].items():
        assert stage["cmd"] == f"PYTHONPATH=src xrdsym stage {name}"
        assert (project_root / "src" / "xrdsym" / "stages" / f"{name}.py").is_file()
        for dependency in stage["deps"]:
            if dependency.startswith("src/"):
                assert (project_root / dependency).exists(), dependency


def commands_of(document: Path) -> list[list[str]]:
    """The words of each command in the document's blocks of `sh`."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(part) for line in lines for part in shlex.join(shlex.split(line, comments=True)).split("'&&'")]


def test_the_documents_commands_are_those_that_there_are(project_root: Path) -> None:
    documents = [project_root / "README.md", project_root / "MODEL_CARD.md", *(project_root / "docs").glob("*.md")]
    commands = [words for document in documents for words in commands_of(document)]
    ours = [words[1:] for words in commands if words[:1] == ["xrdsym"]]
    assert len(ours) > 40
    for words in ours:
        assert parser_of(words).parse_args(words).run, words


def test_the_parameters_that_the_documents_set_are_those_of_params_yaml(project_root: Path) -> None:
    params = preset_content()
    every = {f"{section}.{name}" for section, values in params.items() for name in values}
    documents = [project_root / "README.md", *(project_root / "docs").glob("*.md")]
    told = {
        ".".join(name.split(".")[:2])
        for document in documents
        for name in re.findall(r"(?:-S|--set) '?([a-z_]+\.[a-z_.]+)=", document.read_text(encoding="utf-8"))
    }
    assert len(told) > 10
    assert told <= every


def test_documents_are_finished_and_their_links_lead_somewhere(project_root: Path) -> None:
    documents = [project_root / "README.md", project_root / "CHANGELOG.md", *(project_root / "docs").glob("*.md")]
    for document in documents:
        text = document.read_text(encoding="utf-8")
        assert "@@" not in text, document.name
        for link in re.findall(r"\]\(([^)#]+)\)", text):
            assert link.startswith("http") or (document.parent / link).is_file(), f"{document.name}: {link}"
