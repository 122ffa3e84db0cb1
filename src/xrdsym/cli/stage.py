"""`xrdsym stage NAME`: one stage of the pipeline; `dvc.yaml` calls this command."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from xrdsym.config.params_file import load_params
from xrdsym.config.paths import working_tree

if TYPE_CHECKING:
    import argparse

STAGES = ("structures", "labels", "peaks", "split", "inputs", "images", "train", "evaluate", "report")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("name", choices=STAGES, help="name of the stage")


def run(args: argparse.Namespace) -> int:
    """Run the stage in the working tree of the current folder, with its params.yaml.

    Raises:
        UsageError: A parameter is invalid, including those that only later stages read.
        XrdsymError: The stage failed, or runs in another process.
    """
    from xrdsym.diffraction.scattering import wavelength
    from xrdsym.encoding.encoder import check_encoding
    from xrdsym.stages.exclusive import only_stage

    paths = working_tree()
    params = load_params(paths.params)
    wavelength(params.peaks.radiation)
    check_encoding(params.profile, params.images)
    with only_stage(paths, args.name):
        importlib.import_module(f"xrdsym.stages.{args.name}").run(paths, params)
    return 0
