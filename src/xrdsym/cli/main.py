"""The command line `xrdsym COMMAND …`; the module of a command is imported only when it runs."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from xrdsym import NO_CACHE, __version__
from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.printable import printable, replace_unprintable_output

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "predict": "predict the crystal system of measured patterns and structures",
    "evaluate": "score a model on labelled structures or measured patterns",
    "results": "show where the results of the last run are, and the next commands",
    "preset": "list, show or apply configurations of params.yaml",
    "effects": "draw the effects of instrument and sample on a pattern",
    "study": "run experiments on what limits the accuracy, one question a file",
    "release": "publish a trained model as the default, with its scores",
    "cards": "write MODEL_CARD.md and DATA_CARD.md from the released models",
    "compare": "compare models, targets and splits on one page",
    "stage": "run one stage of the pipeline, as `dvc repro` does",
    "benchmark": "measure simulation and rendering against pymatgen and Matplotlib",
}
USAGE_ERROR = 2
FAILURE = 1
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: The words after `xrdsym`; by default those of the process.

    Returns:
        The exit status: 0 success, 1 failure, 2 usage error, 130 interrupted.
    """
    replace_unprintable_output()
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter("%(levelname)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    # hide TensorFlow's notes about its build
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        args = parser_of(words).parse_args(words)
        if NO_CACHE is not None:
            raise XrdsymError(NO_CACHE)  # noqa: TRY301 - printed as any other
        status: int = args.run(args)
    except UsageError as error:
        print(f"xrdsym: {_lines(str(error))}", file=sys.stderr)
        return USAGE_ERROR
    except XrdsymError as error:
        print(f"xrdsym: {_lines(str(error))}", file=sys.stderr)
        return FAILURE
    except BrokenPipeError:
        # the reader of the pipe has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURE
    except OSError as error:
        told = f"{error.strerror or error}: {printable(str(error.filename or ''))}"
        print(f"xrdsym: {told}".rstrip(": "), file=sys.stderr)
        return FAILURE
    except KeyboardInterrupt:
        print("xrdsym: interrupted", file=sys.stderr)
        return INTERRUPTED
    return status


class _Formatter(logging.Formatter):
    """Writes names of files as they are printed."""

    def format(self, record: logging.LogRecord) -> str:
        return _lines(super().format(record))


def _lines(text: str) -> str:
    """A text of one line or several, each as it is printed."""
    return "\n".join(printable(line) for line in text.split("\n"))


class _Parser(argparse.ArgumentParser):
    """A parser that raises `UsageError` and accepts positional arguments between options."""

    _among_options = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: ANN401 - as argparse has them
        """Parse words such as `scan.xy --radiation CuKa other.xy`, of which plain argparse rejects the second file."""
        if self._among_options or self._subparsers:
            return super().parse_known_args(args, namespace)
        self._among_options = True
        return self.parse_known_intermixed_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        msg = f"{message}. Try `{self.prog} --help`."
        raise UsageError(msg)


def parser_of(words: Sequence[str]) -> argparse.ArgumentParser:
    """Build the parser, with arguments only for the command in `words`; modules of other commands are not imported.

    Args:
        words: The words after `xrdsym`.

    Returns:
        The parser; the parsed arguments have the command's function as `run`.
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
