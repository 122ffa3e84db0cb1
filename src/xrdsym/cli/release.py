"""`xrdsym release MODEL --as ideal|measured --scores DATA…`: publish a trained model with its scores."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from xrdsym.cli.model_arguments import add_radiation_arguments, given_radiation

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the model, its type of pattern, and the data that it is scored on."""
    parser.add_argument("model", metavar="MODEL", help="a name below models/, or a model's folder")
    parser.add_argument(
        "--as",
        dest="kind",
        choices=("ideal", "measured"),
        required=True,
        help="the type of pattern that it becomes the default for: ideal (simulated from structures) or measured",
    )
    parser.add_argument(
        "--scores",
        nargs="+",
        required=True,
        metavar="[NAME=]DATA",
        help="data to score it on: train, validation or test, a structure table, or an .npz of measured patterns; "
        "NAME is the name on the card",
    )
    add_radiation_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Release the model and print its scores."""
    radiation = given_radiation(args)

    from xrdsym.config.paths import working_tree
    from xrdsym.models.released import SCORES_FILE, read_json
    from xrdsym.release.release import Measurement, release

    paths = working_tree()
    source = Path(args.model) if Path(args.model).is_dir() else paths.models / args.model
    measurements = []
    for word in args.scores:
        name, equals, data = word.partition("=")
        measurements.append(Measurement(name, data) if equals else Measurement(Path(word).stem, word))
    folder = release(paths, source, args.kind, measurements, radiation)
    for one in read_json(folder / SCORES_FILE):
        print(f"{one['name']}: accuracy {one['scores']['accuracy']:.3f}, n = {one['scores']['n']:,}")
    print(f"{os.path.relpath(folder)}: describe the model in its card.yaml, then run `xrdsym cards`")
    return 0
