"""`xrdsym compare [TABLE]`: compare models, targets and splits on a table of structures, on one page."""

from __future__ import annotations

import dataclasses
import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from xrdsym.cli.model_arguments import add_radiation_arguments, given_radiation
from xrdsym.cli.study import JOURNAL, changes_of
from xrdsym.common.errors import UsageError
from xrdsym.common.quiet import import_keras
from xrdsym.config.paths import project_root, working_tree

if TYPE_CHECKING:
    import argparse

    from xrdsym.config.paths import Paths
    from xrdsym.studies.definition import Study

STUDY = "studies/comparison.yaml"
PAGE, OWN_PAGE = "docs/comparison.md", "reports/comparison.md"
"""The page for the tables of the project, and for other tables."""
TABLE_DIGITS = 6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the table, the study, its changes and the page."""
    parser.add_argument(
        "table",
        nargs="?",
        metavar="TABLE",
        help="a structure table, a folder of structure files or a glob of them (default: the project's own tables)",
    )
    parser.add_argument(
        "--study", default=STUDY, metavar="FILE", help=f"study with the rows of the comparison (default: {STUDY})"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PARAMETER=VALUE",
        help="set a parameter for all rows, e.g. train.epochs=2; repeatable",
    )
    parser.add_argument("--storage", help=f"a journal file or the URL of a database (default: {JOURNAL})")
    parser.add_argument(
        "--patterns",
        type=Path,
        metavar="NPZ",
        help="also score every model on these measured patterns, as `xrdsym evaluate` does",
    )
    add_radiation_arguments(parser)
    parser.add_argument(
        "--to", type=Path, metavar="FILE", help=f"page to write (default: {PAGE}; with TABLE {OWN_PAGE})"
    )


def run(args: argparse.Namespace) -> int:
    """Run the rows without a result, and write the page."""
    paths = working_tree()
    storage = args.storage or str(project_root(paths) / JOURNAL)
    if "://" not in storage:
        Path(storage).parent.mkdir(parents=True, exist_ok=True)
    name = _study_name(paths, args.study)
    # check the file before any table is written
    study = _comparison(paths, name, args)
    radiation = given_radiation(args)
    wavelength = None if radiation is None else radiation[1]
    _check_patterns(args.patterns, study, wavelength)
    tree = paths
    source = {}
    if args.table is not None:
        from xrdsym.studies.comparison_tables import prepared_tree

        tree = prepared_tree(paths, args.table, study.params(study.points[0]).split.by)
        stem = re.sub(r"[^\w.-]", "_", Path(args.table).stem)
        own = f"{name}-{stem}-{tree.root.name[:TABLE_DIGITS]}"
        study = dataclasses.replace(_comparison(paths, name, args, tree.params), name=own)
        source = {"structures.sources": "[files]", "structures.files.path": args.table}
    import_keras()
    from xrdsym.common.files import write_text
    from xrdsym.studies.comparison_page import page
    from xrdsym.studies.runner import run_studies
    from xrdsym.studies.storage import open_storage, read_record
    from xrdsym.studies.trial_scores import MeasuredPatterns

    patterns = None if args.patterns is None else MeasuredPatterns(args.patterns, wavelength)
    run_studies(tree, [study], storage, lambda line: print(line, flush=True), patterns)
    target = args.to or paths.root / (PAGE if args.table is None else OWN_PAGE)
    record = read_record(open_storage(storage), study.name)
    write_text(target, page(study, record, _command(args), source, args.patterns))
    print(os.path.relpath(target))
    storage_option = "" if args.storage is None else f" --storage {args.storage}"
    print(f"`xrdsym study show {study.name}{storage_option}` lists its trials, `mlflow ui` compares them")
    return 0


def _check_patterns(patterns: Path | None, study: Study, wavelength: float | None) -> None:
    """Check the measured patterns before anything is trained.

    Raises:
        UsageError: The file or its wavelength is missing, or a wavelength is given without a file.
        XrdsymError: The file is broken, or lacks a target of the comparison.
    """
    if patterns is None:
        if wavelength is not None:
            msg = "--radiation and --wavelength belong to measured patterns: add --patterns NPZ"
            raise UsageError(msg)
        return
    if not patterns.is_file():
        msg = f"--patterns {patterns}: no such file; expected an .npz of measured patterns"
        raise UsageError(msg)
    from xrdsym.scoring.measured_npz import read_patterns

    for target in sorted({study.params(point).target.name for point in study.points}):
        read_patterns(patterns, target, wavelength)


def _comparison(paths: Paths, name: str, args: argparse.Namespace, params: Path | None = None) -> Study:
    from xrdsym.studies.definition import COMPARISON, load_study

    study = load_study(paths.root, name, changes_of(args.set), params)
    if study.design != COMPARISON:
        msg = f"study {name} has design: {study.design}, not {COMPARISON}. Run it with `xrdsym study run {name}`."
        raise UsageError(msg)
    return study


def _study_name(paths: Paths, given: str) -> str:
    """The name of a study, given as a name or a file."""
    from xrdsym.studies.definition import FOLDER

    if not given.endswith(".yaml"):
        return given
    file = Path(given) if Path(given).is_file() else paths.root / given
    if file.resolve().parent != (paths.root / FOLDER).resolve():
        msg = f"--study {given}: studies are read from {FOLDER}/ of the project. Move the file there."
        raise UsageError(msg)
    return file.stem


def _command(args: argparse.Namespace) -> str:
    """The command that writes the page."""
    words = ["xrdsym", "compare", *([args.table] if args.table else [])]
    if args.study != STUDY:
        words += ["--study", args.study]
    for word in args.set:
        words += ["--set", word]
    if args.patterns is not None:
        words += ["--patterns", str(args.patterns)]
    for name in ("radiation", "wavelength"):
        if getattr(args, name) is not None:
            words += [f"--{name}", getattr(args, name)]
    if args.to is not None:
        words += ["--to", str(args.to)]
    return shlex.join(words)
