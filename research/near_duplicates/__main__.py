"""Count near duplicates between crystal systems: `python -m research.near_duplicates` in the project's root."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from research.near_duplicates.measure import measure, summary
from research.why54.answer import NEAR_DUPLICATES
from xrdsym.common.errors import XrdsymError
from xrdsym.common.files import write_json
from xrdsym.config.params_file import params_from, read_content
from xrdsym.config.paths import working_tree
from xrdsym.config.presets import preset_path

if TYPE_CHECKING:
    from xrdsym.config.paths import Paths


def main(paths: Paths) -> None:
    """Count with the paper's profiles and images, write the counts and print a summary.

    Args:
        paths: The project, with the tables of labels, parts and peaks.

    Raises:
        XrdsymError: A table or the preset `paper` is missing.
    """
    paper = read_content(preset_path(paths.root, "paper"))
    params = params_from({**read_content(paths.params), "profile": paper["profile"], "images": paper["images"]})
    counts = measure(paths, params)
    write_json(paths.root / NEAR_DUPLICATES, counts)
    print(summary(counts))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m research.near_duplicates",
        description="Count materials whose pattern is indistinguishable from one of another crystal system. "
        f"Reads the tables in data/ and writes {NEAR_DUPLICATES}.",
    )
    parser.parse_args()
    try:
        main(working_tree())
    except XrdsymError as error:
        sys.exit(f"near_duplicates: {error}")
