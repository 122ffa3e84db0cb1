"""`xrdsym effects show FILE`: what each effect does to the pattern of a structure."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the one action."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    what = "draw the pattern of a structure with each effect, at the end of its usual range where it shows most"
    show = actions.add_parser("show", help=what)
    show.add_argument("file", type=Path, metavar="FILE", help="a structure: CIF, POSCAR or pymatgen JSON")
    show.add_argument("--seed", type=_seed, default=0, metavar="N", help="of all draws (default: 0)")
    show.add_argument("--output", type=Path, metavar="FILE", help="the picture, PNG or .svg (default: effects.png)")


def run(args: argparse.Namespace) -> int:
    """Draw the picture and say where it lies."""
    from xrdsym.cli.effects_figure import DRAWS, effect_examples, effects_figure
    from xrdsym.crystal.labels import with_rotations
    from xrdsym.reporting.figure_style import save_figure
    from xrdsym.sources.files import read_structure_file

    structure = read_structure_file(args.file)
    ((_, rotations),) = with_rotations([structure], symprec=0.01, angle_tolerance=5.0)
    plain, examples = effect_examples(structure, rotations, args.seed)
    shown = f"at the end of its usual range and in the one of {DRAWS} draws (seed {args.seed}) that show most"
    title = f"{structure.formula} ({structure.material_id}), Cu Kα: each effect alone, {shown}"
    path = args.output or Path("effects.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    save_figure(effects_figure(plain, examples, title), path)
    print(path)
    return 0


def _seed(text: str) -> int:
    if not text.isdecimal():
        msg = f"expected a whole number, 0 or more, received {text!r}"
        raise argparse.ArgumentTypeError(msg)
    return int(text)
