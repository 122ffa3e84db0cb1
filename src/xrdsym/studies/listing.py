"""The studies of a project and of a storage, and how far each has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.studies.definition import load_study, study_names
from xrdsym.studies.storage import open_storage, read_record, stored_studies

if TYPE_CHECKING:
    from pathlib import Path


def study_rows(root: Path, storage: str | None) -> list[tuple[str, str, str, str]]:
    """Name, size, state and question of each study, those of the project first.

    Args:
        root: The project's folder.
        storage: A journal file or the URL of a database; None where there is none yet.

    Raises:
        XrdsymError: The storage cannot be opened.
    """
    states = {} if storage is None else _states(storage)
    names = study_names(root)
    rows = []
    for name in [*names, *(name for name in states if name not in names)]:
        guess, size = "(no file in studies/)", ""
        if name in names:
            try:
                study = load_study(root, name)
                guess, size = study.guess, f"{study.trials} trials"
            except UsageError as error:
                guess = " ".join(str(error).split())
        rows.append((name, size, states.get(name, "not run"), guess))
    return rows


def _states(storage: str) -> dict[str, str]:
    """How far each study of a storage has come."""
    opened = open_storage(storage)
    states = {}
    for name in stored_studies(opened):
        try:
            counts = read_record(opened, name).counts
        except XrdsymError:
            states[name] = "of another program"
        else:
            states[name] = ", ".join(f"{count} {state}" for state, count in counts.items()) or "no trial yet"
    return states
