"""`xrdsym release MODEL --as ideal|measured --scores DATA…`: a trained model into the repository, measured."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from xrdsym.cli.model_arguments import add_radiation_arguments, given_radiation

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the model, what it is for and what it is scored on."""
    parser.add_argument("model", metavar="MODEL", help="a name below models/, or a model's folder")
    parser.add_argument(
        "--as",
        dest="kind",
        choices=("ideal", "measured"),
        required=True,
        help="the kind of pattern that it answers for where no model is named: ideal (structures) or measured ones",
    )
    parser.add_argument(
        "--scores",
        nargs="+",
        required=True,
        metavar="[NAME=]DATA",
        help="what it is scored on: train, validation or test, a structure table, or an .npz of measured patterns; "
        "NAME is what the card calls it",
    )
    add_radiation_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Release the model and print its scores."""
    told = given_radiation(args)

    from xrdsym.config.paths import working_tree
    from xrdsym.models.released import SCORES_FILE, read_json
    from xrdsym.release.release import Measurement, release

    paths = working_tree()
    source = Path(args.model) if Path(args.model).is_dir() else paths.models / args.model
    measurements = []
    for word in args.scores:
        name, equals, data = word.partition("=")
        measurements.append(Measurement(name, data) if equals else Measurement(Path(word).stem, word))
    folder = release(paths, source, args.kind, measurements, told)
    for one in read_json(folder / SCORES_FILE):
        print(f"{one['name']}: accuracy {one['scores']['accuracy']:.3f}, n = {one['scores']['n']:,}")
    print(f"{os.path.relpath(folder)}: say what it is for in card.yaml there, then `xrdsym cards`")
    return 0
