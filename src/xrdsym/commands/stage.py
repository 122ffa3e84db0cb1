"""`xrdsym stage NAME`: what `dvc.yaml` calls."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from xrdsym.params import load_params
from xrdsym.paths import working_tree

if TYPE_CHECKING:
    import argparse

STAGES = ("structures", "labels", "peaks", "split", "images", "train", "evaluate", "report")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the name of the stage."""
    parser.add_argument("name", choices=STAGES, help="the stage")


def run(args: argparse.Namespace) -> int:
    """Run the stage in the working tree of the current folder, with its params.yaml."""
    paths = working_tree()
    importlib.import_module(f"xrdsym.pipeline.{args.name}").run(paths, load_params(paths.params))
    return 0
