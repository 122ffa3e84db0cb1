"""`xrdsym compare [TABLE]`: models × targets × splits on a table of structures, as one page."""

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
"""Where the page of the project's own tables goes, and that of others."""
TABLE_DIGITS = 6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "table",
        nargs="?",
        metavar="TABLE",
        help="a structure table, a folder of structure files or a glob of them (default: the project's own tables)",
    )
    parser.add_argument("--study", default=STUDY, metavar="FILE", help=f"its rows (default: {STUDY})")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PARAMETER=VALUE",
        help="a value for all rows, e.g. train.epochs=2; may be given more than once",
    )
    parser.add_argument("--storage", help=f"a journal file or the URL of a database (default: {JOURNAL})")
    parser.add_argument(
        "--patterns",
        type=Path,
        metavar="NPZ",
        help="measured patterns that every model is scored on, too, as for `xrdsym evaluate`",
    )
    add_radiation_arguments(parser)
    parser.add_argument("--to", type=Path, metavar="FILE", help=f"the page (default: {PAGE}, of a TABLE {OWN_PAGE})")


def run(args: argparse.Namespace) -> int:
    """Run the rows that are left, and write the page."""
    paths = working_tree()
    storage = args.storage or str(project_root(paths) / JOURNAL)
    if "://" not in storage:
        Path(storage).parent.mkdir(parents=True, exist_ok=True)
    name = _study_name(paths, args.study)
    # a mistake in the file is told before tables are made
    study = _comparison(paths, name, args)
    told = given_radiation(args)
    _check_patterns(args.patterns, study, None if told is None else told[1])
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

    patterns = None if args.patterns is None else MeasuredPatterns(args.patterns, None if told is None else told[1])
    run_studies(tree, [study], storage, lambda line: print(line, flush=True), patterns)
    target = args.to or paths.root / (PAGE if args.table is None else OWN_PAGE)
    record = read_record(open_storage(storage), study.name)
    write_text(target, page(study, record, _command(args), source, args.patterns))
    print(os.path.relpath(target))
    told_storage = "" if args.storage is None else f" --storage {args.storage}"
    print(f"`xrdsym study show {study.name}{told_storage}` lists its trials, `mlflow ui` compares them")
    return 0


def _check_patterns(patterns: Path | None, study: Study, wavelength: float | None) -> None:
    """Tell what is wrong with measured patterns before anything is trained.

    Raises:
        UsageError: There is no such file, nobody tells its wavelength, or one is told for none.
        XrdsymError: The file is broken, or does not tell a target of the comparison.
    """
    if patterns is None:
        if wavelength is not None:
            msg = "--radiation and --wavelength are those of measured patterns: give these with --patterns, too"
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
        msg = f"study {name} has design: {study.design}, not {COMPARISON}: `xrdsym study run {name}` runs it"
        raise UsageError(msg)
    return study


def _study_name(paths: Paths, given: str) -> str:
    """The name of a study that is given by its name or its file."""
    from xrdsym.studies.definition import FOLDER

    if not given.endswith(".yaml"):
        return given
    file = Path(given) if Path(given).is_file() else paths.root / given
    if file.resolve().parent != (paths.root / FOLDER).resolve():
        msg = f"--study {given}: studies are read from {FOLDER}/ of the project: put it there"
        raise UsageError(msg)
    return file.stem


def _command(args: argparse.Namespace) -> str:
    """The call that makes the page again."""
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
