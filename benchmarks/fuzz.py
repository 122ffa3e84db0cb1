"""Damage small inputs of every reader in all ways, and count what is read, what is refused and what goes wrong.

Run from the root of a checkout:

    python benchmarks/fuzz.py                              # 1,000 inputs for each target
    python benchmarks/fuzz.py scan npz --count 50000 --seed 7

A reader may read an input or refuse it in one line that names the file. Anything else, or more than `SLOW` seconds, is
a failure: the input is kept below `tests/regressions/TARGET/`, which the tests read.

A new target is a function and a row of a table in `fuzz_scans.py`, `fuzz_structures.py` or `fuzz_project.py`.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import random
import re
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from fuzz_project import PROJECT_TARGETS
from fuzz_scans import SCAN_TARGETS
from fuzz_structures import STRUCTURE_TARGETS

from xrdsym.common.errors import MaterialError, XrdsymError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fuzz_target import Target

TARGETS = SCAN_TARGETS | STRUCTURE_TARGETS | PROJECT_TARGETS
REGRESSIONS = Path(__file__).resolve().parent.parent / "tests" / "regressions"
SLOW = 10.0
"""Seconds that one input may take on a busy machine."""
CHANGES_OF_ONE = (1, 1, 1, 2, 3, 6)
"""One change leaves most inputs readable, six find what one alone does not."""

EXTREMES = (
    *(b"nan", b"inf", b"-inf", b"0", b"-0", b"-1", b"1e400", b"-1e308", b"5e-324", b"1e30", b"1e-30", b"180", b"1_000"),
    *(b"9" * 400, b"0." + b"0" * 400 + b"1", b"1e999999", b"0x10", b"1,5", b"1.5.2", b"", b"\xd9\xa1", "½".encode()),
)
WORDS = (
    *(b"#", b"\n", b"\n\n", b"\r", b"\t", b" ", b",", b";", b'"', b"'", b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf"),
    *(
        b"\x1b[31m",
        b"\x85",
        b"\x0c",
        b"wavelength",
        b"lambda",
        b"nm",
        b"q_nm^-1 I",
        b"2theta",
        b"d (A)",
        b"CuKa",
        b"h k l",
    ),
    *(
        b"# Wavelength: 1.0332e-10 m\n",
        b"_WL_UNIT='nm'",
        b"{",
        b"}",
        b"[",
        b"]",
        b"(",
        b")",
        b":",
        b"\\",
        b"/",
        b"%",
        b"None",
    ),
)
NUMBER = re.compile(rb"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?")


def changed(inputs: Sequence[bytes], draw: random.Random) -> bytes:
    """One of the inputs with a few changes."""
    content = draw.choice(inputs)
    for _ in range(draw.choice(CHANGES_OF_ONE)):
        content = draw.choice(CHANGES)(content, inputs, draw)
    return content


def _place(content: bytes, draw: random.Random) -> int:
    return draw.randint(0, len(content))


def _flip(content: bytes, _: Sequence[bytes], draw: random.Random) -> bytes:
    if not content:
        return content
    place = draw.randrange(len(content))
    return content[:place] + bytes([content[place] ^ (1 << draw.randrange(8))]) + content[place + 1 :]


def _cut(content: bytes, _: Sequence[bytes], draw: random.Random) -> bytes:
    first, last = sorted((_place(content, draw), _place(content, draw)))
    return content[:first] + content[last:] if draw.random() < 0.7 else content[:first]


def _repeat(content: bytes, _: Sequence[bytes], draw: random.Random) -> bytes:
    first, last = sorted((_place(content, draw), _place(content, draw)))
    return content[:last] + content[first:last][:2000] * draw.randint(1, 3) + content[last:]


def _insert(content: bytes, _: Sequence[bytes], draw: random.Random) -> bytes:
    place = _place(content, draw)
    return content[:place] + draw.choice((*WORDS, draw.randbytes(draw.randint(1, 8)))) + content[place:]


def _number(content: bytes, _: Sequence[bytes], draw: random.Random) -> bytes:
    found = list(NUMBER.finditer(content))
    if not found:
        return content
    one = draw.choice(found)
    return content[: one.start()] + draw.choice(EXTREMES) + content[one.end() :]


def _numbers(content: bytes, _: Sequence[bytes], draw: random.Random) -> bytes:
    """Replace every number, or one of each line, by an extreme one."""
    extreme = draw.choice(EXTREMES)
    pattern = draw.choice((NUMBER, re.compile(rb"(?m)" + NUMBER.pattern + rb"(?=\s*$)")))
    return pattern.sub(lambda _: extreme, content)


def _line(content: bytes, _: Sequence[bytes], draw: random.Random) -> bytes:
    lines = content.split(b"\n")
    place = draw.randrange(len(lines))
    if draw.random() < 0.5:
        lines[place] = draw.choice(WORDS)
    else:
        lines.insert(draw.randint(0, len(lines)), lines[place])
    return b"\n".join(lines)


def _separator(content: bytes, _: Sequence[bytes], draw: random.Random) -> bytes:
    one, other = draw.sample((b" ", b"\t", b",", b";", b"\n", b".", b"", b"  "), 2)
    return content.replace(one, other)[:200_000] if one else content


def _join(content: bytes, inputs: Sequence[bytes], draw: random.Random) -> bytes:
    other = draw.choice(inputs)
    return content[: _place(content, draw)] + other[_place(other, draw) :]


def _recode(content: bytes, _: Sequence[bytes], draw: random.Random) -> bytes:
    return content.decode("latin-1").encode(draw.choice(("utf-8", "utf-16", "utf-16-le", "utf-8-sig")))


CHANGES = (_flip, _cut, _repeat, _insert, _insert, _number, _number, _numbers, _line, _separator, _join, _recode)


def attempt(target: Target, path: Path) -> str:
    """What a reader does with a file: `read`, the reason why it is refused, or the failure, which begins with `!`."""
    started = time.monotonic()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            target.read(path)
        result = "read"
    except XrdsymError as error:
        result = error.reason if isinstance(error, MaterialError) else "refused"
        if len(str(error).splitlines()) != 1 and not target.several:
            return f"!an error of several lines: {error}"
    except Exception as error:  # noqa: BLE001 - that it is raised is the finding
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"!{type(error).__name__} at {Path(place.filename).name}:{place.lineno}: {str(error)[:100]}"
    took = time.monotonic() - started
    return f"!{took:.0f} s" if took > SLOW else result


def fuzz(name: str, count: int, seed: int, keep: Path | None = REGRESSIONS) -> Counter[str]:
    """Try damaged inputs of one target.

    Args:
        name: Of the target, in `TARGETS`.
        count: Number of inputs.
        seed: Inputs of one seed are always the same.
        keep: Folder in which failing inputs are kept, one for each failure; None keeps none.

    Returns:
        The number of inputs by what came of them, as of `attempt`.
    """
    target = TARGETS[name]
    inputs = target.seeds()
    results: Counter[str] = Counter()
    seen: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="xrdsym-fuzz-") as folder:
        path = Path(folder) / f"input{target.suffix}"
        for index in range(count):
            content = changed(inputs, random.Random(f"{name} {seed} {index}"))  # noqa: S311 - inputs of a test
            path.write_bytes(content)
            result = attempt(target, path)
            results[result] += 1
            failure = result.partition(": ")[0]
            if result.startswith("!") and failure not in seen and keep is not None:
                seen.add(failure)
                kept = keep / name / f"{hashlib.sha256(content).hexdigest()[:12]}{target.suffix}"
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_bytes(content)
    return results


def main() -> int:
    """Fuzz and print; the exit status is 1 where an input failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", default=[*TARGETS], metavar="TARGET", help=f"of {', '.join(TARGETS)}")
    parser.add_argument("--count", type=int, default=1000, help="inputs for each target (default: 1000)")
    parser.add_argument("--seed", type=int, default=0, help="of the inputs (default: 0)")
    args = parser.parse_args()
    if unknown := set(args.targets) - set(TARGETS):
        parser.error(f"no target {', '.join(sorted(unknown))}; known are {', '.join(TARGETS)}")
    # readers warn of what they skip
    logging.disable(logging.WARNING)
    failed = 0
    for name in args.targets:
        started = time.monotonic()
        results = fuzz(name, args.count, args.seed)
        failures = {result: number for result, number in results.items() if result.startswith("!")}
        failed += sum(failures.values())
        told = ", ".join(f"{number} {result}" for result, number in results.most_common() if result not in failures)
        took = time.monotonic() - started
        print(f"{name}: {args.count} inputs in {took:.0f} s, {sum(failures.values())} failed: {told}")
        for result, number in failures.items():
            print(f"  {number} {result[1:]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
