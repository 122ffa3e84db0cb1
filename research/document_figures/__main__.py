"""Draw the figures of README.md and docs/results.md.

    python -m research.document_figures [FOLDER]

`make figures` runs it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from research.document_figures.drawing import paper_pattern, results_confusion
from xrdsym.common.errors import XrdsymError
from xrdsym.reporting.figure_style import save_figure

ROOT = Path(__file__).parents[2]


def run(folder: Path) -> list[Path]:
    """Draw both figures and return their files."""
    figures = {"pattern": paper_pattern(ROOT), "confusion": results_confusion(ROOT)}
    return [save_figure(figure, folder / f"{name}.png") for name, figure in figures.items()]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m research.document_figures", description=run.__doc__)
    parser.add_argument(
        "folder", type=Path, nargs="?", default=ROOT / "docs" / "images", help="where they go (default: docs/images)"
    )
    try:
        for file in run(parser.parse_args().folder):
            print(file)
    except XrdsymError as error:
        sys.exit(f"document_figures: {error}")
