"""From the finished trials of a storage to `why-54.md`, its figures and the page for the report."""

from __future__ import annotations

import json
import logging
import os
from typing import TYPE_CHECKING

from research.why54.facts import answered
from research.why54.write import write_answer
from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM
from xrdsym.studies.definition import COMPARISON, load_study, study_names
from xrdsym.studies.storage import open_storage, read_record, stored_studies

if TYPE_CHECKING:
    from pathlib import Path

    from xrdsym.config.paths import Paths

JOURNAL = "studies/studies.journal"
NEAR_DUPLICATES = "studies/near_duplicates.json"
_logger = logging.getLogger(__name__)


def write(paths: Paths, storage: str, folder: Path) -> list[Path]:
    """Write the answer.

    Args:
        paths: The working tree.
        storage: A journal file, or the URL of a database.
        folder: Where `why-54.md` and its figures go.

    Returns:
        The files.

    Raises:
        XrdsymError: The storage has no finished trial of any study of the working tree.
    """
    opened = open_storage(storage)
    stored = stored_studies(opened)
    every = []
    for name in study_names(paths.root):
        try:
            every.append(load_study(paths.root, name))
        # a study whose winner went into params.yaml may have nothing left that differs from it
        except UsageError as error:
            _logger.warning("left out of the answer: %s", " ".join(str(error).split()))
    # the paper's question is the crystal system; a comparison has a page of its own
    asked = [study for study in every if study.design != COMPARISON]
    studies = [study for study in asked if study.content["target"]["name"] == CRYSTAL_SYSTEM]
    records = {study.name: read_record(opened, study.name) for study in studies if study.name in stored}
    if not any(record.results for record in records.values()):
        msg = f"{storage} has no finished trial of any study in studies/: `xrdsym study run NAME` runs one."
        raise XrdsymError(msg)
    near_duplicates = paths.root / NEAR_DUPLICATES
    found = json.loads(near_duplicates.read_text(encoding="utf-8")) if near_duplicates.is_file() else None
    option = os.path.relpath(storage, paths.root) if "://" not in storage else "URL"
    command = "xrdsym study run {name}" + ("" if option == JOURNAL else f" --storage {option}")
    return write_answer(answered(studies, records, command), found, folder, paths.reports / "why-54.html")
