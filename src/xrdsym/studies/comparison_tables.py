"""Structures from outside the project → the tables that trials read, made once."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from xrdsym.common.errors import UsageError
from xrdsym.common.files import write_text
from xrdsym.config.params_file import content_with, load_params, params_from
from xrdsym.config.paths import COMPARISON_TREES, Paths, project_root
from xrdsym.config.schema import content_of
from xrdsym.training.checkpoints import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

DONE = "done"


def prepared_tree(paths: Paths, source: str, split_by: str) -> Paths:
    """The working tree with the tables of other structures; the stages make it where it is missing.

    Args:
        paths: The working tree; its `params.yaml` has the parameters of the stages.
        source: As `structures.files.path`: a folder, a glob, a file or a table.
        split_by: `split.by`, in place of that of `params.yaml`: a small table may have too few groups for it.

    Returns:
        A tree below `data/.comparisons/` with its own `params.yaml`, one for each set of files and parameters.

    Raises:
        UsageError: There is no such file.
        XrdsymError: A stage fails.
    """
    stamp = _stamp(source)
    if not stamp:
        msg = f"no structures at {source}: expected a structure table, a folder of structure files or a glob of them"
        raise UsageError(msg)
    files = {"path": str(Path(source).resolve()), "ids": None}
    changes = {"structures.sources": ["files"], "structures.files": files, "split.by": split_by}
    content = content_with(content_of(load_params(paths.params)), changes)
    params = params_from(content)
    sections = {name: content[name] for name in ("structures", "labels", "peaks", "split")}
    tree = Paths(project_root(paths).joinpath(*COMPARISON_TREES, digest(sections | {"files": stamp})))
    tree.labels.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(tree.root / "lock"):
        if not (tree.root / DONE).is_file():
            from xrdsym.stages import labels, peaks, split, structures

            write_text(tree.params, _yaml(content))
            for stage in (structures, labels, peaks, split):
                stage.run(tree, params)
            (tree.root / DONE).touch()
    return tree


def _stamp(source: str) -> list[list[Any]]:
    """Name, size and time of change of every file of a source."""
    path = Path(source)
    candidates = path.rglob("*") if path.is_dir() else map(Path, glob.glob(source, recursive=True))  # noqa: PTH207 - as `structures.files.path`
    files = sorted(file.resolve() for file in candidates if file.is_file())
    return [[str(file), file.stat().st_size, file.stat().st_mtime_ns] for file in files]


def _yaml(content: Mapping[str, Any]) -> str:
    import io

    from ruamel.yaml import YAML

    stream = io.StringIO()
    YAML(typ="safe").dump(content, stream)
    return stream.getvalue()
