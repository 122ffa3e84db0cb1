"""`xrdsym results`: the files, the scores and the next steps of the last run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xrdsym.config.params_file import load_params
from xrdsym.config.paths import working_tree

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the command has no arguments."""


def run(args: argparse.Namespace) -> int:  # noqa: ARG001 - all commands have the same signature
    """Print the results of the last run and the next steps."""
    from xrdsym.stages.report import last_words

    paths = working_tree()
    print(last_words(paths, load_params(paths.params)))
    return 0
