"""Count the materials whose pattern looks like one of another crystal system: `python -m research.near_duplicates`."""

from __future__ import annotations

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
    """Measure with the paper's images, write the counts and print their summary."""
    paper = read_content(preset_path(paths.root, "paper"))
    params = params_from({**read_content(paths.params), "profile": paper["profile"], "images": paper["images"]})
    found = measure(paths, params)
    write_json(paths.root / NEAR_DUPLICATES, found)
    print(summary(found))


if __name__ == "__main__":
    try:
        main(working_tree())
    except XrdsymError as error:
        sys.exit(f"near_duplicates: {error}")
