"""`xrdsym results`: where the results of the last run are, how good they are, what to type next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xrdsym.config.params_file import load_params
from xrdsym.config.paths import working_tree

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing to add."""


def run(args: argparse.Namespace) -> int:  # noqa: ARG001 - every command is called alike
    """Print the last words of a run."""
    from xrdsym.stages.report import last_words

    paths = working_tree()
    print(last_words(paths, load_params(paths.params)))
    return 0
