"""Names in backquotes, in docstrings and comments, are names of today's code."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from xrdsym.config.schema import Params

if TYPE_CHECKING:
    from collections.abc import Iterator

SECTIONS = {section.name for section in fields(Params)}
FOREIGN = {
    # Python
    "None",
    # pymatgen
    "SpacegroupAnalyzer",
    # scikit-learn, Matplotlib and Agg
    "ConfusionMatrixDisplay",
    "Colormap",
    "Normalize",
    "accurate_interpolator_affine_nn",
    # metrics in MLflow, whose names are put together
    "validation_accuracy",
    "validation_accuracy_low",
    "validation_recall_cubic",
    # a study
    "class_weighting",
    # a radiation and compounds
    "MoKa1",
    "BaTiO3",
    "Cs3Bi2Br9",
}
FILES = (".csv", ".json", ".md", ".parquet", ".png", ".py", ".svg", ".yaml")
NAME = re.compile(r"[a-z]\w*_\w+|[A-Z]\w*[a-z]\w*|[A-Z]+_[A-Z_]+")
IN_MODULE = re.compile(r"([a-z]\w*)\.([A-Za-z_]\w*)")


def notes(text: str) -> Iterator[tuple[int, str]]:
    """The docstrings (of constants, too) and comments of a module, with their lines."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def names(tree: ast.AST) -> Iterator[str]:
    """Everything that code calls by a name, the keys and values that are one word among them."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Attribute(attr=name) | ast.Name(id=name):
                yield name
            case ast.arg(arg=name) | ast.keyword(arg=str(name)) | ast.Constant(value=str(name)):
                yield name
            case ast.alias(name=name):
                yield from name.split(".")


def gone(modules: dict[str, str]) -> list[str]:
    """The names in backquotes that no code has; `modules` are texts by path."""
    trees = {path: ast.parse(text) for path, text in modules.items()}
    known = {name for tree in trees.values() for name in names(tree)} | FOREIGN
    known |= {part for path in modules for part in Path(path).with_suffix("").parts}
    of_module: dict[str, set[str]] = {}
    for path, tree in trees.items():
        of_module.setdefault(Path(path).stem, set()).update(names(tree))
        for package, inner in pairwise(Path(path).with_suffix("").parts):
            of_module.setdefault(package, set()).add(inner)
    found = []
    for path, text in modules.items():
        for line, note in notes(text):
            for quoted in re.findall(r"`([^`\n]+)`", note):
                name = quoted.removesuffix("()")
                if name.endswith(FILES):
                    continue
                if NAME.fullmatch(name):
                    wrong = name not in known
                else:
                    inner = IN_MODULE.fullmatch(name)
                    wrong = inner is not None and inner[2] not in of_module.get(inner[1], {inner[2]})
                    # `profile.sigma` is a parameter, and `profile` a module, too
                    wrong = wrong and not (inner[1] in SECTIONS and inner[2] in known)
                if wrong:
                    found.append(f"{path}:{line}: `{quoted}`")
    return found


def test_a_name_that_is_gone_is_found() -> None:
    modules = {
        "src/one.py": '"""As in `two.kept`, `two.lost`, `moved_away`, `Gone` and `here()`."""\n\ndef here(): ...\n',
        "src/two.py": "kept = 1  # `here_no_more` was this\n",
    }
    assert gone(modules) == [
        "src/one.py:1: `two.lost`",
        "src/one.py:1: `moved_away`",
        "src/one.py:1: `Gone`",
        "src/two.py:1: `here_no_more`",
    ]


def test_every_name_in_backquotes_is_one_of_the_code(project_root: Path) -> None:
    files = [
        file for folder in ("src", "research", "benchmarks") for file in sorted((project_root / folder).rglob("*.py"))
    ]
    assert len(files) > 100
    assert gone({str(file.relative_to(project_root)): file.read_text(encoding="utf-8") for file in files}) == []
