"""docs/extending.md, done: its modules and rows go into a copy of the project, and the pipeline runs with them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from repository import Repository, make_repository

BLOCK = re.compile(
    r"^```(?:python|yaml)\n# (\S+?)(?:, in (\w+)|, (imports))?\n(.*?)^```", flags=re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A module, a row of a table, or an import, as the page shows it."""

    path: str
    table: str
    text: str


def blocks(project_root: Path) -> list[Block]:
    page = (project_root / "docs" / "extending.md").read_text(encoding="utf-8")
    return [Block(path, table or imports, text) for path, table, imports, text in BLOCK.findall(page)]


def apply(block: Block, root: Path) -> None:
    path = root / block.path
    if not block.table:
        assert not path.exists(), f"{block.path} is not new"
        path.write_text(block.text, encoding="utf-8")
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    if block.table == "imports":
        place = next(index for index, line in enumerate(lines) if line.startswith("from xrdsym."))
    else:
        start = next(index for index, line in enumerate(lines) if line.startswith(f"{block.table} = "))
        # a table opens on its own line, or its mapping on the next one
        place = start + (2 if lines[start].rstrip().endswith("MappingProxyType(") else 1)
    path.write_text("".join([*lines[:place], block.text, *lines[place:]]), encoding="utf-8")


@pytest.fixture(scope="module")
def extended(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    """A project with all that the page adds, and structures of the new source."""
    repository = make_repository(project_root, tmp_path_factory.mktemp("project"))
    for block in blocks(project_root):
        apply(block, repository.root)
    shutil.copytree(project_root / "tests", repository.root / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    repository.set(structures__sources=["rock_salts"], split__by="random", profile__step=0.1, train__epochs=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(repository.root / "src"))
        for stage in ("structures", "labels", "peaks", "split"):
            repository.run("xrdsym", "stage", stage)
        yield repository


def metrics(repository: Repository) -> dict[str, object]:
    read: dict[str, object] = json.loads((repository.root / "reports" / "scores.json").read_text(encoding="utf-8"))
    return read


def test_the_page_shows_one_module_and_one_row_of_each(project_root: Path) -> None:
    shown = blocks(project_root)
    modules = [block.path for block in shown if not block.table]
    rows = [block.table for block in shown if block.table not in {"", "imports"}]
    assert len(modules) == 6
    assert rows == ["MODEL_SPECS", "MODEL_SPECS", "TARGETS", "_ROWS", "SOURCES"]


@pytest.mark.slow
def test_the_new_source_gives_the_structures(extended: Repository) -> None:
    counts = json.loads((extended.root / "data" / "structures.json").read_text(encoding="utf-8"))
    assert counts["sources"] == {"rock_salts": 200}


@pytest.mark.slow
def test_the_new_network_learns_with_the_new_effect(extended: Repository) -> None:
    extended.set(train__model="two_layers", effects__spurious_peak=[0.01, 0.1])
    for stage in ("train", "evaluate"):
        extended.run("xrdsym", "stage", stage)
    assert metrics(extended)["n"] == 20
    recipe = json.loads((extended.root / "models" / "two_layers" / "recipe.json").read_text(encoding="utf-8"))
    assert recipe["effects"]["spurious_peak"] == [0.01, 0.1]
    crystal = extended.root / "salt.vasp"
    crystal.write_text(
        "NaCl\n1.0\n5 0 0\n0 5 0\n0 0 5\nNa Cl\n4 4\nDirect\n"
        "0 0 0\n0 0.5 0.5\n0.5 0 0.5\n0.5 0.5 0\n0.5 0 0\n0.5 0.5 0.5\n0 0 0.5\n0 0.5 0\n"
    )
    answer = json.loads(
        extended.run("xrdsym", "predict", str(crystal), "--model", "two_layers", "--json").splitlines()[-1]
    )
    assert answer["crystal_system"] in {"cubic", "tetragonal"}
    extended.set(effects__spurious_peak=None)


@pytest.mark.slow
def test_the_new_baseline_predicts_the_new_target(extended: Repository) -> None:
    extended.set(train__model="naive_bayes", target__name="centrosymmetry")
    for stage in ("train", "evaluate"):
        extended.run("xrdsym", "stage", stage)
    scores = metrics(extended)
    assert scores["classes"] == ["centrosymmetric", "acentric"]
    assert scores["accuracy"] == pytest.approx(1.0)
    extended.set(target__name="crystal_system")
    code = (
        "from xrdsym.crystal.targets.definitions import target_of\n"
        "print([target_of('centrosymmetry', number) for number in (1, 2, 225)])"
    )
    assert "['acentric', 'centrosymmetric', 'centrosymmetric']" in extended.run("python", "-c", code)


@pytest.mark.slow
def test_the_new_study_runs(extended: Repository) -> None:
    extended.set(train__model="two_layers", train__epochs=1)
    extended.run("xrdsym", "study", "run", "dropout")
    shown = extended.run("xrdsym", "study", "show", "dropout")
    assert "\ndropout=0 " in shown
    assert "\ndropout=0.2 " in shown


@pytest.mark.slow
def test_the_two_commands_bring_the_files_up_to_date(extended: Repository) -> None:
    extended.run("python", "tests/stage_code.py")
    extended.run("xrdsym", "preset", "schema")
    assert "src/xrdsym/models/networks" in (extended.root / "dvc.yaml").read_text(encoding="utf-8")
    schema = (extended.root / "presets" / "params.schema.json").read_text(encoding="utf-8")
    assert all(
        name in schema for name in ("two_layers", "naive_bayes", "centrosymmetry", "spurious_peak", "rock_salts")
    )
