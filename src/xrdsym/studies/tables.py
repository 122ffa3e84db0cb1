"""The tables that a trial reads: those of `data/`, or new ones if the trial changes labels or split.

A study keeps fixed what it does not vary: with other labels every material stays in its part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from filelock import FileLock

from xrdsym.common.errors import XrdsymError
from xrdsym.config.paths import STUDY_TREES, Paths, project_root
from xrdsym.training.checkpoints import digest

if TYPE_CHECKING:
    from xrdsym.config.schema import Params

DONE = "done"


def trial_paths(paths: Paths, base: Params, params: Params, digests: dict[str, str]) -> Paths:
    """Provide a tree with the tables of a trial.

    Args:
        paths: The working tree.
        base: The parameters of the tables in the working tree.
        params: The parameters of the trial.
        digests: SHA-256 of each table in the working tree.

    Returns:
        The working tree itself, or a tree in `data/.studies/` with the new tables and links to the others.

    Raises:
        XrdsymError: A table is missing.
    """
    if (params.labels, params.split) == (base.labels, base.split):
        return paths
    own = {"labels": params.labels != base.labels, "split": params.split != base.split}
    content = {"labels": params.labels, "split": params.split, "data": digests, "own": own}
    root = project_root(paths).joinpath(*STUDY_TREES, digest(content))
    tree = Paths(root)
    tree.labels.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(root / "lock"):
        if not (root / DONE).is_file():
            _make(paths, tree, params, own)
            (root / DONE).touch()
    return tree


def _make(paths: Paths, tree: Paths, params: Params, own: dict[str, bool]) -> None:
    from xrdsym.stages import labels, split

    links = {tree.structures: paths.structures, tree.peaks: paths.peaks}
    if not own["labels"]:
        links[tree.labels] = paths.labels
    if not own["split"]:
        links[tree.split] = paths.split
    for link, target in links.items():
        if not target.is_file():
            msg = f"no table at {target}. Run `dvc repro split` to make it, or `dvc pull` to fetch it."
            raise XrdsymError(msg)
        link.unlink(missing_ok=True)
        link.symlink_to(target.resolve())
    if own["labels"]:
        labels.run(tree, params)
    if own["split"]:
        split.run(tree, params)
