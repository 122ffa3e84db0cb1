"""`xrdsym study list|run|show|answer`: experiments on what limits the accuracy, one question a file."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.quiet import import_keras
from xrdsym.common.suggestions import nearest
from xrdsym.common.tables import aligned
from xrdsym.config.paths import project_root, working_tree
from xrdsym.config.presets import apply_settings

if TYPE_CHECKING:
    import argparse

    from xrdsym.config.paths import Paths

JOURNAL = "studies/studies.journal"
PAPER_JOURNAL = "studies/paper.journal"
"""The trials behind docs/why-54.md; the file is part of the repository."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="list the studies and the states of their trials")
    run = actions.add_parser("run", help="run the remaining trials of studies; several workers can share a study")
    run.add_argument("names", nargs="+", metavar="NAME", help="a study: studies/NAME.yaml")
    run.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PARAMETER=VALUE",
        help="a value for all trials including the baseline, e.g. train.epochs=2; can be repeated",
    )
    show = actions.add_parser("show", help="show the results of a study")
    show.add_argument("name", metavar="NAME", help="a study that has been run")
    show.add_argument("--apply-best", action="store_true", help="write the best trial's parameters into params.yaml")
    show.add_argument("--json", action="store_true", help="print one line of JSON")
    answer = actions.add_parser("answer", help="write docs/why-54.md and reports/why-54.html from the finished studies")
    answer.add_argument(
        "--to", type=Path, default=None, metavar="FOLDER", help="folder of why-54.md and its figures (default: docs)"
    )
    for action in (listed, run, show, answer):
        action.add_argument(
            "--storage",
            default=None,
            metavar="FILE|URL",
            help=f"a journal file or the URL of a database (default: {JOURNAL})",
        )


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from xrdsym.studies.definition import study_names

    paths = working_tree()
    storage = args.storage or str(project_root(paths) / JOURNAL)
    # opening a journal creates it, which commands that only read must not do
    missing = "://" not in storage and not Path(storage).is_file()
    if args.action == "run":
        _run(paths, args.names, changes_of(args.set), storage)
    elif args.action == "list":
        _list(paths.root, None if missing else storage)
    elif missing:
        if args.action == "show" and args.name not in (known := study_names(paths.root)):
            msg = f"no study called {args.name}: {nearest(args.name, known)}"
            raise UsageError(msg)
        msg = (
            f"no study has been run in {storage}. Run one with `xrdsym study run NAME`, or give another --storage, "
            f"such as {PAPER_JOURNAL} with the trials behind docs/why-54.md."
        )
        raise UsageError(msg)
    elif args.action == "show":
        _show(paths, args, storage)
    else:
        _answer(paths, storage, args.to or paths.root / "docs")
    return 0


def _list(root: Path, storage: str | None) -> None:
    from xrdsym.studies.definition import load_study, study_names
    from xrdsym.studies.storage import open_storage, read_record, stored_studies

    opened = None if storage is None else open_storage(storage)
    stored = [] if opened is None else stored_studies(opened)
    names = study_names(root)
    rows = []
    for name in [*names, *(name for name in stored if name not in names)]:
        state = "not run"
        if opened is not None and name in stored:
            counts = read_record(opened, name).counts
            state = ", ".join(f"{count} {state}" for state, count in counts.items())
        guess, size = "(no file in studies/)", ""
        if name in names:
            try:
                study = load_study(root, name)
                guess, size = study.guess, f"{study.trials} trials"
            except UsageError as error:
                guess = " ".join(str(error).split())
        rows.append((name, size, state, guess))
    for line in aligned(rows):
        print(line)


def changes_of(words: list[str]) -> dict[str, Any]:
    """Parse the values of `--set PARAMETER=VALUE`.

    Args:
        words: The values as given; each VALUE is YAML.

    Raises:
        UsageError: A word is not such a pair.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    changes = {}
    for word in words:
        name, equals, value = word.partition("=")
        msg = f"--set {word}: expected PARAMETER=VALUE, e.g. train.epochs=2"
        if not equals:
            raise UsageError(msg)
        try:
            changes[name] = YAML(typ="safe").load(value)
        except YAMLError as error:
            raise UsageError(msg) from error
    return changes


def _run(paths: Paths, names: list[str], changes: dict[str, Any], storage: str) -> None:
    from xrdsym.studies.definition import load_study

    if "://" not in storage:
        Path(storage).parent.mkdir(parents=True, exist_ok=True)
    # check all files before the first trial runs
    studies = [load_study(paths.root, name, changes) for name in names]
    import_keras()
    from xrdsym.studies.runner import run_studies

    run_studies(paths, studies, storage, lambda line: print(line, flush=True))


def _show(paths: Paths, args: argparse.Namespace, storage: str) -> None:
    from xrdsym.studies.definition import COMPARISON
    from xrdsym.studies.storage import open_storage, read_record
    from xrdsym.studies.summary import best_arm, summary, summary_lines

    record = read_record(open_storage(storage), args.name)
    if not record.results:
        msg = f"no trial of study {args.name} has completed. Run `xrdsym study run {args.name}` to continue it."
        raise XrdsymError(msg)
    if args.apply_best and record.design == COMPARISON:
        msg = (
            f"study {args.name} is a comparison: its rows differ in target and split, so there is no best one to "
            "apply. Set the parameters of a row in params.yaml instead."
        )
        raise UsageError(msg)
    if args.apply_best:
        changes = apply_settings(best_arm(record), paths.params)
        print("\n".join(changes) or f"{paths.params.name} has the best values already")
    elif args.json:
        print(json.dumps(summary(record)))
    else:
        print("\n".join(summary_lines(record)))
        if record.design != COMPARISON:
            option = "" if args.storage is None else f" --storage {args.storage}"
            print(f"`xrdsym study show {record.name}{option} --apply-best` writes the best into params.yaml.")


def _answer(paths: Paths, storage: str, folder: Path) -> None:
    if not (paths.root / "research" / "why54").is_dir():
        msg = f"no research/why54 in {paths.root}. Run `xrdsym study answer` in a checkout of the project's repository."
        raise XrdsymError(msg)
    # research/ is part of the repository, not of the installed package
    sys.path.insert(0, str(paths.root))
    answer = importlib.import_module("research.why54.answer")
    for file in answer.write(paths, storage, folder):
        print(os.path.relpath(file))
