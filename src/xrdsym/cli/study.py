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
from xrdsym.common.yaml_reader import load_yaml
from xrdsym.config.params_file import value_of
from xrdsym.config.paths import project_root, working_tree
from xrdsym.config.presets import apply_settings

if TYPE_CHECKING:
    import argparse

    from xrdsym.config.paths import Paths
    from xrdsym.studies.record import StudyRecord

JOURNAL = "studies/studies.journal"
PAPER_JOURNAL = "studies/paper.journal"
"""The trials behind docs/why-54.md; the file is part of the repository."""
PAGES = "reports/studies"


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
    output = show.add_mutually_exclusive_group()
    output.add_argument(
        "--apply-best",
        action="store_true",
        help="write the values of the best arm into params.yaml, if it is better than the baseline beyond its interval",
    )
    output.add_argument("--page", action="store_true", help=f"write the page of the study, {PAGES}/NAME.html")
    output.add_argument("--json", action="store_true", help="print one line of JSON")
    answer = actions.add_parser("answer", help="write why-54.md and why-54.html from the finished studies")
    answer.add_argument(
        "--to", type=Path, default=None, metavar="FOLDER", help="folder of why-54.md and its figures (default: reports)"
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
        _run(paths, args.names, changes_of(args.set), storage, _option(args))
    elif args.action == "list":
        from xrdsym.studies.listing import study_rows

        print("\n".join(aligned(study_rows(paths.root, None if missing else storage))))
    elif missing:
        if args.action == "show" and args.name not in (known := study_names(paths.root)):
            msg = f"no study called {args.name}: {nearest(args.name, known)}"
            raise UsageError(msg)
        name = args.name if args.action == "show" else "NAME"
        msg = (
            f"no study has been run in {os.path.relpath(storage)}. Run one with `xrdsym study run {name}`, or give "
            f"another --storage, such as {PAPER_JOURNAL} with the trials behind docs/why-54.md."
        )
        raise UsageError(msg)
    elif args.action == "show":
        _show(paths, args, storage)
    else:
        _answer(paths, storage, args.to or paths.reports)
    return 0


def changes_of(words: list[str]) -> dict[str, Any]:
    """Parse the values of `--set PARAMETER=VALUE`.

    Args:
        words: The values as given; each VALUE is YAML.

    Raises:
        UsageError: A word is not such a pair.
    """
    changes = {}
    for word in words:
        name, equals, value = word.partition("=")
        msg = f"--set {word}: expected PARAMETER=VALUE, e.g. train.epochs=2"
        if not equals:
            raise UsageError(msg)
        try:
            changes[name] = load_yaml(value)
        except ValueError as error:
            raise UsageError(msg) from error
    return changes


def _run(paths: Paths, names: list[str], changes: dict[str, Any], storage: str, option: str) -> None:
    from xrdsym.studies.definition import load_study

    if "://" not in storage:
        Path(storage).parent.mkdir(parents=True, exist_ok=True)
    # check all files before the first trial runs
    studies = [load_study(paths.root, name, changes) for name in names]
    import_keras()
    from xrdsym.studies.runner import run_studies
    from xrdsym.studies.storage import open_storage, read_record
    from xrdsym.studies.study_page import write_study_page

    run_studies(paths, studies, storage, lambda line: print(line, flush=True))
    opened = open_storage(storage)
    for name in names:
        record = read_record(opened, name)
        if record.results:
            page = write_study_page(record, paths.root / PAGES / f"{name}.html", option)
            print(f"results: {os.path.relpath(page)}, or `xrdsym study show {name}{option}`")


def _show(paths: Paths, args: argparse.Namespace, storage: str) -> None:
    from xrdsym.studies.definition import COMPARISON
    from xrdsym.studies.storage import open_storage, read_record
    from xrdsym.studies.summary import summary, summary_lines

    record = read_record(open_storage(storage), args.name)
    if not record.results:
        msg = f"no trial of study {args.name} has completed. Run `xrdsym study run {args.name}` to continue it."
        raise XrdsymError(msg)
    option = _option(args)
    if args.apply_best:
        _apply_best(paths, record)
    elif args.json:
        print(json.dumps(summary(record)))
    elif args.page:
        from xrdsym.studies.study_page import write_study_page

        print(os.path.relpath(write_study_page(record, paths.root / PAGES / f"{record.name}.html", option)))
    else:
        print("\n".join(summary_lines(record)))
        command = f"xrdsym study show {record.name}{option}"
        print(f"`{command} --page` writes all of it, with figures, to {PAGES}/{record.name}.html.")
        if record.design != COMPARISON:
            print(_best_line(record, command))


def _option(args: argparse.Namespace) -> str:
    """What a further command needs to find the same storage."""
    return "" if args.storage is None else f" --storage {args.storage}"


def _best_line(record: StudyRecord, command: str) -> str:
    """What is the best arm, and how it is applied where it is better than the baseline."""
    from xrdsym.studies.arm_effects import arm_effects, best_arm

    best = best_arm(arm_effects(record))
    if best is None:
        return "No arm is better than the baseline beyond its interval."
    return f"`{command} --apply-best` writes {best.name} into params.yaml."


def _apply_best(paths: Paths, record: StudyRecord) -> None:
    """Write the values of the best arm into `params.yaml`.

    Raises:
        UsageError: No arm is better than the baseline beyond its interval, or the study has no baseline.
    """
    from xrdsym.studies.arm_effects import applied_settings, arm_effects, best_arm, effect_text
    from xrdsym.studies.begun import restored_baseline
    from xrdsym.studies.definition import COMPARISON, PARAMS

    if record.design == COMPARISON:
        msg = (
            f"study {record.name} is a comparison: its rows differ in target and split, so there is no best one to "
            "apply. Set the parameters of a row in params.yaml instead."
        )
        raise UsageError(msg)
    arms = arm_effects(record)
    best = best_arm(arms)
    if best is None:
        closest = next((arm for arm in arms if arm.effect is not None), None)
        found = (
            f"; the highest, {closest.name}, is at {effect_text(closest.effect)}" if closest and closest.effect else ""
        )
        msg = (
            f"no arm of study {record.name} is better than its baseline beyond its 95 % interval{found}. params.yaml "
            f"stays as it is. More `seeds` in studies/{record.name}.yaml, or more structures, narrow the intervals."
        )
        raise UsageError(msg)
    settings = applied_settings(record, best)
    changes = apply_settings(settings, paths.params)
    print("\n".join(changes) or f"{paths.params.name} has the best values already")
    if changes and record.start == PARAMS:
        print(restored_baseline(record.name, {name: value_of(record.baseline, name) for name in settings}))


def _answer(paths: Paths, storage: str, folder: Path) -> None:
    if not (paths.root / "research" / "why54").is_dir():
        msg = f"no research/why54 in {paths.root}. Run `xrdsym study answer` in a checkout of the project's repository."
        raise XrdsymError(msg)
    # research/ is part of the repository, not of the installed package
    sys.path.insert(0, str(paths.root))
    answer = importlib.import_module("research.why54.answer")
    for file in answer.write(paths, storage, folder):
        print(os.path.relpath(file))
