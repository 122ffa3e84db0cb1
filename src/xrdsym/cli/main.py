"""The command line: `xrdsym COMMAND …`; each command's module is imported when it is called."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from xrdsym import __version__
from xrdsym.common.errors import UsageError, XrdsymError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "predict": "the crystal system of measured patterns and structures",
    "evaluate": "score a model on labelled structures or measured patterns",
    "results": "where the results of the last run are and what to type next",
    "preset": "configurations for params.yaml, whole or of some sections",
    "effects": "what an instrument and a sample add to a pattern, side by side",
    "study": "what holds the accuracy back, one question a file",
    "release": "a trained model into the repository, measured, to answer where no model is named",
    "cards": "write MODEL_CARD.md and DATA_CARD.md from the files of the released models",
    "compare": "models, targets and splits side by side on one page",
    "stage": "run one stage of the pipeline, as `dvc repro` does",
    "benchmark": "rates of simulation and rendering beside pymatgen's and Matplotlib's",
}
USAGE_ERROR = 2
FAILURE = 1
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: The words after `xrdsym`; those of the process by default.

    Returns:
        The exit status: 0 done, 1 failed, 2 wrongly called, 130 interrupted.
    """
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    # TensorFlow prints its build notes otherwise
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        args = parser_of(words).parse_args(words)
        status: int = args.run(args)
    except UsageError as error:
        print(f"xrdsym: {error}", file=sys.stderr)
        return USAGE_ERROR
    except XrdsymError as error:
        print(f"xrdsym: {error}", file=sys.stderr)
        return FAILURE
    except BrokenPipeError:
        # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURE
    except OSError as error:
        print(f"xrdsym: {error.strerror or error}: {error.filename or ''}".rstrip(": "), file=sys.stderr)
        return FAILURE
    except KeyboardInterrupt:
        print("xrdsym: interrupted", file=sys.stderr)
        return INTERRUPTED
    return status


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are ours, one line and the exit status 2, and that takes files among the options."""

    _among_options = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: ANN401 - as argparse has them
        """Parse words; `scan.xy --radiation CuKa other.xy` are two files, of which argparse alone takes the first."""
        if self._among_options or self._subparsers:
            return super().parse_known_args(args, namespace)
        self._among_options = True
        return self.parse_known_intermixed_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        msg = f"{message}. Try `{self.prog} --help`."
        raise UsageError(msg)


def parser_of(words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser for these words: only the command that is called brings its arguments, the others are not imported.

    Args:
        words: The words after `xrdsym`.

    Returns:
        The parser; what it returns has the command's function as `run`.
    """
    parser = _Parser(prog="xrdsym", description="Crystal symmetry from powder X-ray diffraction.")
    parser.add_argument("--version", action="version", version=f"xrdsym {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    called = next((word for word in words if not word.startswith("-")), None)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if name == called:
            module = importlib.import_module(f"xrdsym.cli.{name}")
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    return parser
