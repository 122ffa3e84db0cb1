"""`xrdsym predict FILE…`: the crystal system, or another target, of structure files and measured patterns."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xrdsym.commands.model_arguments import add_model_arguments, told_radiation

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence

    from xrdsym.diffraction.scans import Scan
    from xrdsym.prediction import Model
    from xrdsym.structures import CrystalStructure

SCAN_SUFFIXES = (".xy", ".xye", ".dat", ".csv", ".txt", ".asc")
AT_ONCE = 256
"""Files that are in memory at a time."""
MOST_PROBABLE = 10
"""Classes of another target that an answer names."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the files and what they are read with."""
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="a structure (CIF, POSCAR, pymatgen JSON), a measured pattern (text of two columns: 2θ in degrees, "
        "intensity), or a folder of these",
    )
    add_model_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Answer for every file; the exit status is 1 where one could not be read."""
    told = told_radiation(args)

    from xrdsym.prediction import load_model

    model = load_model(args.model)
    failed = False
    if not args.json:
        print(f"model {model.name}")
    files = _files(args.files)
    while batch := list(islice(files, AT_ONCE)):
        answers = predict_files(model, batch, told)
        for answer in answers:
            failed |= "error" in answer
            if args.json:
                print(json.dumps(answer), flush=True)
        if not args.json:
            _print_table(answers)
    return 1 if failed else 0


def predict_files(
    model: Model, paths: Sequence[Path], told: tuple[str | float, float] | None = None
) -> list[dict[str, Any]]:
    """What the model says of each file.

    Args:
        model: The model.
        paths: Structure files and measured patterns.
        told: The name of the radiation of the measured patterns and its wavelength in Å, where the caller knows
            it; it goes before what a file says.

    Returns:
        For each file a mapping with `file`, `crystal_system`, `probabilities`, `abstained`, `radiation` (of a
        structure the one simulated, of a measured pattern the one it was measured with: a name or Å) and `model`;
        or with `file` and `error`. A model of another target adds `target`, `class` and `class_probabilities` (the
        ten most probable); `crystal_system` and `probabilities` are null where its classes do not settle them.
    """
    from xrdsym.classes import CRYSTAL_SYSTEM
    from xrdsym.errors import MaterialError

    patterns: list[CrystalStructure | Scan] = []
    answers: list[dict[str, Any]] = []
    readable: list[dict[str, Any]] = []
    for path in paths:
        answer: dict[str, Any] = {"file": str(path)}
        answers.append(answer)
        try:
            pattern, answer["radiation"] = _read(path, model, told)
        except MaterialError as error:
            answer["error"] = _one_line(error)
            continue
        patterns.append(pattern)
        readable.append(answer)
    vectors = model.vectors(patterns)
    usable = [one for one in vectors if not isinstance(one, MaterialError)]
    predictions = iter(model.predictions(model.probabilities(usable)))
    for answer, vector in zip(readable, vectors, strict=True):
        if isinstance(vector, MaterialError):
            del answer["radiation"]
            answer["error"] = _one_line(vector)
            continue
        prediction = next(predictions)
        answer |= {
            "crystal_system": prediction.crystal_system,
            "probabilities": prediction.probabilities,
            "abstained": False,
            "model": model.name,
        }
        if prediction.target != CRYSTAL_SYSTEM:
            ranked = sorted(prediction.class_probabilities.items(), key=lambda item: -item[1])
            answer |= {
                "target": prediction.target,
                "class": prediction.label,
                "class_probabilities": dict(ranked[:MOST_PROBABLE]),
            }
    return answers


def _read(
    path: Path, model: Model, told: tuple[str | float, float] | None
) -> tuple[CrystalStructure | Scan, str | float]:
    """The pattern of a file and the radiation to name in the answer."""
    from xrdsym.diffraction.scans import read_scan
    from xrdsym.errors import MaterialError
    from xrdsym.prediction import NO_WAVELENGTH
    from xrdsym.sources.files import read_structure_file

    if path.is_dir():
        expected = f"structures (.cif, POSCAR, .vasp, .json) or measured patterns ({', '.join(SCAN_SUFFIXES)})"
        msg = f"{path}: no file in this folder is read; expected {expected}"
        raise MaterialError("empty", msg)
    if _is_structure(path):
        return read_structure_file(path), model.recipe.peaks.radiation
    scan = read_scan(path)
    if told is not None:
        return replace(scan, wavelength=told[1]), told[0]
    if scan.wavelength is None:
        msg = f"{path}: {NO_WAVELENGTH}"
        raise MaterialError("no_wavelength", msg)
    return scan, scan.wavelength


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and those of the folders named; a folder without any stands for itself."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = [
            file
            for file in sorted(path.rglob("*"))
            if (_is_structure(file) or _is_scan(file))
            and file.is_file()
            and not any(part.startswith(".") for part in file.relative_to(path).parts)
        ]
        yield from found or [path]


def _is_structure(path: Path) -> bool:
    from xrdsym.sources.files import CIF_SUFFIXES, JSON_SUFFIXES, POSCAR_NAMES, POSCAR_SUFFIXES

    name = path.name.lower()
    plain = name.removesuffix(".gz")
    return (
        name.endswith(CIF_SUFFIXES + JSON_SUFFIXES) or plain.endswith(POSCAR_SUFFIXES) or plain.startswith(POSCAR_NAMES)
    )


def _is_scan(path: Path) -> bool:
    return path.name.lower().endswith(SCAN_SUFFIXES)


def _print_table(answers: Sequence[dict[str, Any]]) -> None:
    """One line a file: its name, the answer, and the runners-up; errors go to standard error."""
    width = max(len(answer["file"]) for answer in answers)
    for answer in answers:
        if "error" in answer:
            sys.stdout.flush()
            named = answer["error"] if answer["file"] in answer["error"] else f"{answer['file']}: {answer['error']}"
            print(f"xrdsym: {named}", file=sys.stderr)
            continue
        shares = answer.get("class_probabilities", answer["probabilities"])
        ranked = sorted(shares.items(), key=lambda item: -item[1])
        others = ", ".join(f"{name} {share:.2f}" for name, share in ranked[1:3])
        print(f"{answer['file']:{width}}  {ranked[0][0]:12} {ranked[0][1]:.2f}  then {others}")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
