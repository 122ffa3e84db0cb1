"""The code that each stage depends on: the closure of its imports, as `dvc.yaml` lists and the digest of code hashes.

`python tests/stage_code.py` (`make stage-code`) writes it into `dvc.yaml`; a test holds it there.
"""

from __future__ import annotations

import re
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "xrdsym"
WITHOUT_EFFECT = {
    "xrdsym.common.errors": "messages",
    "xrdsym.common.progress": "bars on a terminal",
    "xrdsym.common.quiet": "silences native notes",
    "xrdsym.common.suggestions": "messages",
    "xrdsym.tracking": "records results and changes none",
}
"""Modules and packages that no output depends on, and why."""
NOT_REACHED = {
    "images": ("xrdsym.encoding.features",),
    "evaluate": ("xrdsym.training", "xrdsym.models.networks.cache"),
}
"""What a stage imports through another module and never calls: images are made of profiles, and a stored network needs
neither the code that built it nor the code that trained it."""
CHOSEN_BY_NAME = {
    "xrdsym.models.networks.build": "xrdsym.models.networks",
    "xrdsym.models.registry": "xrdsym.models.baselines",
    "xrdsym.sources.combine": "xrdsym.sources",
}
"""A module that imports modules of a package by name."""
RESOURCES = {
    "xrdsym.crystal.targets.definitions": ("space_groups.json",),
    "xrdsym.diffraction.scattering": ("scattering.json",),
    "xrdsym.reporting.pages": ("templates",),
}
"""What a module reads beside itself."""


def import_graph() -> grimp.ImportGraph:
    """The imports of the package, those for type checking left out."""
    return grimp.build_graph(PACKAGE, exclude_type_checking_imports=True)


def modules_of(stage: str, graph: grimp.ImportGraph) -> set[str]:
    """The modules that the stage's outputs depend on."""
    left_out = (*WITHOUT_EFFECT, *NOT_REACHED.get(stage, ()))
    reached: set[str] = set()
    waiting = [f"{PACKAGE}.stages.{stage}"]
    while waiting:
        module = waiting.pop()
        if module in reached or any(module == one or module.startswith(f"{one}.") for one in left_out):
            continue
        reached.add(module)
        waiting += graph.find_modules_directly_imported_by(module)
        if module in CHOSEN_BY_NAME:
            waiting += graph.find_descendants(CHOSEN_BY_NAME[module])
    return reached


def code_of(stage: str, graph: grimp.ImportGraph) -> list[str]:
    """The stage's code as paths below the root, whole packages as folders, sorted."""
    modules = modules_of(stage, graph)
    files = {_file(module) for module in modules}
    for module in modules:
        files |= {_file(module).with_name(name) for name in RESOURCES.get(module, ())}
    folders = {
        folder
        for folder in (ROOT / "src" / PACKAGE).rglob("*")
        if folder.is_dir()
        and len(inside := [path for path in folder.rglob("*.py") if path.name != "__init__.py"]) > 1
        and set(inside) <= files
    }
    kept = {file for file in files | folders if not folders & set(file.parents)}
    return sorted(path.relative_to(ROOT).as_posix() for path in kept)


def _file(module: str) -> Path:
    path = ROOT / "src" / Path(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def with_code(pipeline: str, graph: grimp.ImportGraph) -> str:
    """The text of `dvc.yaml` with the code of each stage in the place of what it lists."""
    lines: list[str] = []
    stage = ""
    for line in pipeline.splitlines():
        if found := re.match(r"  (\w+):$", line):
            stage = found[1]
        if line.startswith("      - src/"):
            continue
        lines.append(line)
        if line == "    deps:":
            lines += [f"      - {path}" for path in code_of(stage, graph)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    file = ROOT / "dvc.yaml"
    file.write_text(with_code(file.read_text(encoding="utf-8"), import_graph()), encoding="utf-8")
