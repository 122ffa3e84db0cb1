"""What the commands that use a model have in common: which one, and what measured patterns were measured with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the model, the radiation of measured patterns, and how the answer is printed."""
    add_radiation_arguments(parser)
    parser.add_argument(
        "--model",
        metavar="NAME|PATH",
        help="ideal or measured (the released ones), a name below models/, a model's folder, or its file with "
        "recipe.json beside it; by default the released one for ideal patterns answers for structures and the one for "
        "measured patterns for these, and where none is released the one that `dvc repro` made",
    )
    parser.add_argument("--json", action="store_true", help="JSON, one line an answer")


def add_radiation_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the radiation of measured patterns."""
    told = parser.add_mutually_exclusive_group()
    told.add_argument(
        "--radiation",
        metavar="NAME",
        help="what measured patterns were measured with: CuKa, CuKa1, MoKa, …; goes before what a file says. "
        "Structures are simulated with the model's own radiation",
    )
    told.add_argument("--wavelength", metavar="Å", help="the same as a number in Å")


def told_radiation(args: argparse.Namespace) -> tuple[str | float, float] | None:
    """The radiation that the call tells.

    Returns:
        What it was called and its wavelength in Å, or None where the call tells nothing.

    Raises:
        UsageError: The name is unknown, or the number is no wavelength.
    """
    from xrdsym.common.errors import UsageError
    from xrdsym.diffraction.scattering import wavelength

    if args.radiation is not None:
        return args.radiation, wavelength(args.radiation)
    if args.wavelength is None:
        return None
    try:
        value = wavelength(float(args.wavelength))
    except ValueError as error:
        msg = f"--wavelength {args.wavelength}: expected a number of Å, for example 1.54184; a name goes to --radiation"
        raise UsageError(msg) from error
    return value, value
