"""Facts of a study that do not depend on trials, from its storage or, before its first run, from its file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from research.why54.findings import Role, StudyFacts
from xrdsym.common.formatting import setting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xrdsym.studies.definition import Study
    from xrdsym.studies.record import StudyRecord
    from xrdsym.studies.results import TrialResult

SHARED = ("profile", "images", "train")
"""The sections whose values a call may give all trials; those of the data are the project's."""
ROLES: dict[str, Role] = {"readings": "readings", "confirmation": "confirmation", "full": "full"}
"""The studies, by name, that do not each probe one guess."""


def answered(
    studies: Sequence[Study], records: Mapping[str, StudyRecord], command: str
) -> list[tuple[StudyFacts, Sequence[TrialResult]]]:
    """The studies of a project with their finished trials, those that were evaluated on the test part twice.

    Args:
        studies: Their files.
        records: What the storage holds, by name.
        command: What runs one, with `{name}` in the place of its name.
    """
    found: list[tuple[StudyFacts, Sequence[TrialResult]]] = []
    for study in studies:
        record = records.get(study.name)
        content = record.baseline if record is not None else study.content
        facts = StudyFacts(
            name=study.name,
            guess=study.guess,
            design=study.design,
            protocol=f"validation part, {_protocol(content)}",
            command=command.format(name=study.name) + _set(study.content, content),
            role=ROLES.get(study.name, "guess"),
            baseline=content,
        )
        found.append((facts, record.results if record is not None else []))
        if record is not None and record.test_results:
            test = replace(facts, part="test", protocol=f"test part, {_protocol(content)}")
            found.append((test, record.test_results))
    return found


def _set(file: Mapping[str, Mapping[str, Any]], run: Mapping[str, Mapping[str, Any]]) -> str:
    """What the trials shared that the study's file does not say, as the call was given it: ` --set train.epochs=2`."""
    given = ""
    for section in SHARED:
        for name, value in run.get(section, {}).items():
            if name in file.get(section, {}) and file[section][name] != value and not isinstance(value, (list, dict)):
                given += f" --set {setting(f'{section}.{name}', value)}"
    return given


def _protocol(content: Mapping[str, Mapping[str, Any]]) -> str:
    """What a score has to be read with, and what the trials share."""
    structures, train = content["structures"], content["train"]
    split, labels, images = content["split"], content["labels"], content["images"]
    source = " and ".join(structures["sources"])
    if structures["sources"] == ["files"]:
        source = " of ".join(
            str(structures["files"][name]).rsplit("/", 1)[-1] for name in ("ids", "path") if structures["files"][name]
        )
    return (
        f"structures: {source}; split: {split['by']}; 7 classes; symprec {labels['symprec']:g} Å; baseline: alpha "
        f"{train['alpha']:g}, side {images['side']}, {train['epochs']} epochs, batches of {train['batch_size']}, "
        f"weights: {train['weights']}, BatchNorm: {train['batchnorm']} at {train['batchnorm_momentum']:g}"
    )
