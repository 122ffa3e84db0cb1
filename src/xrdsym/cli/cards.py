"""`xrdsym cards`: write `MODEL_CARD.md` and `DATA_CARD.md` from the files of the released models."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the command has no arguments."""


def run(args: argparse.Namespace) -> int:  # noqa: ARG001 - all commands have the same signature
    """Write both cards.

    Raises:
        XrdsymError: No model is released, or a file of one is missing or broken.
    """
    from xrdsym.common.files import write_text
    from xrdsym.config.paths import working_tree
    from xrdsym.release.cards import cards

    paths = working_tree()
    for name, text in cards(paths).items():
        write_text(paths.root / name, text)
        print(name)
    return 0
