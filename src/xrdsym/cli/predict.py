"""`xrdsym predict FILE…`: the crystal system, or another target, of structure files and measured patterns."""

from __future__ import annotations

import json
import sys
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from xrdsym.cli.model_arguments import add_model_arguments, given_radiation
from xrdsym.cli.prediction_files import files_of, read_pattern
from xrdsym.common.printable import encodable, printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from xrdsym.config.model_specs import PatternType
    from xrdsym.crystal.structure_table import CrystalStructure
    from xrdsym.measured.scan import Scan
    from xrdsym.models.predictor import Model

    _Readable = tuple[dict[str, Any], CrystalStructure | Scan, str | float | None]
    """The answer that is to be given, the pattern, and what it was measured with."""
    _Result = TypeVar("_Result")

AXES = ("2theta", "2theta-rad", "q", "q-nm", "d", "d-nm")
"""Those of `measured.axis`, which would import NumPy."""
AT_ONCE = 256
"""Files that are in memory at a time."""
FEWEST_PEAKS = 3
"""With fewer, noise or a bump is the likelier explanation, and they settle no lattice."""
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
        "intensity; `-` is standard input), or a folder of these",
    )
    parser.add_argument(
        "--axis",
        choices=AXES,
        help="the first column of measured patterns, whatever their headers say: 2theta (degrees), 2theta-rad, "
        "q (1/Å), q-nm (1/nm), d (Å), d-nm; q and d are converted by the wavelength",
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
    files = files_of(args.files)
    while batch := list(islice(files, AT_ONCE)):
        with working("predicting") as line, compilation_named(line):
            answers = predict_files(models, batch, given, args.axis)
        for answer in answers:
            failed |= "error" in answer
            if args.json:
                print(json.dumps(answer | {"file": encodable(answer["file"])}), flush=True)
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
    model_of: Callable[[PatternType], Model],
    paths: Sequence[Path],
    given: tuple[str | float, float] | None = None,
    axis: str | None = None,
) -> list[dict[str, Any]]:
    """Predict each file; whatever goes wrong with one is its own answer.

    Args:
        model_of: The model for a type of pattern; called only for types that occur.
        paths: Structure files and measured patterns.
        given: What measured patterns were measured with: its name and its wavelength in Å; it overrides the file's
            header.
        axis: What the first column of measured patterns is, one of `AXES`; None where the file is to tell.

    Returns:
        For each file a mapping with `file`, `crystal_system`, `probabilities`, `abstained`, `radiation` (of a
        structure the one simulated, of a measured pattern the one it was measured with: a name or Å), `model` and
        `warnings` (what the reader of a structure supposed, a list of sentences); or with `file` and `error`. A model
        of another target adds `target`, `class` and `class_probabilities` (the ten most probable); `crystal_system`
        and `probabilities` are null where its classes do not settle them. A measured pattern that does not cover the
        model's range has `missing_angles`, the ranges that are missing, and one with fewer than `FEWEST_PEAKS` peaks
        has `lines`, their number.
    """
    from xrdsym.measured.scan import Scan

    answers: list[dict[str, Any]] = [{"file": str(path)} for path in paths]
    readable: dict[PatternType, list[_Readable]] = {"ideal": [], "measured": []}
    for path, answer in zip(paths, answers, strict=True):
        read, error = _attempted(partial(read_pattern, path, given, axis))
        if read is None:
            answer["error"] = _one_line(error, answer["file"])
            continue
        readable["measured" if isinstance(read[0], Scan) else "ideal"].append((answer, *read))
    for pattern_type, files in readable.items():
        if files:
            _predict_each(model_of(pattern_type), files)
    return answers


def _attempted(work: Callable[[], _Result]) -> tuple[_Result | None, str]:
    """The result of work on files, or why there is none: the one place where an exception becomes a file's answer."""
    from xrdsym.common.errors import XrdsymError

    try:
        return work(), ""
    except XrdsymError as error:
        return None, str(error)
    except Exception as error:  # noqa: BLE001 - libraries raise what they like on files nobody has seen yet
        return None, f"unexpected {type(error).__name__}: {error}. Please report this, with the file."


def _predict_each(model: Model, files: list[_Readable]) -> None:
    """Add the predictions to the answers: of all files at once, or one by one where that fails."""
    added, error = _attempted(partial(_predictions, model, files))
    if added is not None:
        for (answer, _, _), addition in zip(files, added, strict=True):
            answer.update(addition)
    elif len(files) == 1:
        answer = files[0][0]
        answer["error"] = _one_line(error, answer["file"])
    else:
        for one in files:
            _predict_each(model, [one])


def _predictions(model: Model, files: list[_Readable]) -> list[dict[str, Any]]:
    """What is added to the answer of each file: its prediction, or why there is none."""
    from xrdsym.common.errors import MaterialError
    from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM
    from xrdsym.measured.scan import Scan

    vectors = model.encode([pattern for _, pattern, _ in files])
    usable = [one for one in vectors if not isinstance(one, MaterialError)]
    predictions = iter(model.predictions(model.predict_vectors(usable)))
    additions = []
    for (answer, pattern, radiation), vector in zip(files, vectors, strict=True):
        if isinstance(vector, MaterialError):
            additions.append({"error": _one_line(str(vector), answer["file"])})
            continue
        prediction = next(predictions)
        addition: dict[str, Any] = {
            "radiation": model.recipe.peaks.radiation if radiation is None else radiation,
            "crystal_system": prediction.crystal_system,
            "probabilities": prediction.probabilities,
            "abstained": False,
            "model": model.name,
            "warnings": [] if isinstance(pattern, Scan) else list(pattern.warnings),
        }
        if isinstance(pattern, Scan):
            addition |= _warnings(model, pattern, vector)
        if prediction.target != CRYSTAL_SYSTEM:
            ranked = sorted(prediction.class_probabilities.items(), key=lambda item: -item[1])
            addition |= {
                "target": prediction.target,
                "class": prediction.label,
                "class_probabilities": dict(ranked[:MOST_PROBABLE]),
            }
        additions.append(addition)
    return additions


def _warnings(model: Model, scan: Scan, vector: NDArray[np.float32]) -> dict[str, Any]:
    """Reasons to distrust the prediction for a measured pattern."""
    warnings: dict[str, Any] = {}
    if missing := model.encoder.missing_angles(scan):
        warnings["missing_angles"] = missing
    peaks = model.peak_count(vector)
    if peaks is not None and peaks < FEWEST_PEAKS:
        warnings["lines"] = peaks
    return warnings


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
            name = printable(answer["file"])
            named = answer["error"] if name in answer["error"] else f"{name}: {answer['error']}"
            print(f"xrdsym: {named}", file=sys.stderr)
    good = [answer | {"file": printable(answer["file"])} for answer in answers if "error" not in answer]
    answered = [(answer, _ranked(answer)) for answer in good]
    width = max((len(answer["file"]) for answer, _ in answered), default=0)
    class_width = max((len(ranked[0][0]) for _, ranked in answered), default=0)
    for model in dict.fromkeys(answer["model"] for answer, _ in answered):
        if model != headed:
            print(f"model {printable(model)}")
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


def _one_line(error: str, file: str) -> str:
    """An error message in one line, with the name of the file as it is printed."""
    return printable(" ".join(error.replace(file, printable(file)).split()))
