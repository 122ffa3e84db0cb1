"""The data behind the scores of a study, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM

if TYPE_CHECKING:
    from collections.abc import Mapping


def data_line(content: Mapping[str, Mapping[str, Any]], structures: int | None, trained: int, n: int) -> str:
    """The line, such as `3,000 structures from prototypes, split by prototype: 2,410 to train on, n = 303 …`.

    Args:
        content: The baseline: section to key to value.
        structures: How many there are in all parts; None where the storage does not say.
        trained: Of these, what the baseline is trained on.
        n: Size of the validation part.
    """
    count = "structures" if structures is None else f"{structures:,} structures"
    by, limit = content["split"]["by"], content["train"]["limit"]
    split = "split at random" if by == "random" else f"split by {by.replace('_', ' ')}"
    asked = f" (the study asks for {limit:,})" if limit is not None and limit > trained else ""
    target = content.get("target", {}).get("name", CRYSTAL_SYSTEM)
    classes = f"{len(CRYSTAL_SYSTEMS)} classes" if target == CRYSTAL_SYSTEM else f"classes: {target.replace('_', ' ')}"
    return (
        f"{count} from {source_text(content['structures'])}, {split}: {trained:,} to train on{asked}, "
        f"n = {n:,} validation, {classes}"
    )


def source_text(structures: Mapping[str, Any]) -> str:
    """Where structures come from: the names of the sources, of files those of the file and of the list of ids."""
    names = []
    for source in structures["sources"]:
        given = structures.get("files") or {}
        files = [str(given[key]).rsplit("/", 1)[-1] for key in ("ids", "path") if given.get(key)]
        names.append(" of ".join(files) if source == "files" and files else source.replace("_", " "))
    return " and ".join(names)
