"""Arguments of the commands that use a model: the model, and the radiation of measured patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--radiation`, `--wavelength`, `--model` and `--json`."""
    add_radiation_arguments(parser)
    parser.add_argument(
        "--model",
        metavar="NAME|PATH",
        help="a released model (ideal, measured), a name in models/, a model's folder, or its file with recipe.json "
        "beside it; default: the released model for ideal patterns for structures and that for measured patterns for "
        "scans, or the model of the last `dvc repro` if none is released",
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON for each result")


def add_radiation_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--radiation` and `--wavelength`, of which one may be given."""
    radiation = parser.add_mutually_exclusive_group()
    radiation.add_argument(
        "--radiation",
        metavar="NAME",
        help="radiation of measured patterns: CuKa, CuKa1, Mo, …; overrides the file's header. "
        "Structures are simulated with the model's own radiation",
    )
    radiation.add_argument("--wavelength", metavar="Å", help="the same in Å, or with its unit: 0.15406nm")


def given_radiation(args: argparse.Namespace) -> tuple[str | float, float] | None:
    """The radiation given by `--radiation` or `--wavelength`.

    Returns:
        The given name or number and its wavelength in Å, or None if neither option is given.

    Raises:
        UsageError: The name is unknown, or the number is not a wavelength.
    """
    from xrdsym.common.errors import UsageError
    from xrdsym.diffraction.scattering import radiation_name
    from xrdsym.measured.wavelength import measured_wavelength

    if args.radiation is not None:
        value = measured_wavelength(args.radiation)
        return radiation_name(args.radiation) or value, value
    if args.wavelength is None:
        return None
    if radiation_name(args.wavelength) is not None:
        msg = f"--wavelength {args.wavelength}: expected a number of Å; use --radiation for a name"
        raise UsageError(msg)
    value = measured_wavelength(args.wavelength)
    return value, value
