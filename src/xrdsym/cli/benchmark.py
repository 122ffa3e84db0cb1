"""`xrdsym benchmark simulate|images`: the rates of this project and of the reference, measured in one run."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "subject",
        choices=("simulate", "images"),
        help="simulate: peaks, against pymatgen's XRDCalculator; images: pixels and PNG files, against Matplotlib",
    )
    parser.add_argument("--structures", type=Path, required=True, metavar="TABLE", help="a structure table (Parquet)")
    parser.add_argument(
        "--count",
        type=_positive,
        default=100,
        help="number of structures, evenly spaced over the table (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        msg = f"{text!r} is not a whole number, 1 or more"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Run the benchmark and print the result."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        # one thread for both sides; it takes effect only before numpy is imported
        os.environ[variable] = "1"
    result: dict[str, Any]
    if args.subject == "simulate":
        from xrdsym.cli.benchmarks.simulate import benchmark_simulate

        result = benchmark_simulate(args.structures, args.count)
    else:
        from xrdsym.cli.benchmarks.images import benchmark_images

        result = benchmark_images(args.structures, args.count)
    if args.json:
        print(json.dumps(result))
    else:
        for key, value in result.items():
            print(f"{key.replace('_', ' '):24} {value:.6g}" if isinstance(value, float) else f"{key:24} {value}")
    return 0
