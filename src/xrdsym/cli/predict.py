"""`xrdsym predict FILE…`: the crystal system, or another target, of structure files and measured patterns."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xrdsym.cli.model_arguments import add_model_arguments, given_radiation

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from xrdsym.config.model_specs import PatternType
    from xrdsym.crystal.structure_table import CrystalStructure
    from xrdsym.measured.scan import Scan
    from xrdsym.models.predictor import Model

    _Readable = tuple[dict[str, Any], CrystalStructure | Scan, str | float | None]
    """The answer that is to be given, the pattern, and what it was measured with."""

_logger = logging.getLogger(__name__)
SCAN_SUFFIXES = (".xy", ".xye", ".dat", ".csv", ".txt", ".asc")
AT_ONCE = 256
"""Files that are in memory at a time."""
FEWEST_PEAKS = 3
"""With fewer, noise or a bump is the likelier explanation, and they settle no lattice."""
SAME_RADIATION = 0.005
"""Wavelengths that differ by less, relatively, are those of one radiation: Cu Kα, Kα1, Kα2."""
MOST_PROBABLE = 10
"""Classes of another target in the output."""


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
    from xrdsym.common.compilation import compilation_named
    from xrdsym.common.progress import working

    given = given_radiation(args)
    with working("reading the model"):
        models = _models(args.model)
    failed, headed = False, ""
    files = _files(args.files)
    while batch := list(islice(files, AT_ONCE)):
        with working("predicting") as line, compilation_named(line):
            answers = predict_files(models, batch, given)
        for answer in answers:
            failed |= "error" in answer
            if args.json:
                print(json.dumps(answer), flush=True)
        if not args.json:
            headed = _print_tables(answers, headed)
    return 1 if failed else 0


def _models(named: str | None) -> Callable[[PatternType], Model]:
    """The model for each type of pattern: the one named, read at once, else the defaults, read when needed."""
    from xrdsym.models.predictor import load_model
    from xrdsym.models.released import default_model

    if named is not None:
        model = load_model(named)
        return lambda _: model
    read: dict[str, Model] = {}

    def model_of(pattern_type: PatternType) -> Model:
        name = default_model(pattern_type)
        if name not in read:
            read[name] = load_model(pattern_type=pattern_type)
        return read[name]

    return model_of


def predict_files(
    model_of: Callable[[PatternType], Model], paths: Sequence[Path], given: tuple[str | float, float] | None = None
) -> list[dict[str, Any]]:
    """Predict each file.

    Args:
        model_of: The model for a type of pattern; called only for types that occur.
        paths: Structure files and measured patterns.
        given: What measured patterns were measured with: its name and its wavelength in Å; it overrides the file's
            header.

    Returns:
        For each file a mapping with `file`, `crystal_system`, `probabilities`, `abstained`, `radiation` (of a
        structure the one simulated, of a measured pattern the one it was measured with: a name or Å), `model` and
        `warnings` (what the reader of a structure supposed, a list of sentences); or with `file` and `error`. A model
        of another target adds `target`, `class` and `class_probabilities` (the ten most probable); `crystal_system`
        and `probabilities` are null where its classes do not settle them. A measured pattern that does not cover the
        model's range has `missing_angles`, the ranges that are missing, and one with fewer than `FEWEST_PEAKS` peaks
        has `lines`, their number.
    """
    from xrdsym.common.errors import MaterialError
    from xrdsym.measured.scan import Scan

    answers: list[dict[str, Any]] = [{"file": str(path)} for path in paths]
    readable: dict[PatternType, list[_Readable]] = {"ideal": [], "measured": []}
    for path, answer in zip(paths, answers, strict=True):
        try:
            pattern, radiation = _read(path, given)
        except MaterialError as error:
            answer["error"] = _one_line(error)
            continue
        readable["measured" if isinstance(pattern, Scan) else "ideal"].append((answer, pattern, radiation))
    for pattern_type, files in readable.items():
        if files:
            _predict(model_of(pattern_type), files)
    return answers


def _predict(model: Model, files: list[_Readable]) -> None:
    """Add the prediction for its pattern to the answer of each file."""
    from xrdsym.common.errors import MaterialError
    from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM
    from xrdsym.measured.scan import Scan

    vectors = model.encode([pattern for _, pattern, _ in files])
    usable = [one for one in vectors if not isinstance(one, MaterialError)]
    predictions = iter(model.predictions(model.predict_vectors(usable)))
    for (answer, pattern, radiation), vector in zip(files, vectors, strict=True):
        if isinstance(vector, MaterialError):
            answer["error"] = _one_line(vector)
            continue
        prediction = next(predictions)
        answer |= {
            "radiation": model.recipe.peaks.radiation if radiation is None else radiation,
            "crystal_system": prediction.crystal_system,
            "probabilities": prediction.probabilities,
            "abstained": False,
            "model": model.name,
            "warnings": [] if isinstance(pattern, Scan) else list(pattern.warnings),
        }
        if isinstance(pattern, Scan):
            _add_warnings(model, answer, pattern, vector)
        if prediction.target != CRYSTAL_SYSTEM:
            ranked = sorted(prediction.class_probabilities.items(), key=lambda item: -item[1])
            answer |= {
                "target": prediction.target,
                "class": prediction.label,
                "class_probabilities": dict(ranked[:MOST_PROBABLE]),
            }


def _add_warnings(model: Model, answer: dict[str, Any], scan: Scan, vector: NDArray[np.float32]) -> None:
    """Add reasons to distrust the prediction for a measured pattern."""
    if missing := model.encoder.missing_angles(scan):
        answer["missing_angles"] = missing
    peaks = model.peak_count(vector)
    if peaks is not None and peaks < FEWEST_PEAKS:
        answer["lines"] = peaks


def _read(path: Path, given: tuple[str | float, float] | None) -> tuple[CrystalStructure | Scan, str | float | None]:
    """The pattern of a file and what it was measured with; None for a structure."""
    from xrdsym.common.errors import MaterialError
    from xrdsym.encoding.encoder import NO_WAVELENGTH
    from xrdsym.measured.scan_files import read_scan
    from xrdsym.sources.files import read_structure_file

    if path.is_dir():
        expected = f"structures (.cif, POSCAR, .vasp, .json) or measured patterns ({', '.join(SCAN_SUFFIXES)})"
        msg = f"{path}: no file in this folder is read; expected {expected}"
        raise MaterialError("empty", msg)
    if _is_structure(path):
        return read_structure_file(path), None
    scan = read_scan(path)
    if given is not None:
        if scan.wavelength is not None and abs(scan.wavelength / given[1] - 1) > SAME_RADIATION:
            _logger.warning("%s says %g Å itself; it is read as measured at %s", path, scan.wavelength, given[0])
        return replace(scan, wavelength=given[1]), given[0]
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
    from xrdsym.sources.file_names import is_structure_file

    return is_structure_file(path)


def _is_scan(path: Path) -> bool:
    return path.name.lower().endswith(SCAN_SUFFIXES)


def _print_tables(answers: Sequence[dict[str, Any]], headed: str) -> str:
    """One line a file below its model: its name, the answer, and the runners-up; errors go to standard error.

    Args:
        answers: As of `predict_files`.
        headed: The model that the last line printed stands below.

    Returns:
        The same after these answers.
    """
    for answer in answers:
        if "error" in answer:
            sys.stdout.flush()
            named = answer["error"] if answer["file"] in answer["error"] else f"{answer['file']}: {answer['error']}"
            print(f"xrdsym: {named}", file=sys.stderr)
    answered = [(answer, _ranked(answer)) for answer in answers if "error" not in answer]
    width = max((len(answer["file"]) for answer, _ in answered), default=0)
    class_width = max((len(ranked[0][0]) for _, ranked in answered), default=0)
    for model in dict.fromkeys(answer["model"] for answer, _ in answered):
        if model != headed:
            print(f"model {model}")
            headed = model
        for answer, ranked in answered:
            if answer["model"] == model:
                others = ", ".join(f"{name} {share:.2f}" for name, share in ranked[1:3])
                print(f"{answer['file']:{width}}  {ranked[0][0]:{class_width}}  {ranked[0][1]:.2f}  then {others}")
                _print_warnings(answer)
    return headed


def _ranked(answer: Mapping[str, Any]) -> list[tuple[str, float]]:
    """The classes of an answer with their probabilities, the most probable first."""
    shares = answer.get("class_probabilities", answer["probabilities"])
    return sorted(shares.items(), key=lambda item: -item[1])


def _print_warnings(answer: Mapping[str, Any]) -> None:
    """Print reasons to distrust a prediction on standard error."""
    warnings = list(answer.get("warnings", ()))
    if "missing_angles" in answer:
        missing = answer["missing_angles"]
        warnings.append(f"the pattern lacks {missing} of the model's range: the prediction is less reliable")
    if "lines" in answer:
        peaks = "one peak" if answer["lines"] == 1 else f"{answer['lines']} peaks"
        warnings.append(f"the pattern shows only {peaks}: the prediction means nothing")
    sys.stdout.flush()
    for warning in warnings:
        print(f"xrdsym: {answer['file']}: {warning}", file=sys.stderr, flush=True)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
