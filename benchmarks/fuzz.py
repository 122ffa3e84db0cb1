"""Damage small inputs of every reader in all ways, and count what is read, what is refused and what goes wrong.

Run from the root of a checkout:

    python benchmarks/fuzz.py                              # 1,000 inputs for each target
    python benchmarks/fuzz.py scan npz --count 50000 --seed 7

A reader may read an input or refuse it in one line that names the file. Anything else, or more than `SLOW` seconds, is
a failure: the input is kept below `tests/regressions/TARGET/`, which the tests read.

A new target is a function below and a row of `TARGETS`.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import logging
import random
import re
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from xrdsym.common.errors import MaterialError, XrdsymError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


class Target(NamedTuple):
    """A reader and small inputs that it reads.

    Attributes:
        seeds: The inputs.
        suffix: That of their files.
        read: Reads a file; raises `XrdsymError` where it refuses it, and `Broken` where what it read is wrong.
    """

    seeds: Callable[[], Sequence[bytes]]
    suffix: str
    read: Callable[[Path], None]


class Broken(Exception):  # noqa: N818 - what an input did
    """A reader gave what it never should."""


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
        if len(str(error).splitlines()) != 1:
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


def _rows(separator: str = " ", count: int = 80) -> str:
    angles = 10 + 0.5 * np.arange(count)
    counts = np.round(50 + 900 * np.exp(-((angles - 30) ** 2)))
    return "\n".join(f"{angle:.2f}{separator}{height:g}" for angle, height in zip(angles, counts, strict=True))


def _scan_seeds() -> list[bytes]:
    texts = (
        f"# wavelength 1.5406\n{_rows()}\n",
        f"Angle,Intensity\n{_rows(',')}\n",
        _rows(";").replace(".", ","),
        f"# Wavelength: 1.0332e-10 m\n# q_nm^-1 I\n{_rows()}\n",
        f"# CuKa\n# d (Å) I sigma\n{_rows()}".replace("\n", " 3\n"),
        ",two_theta,intensity\n" + "\n".join(f"{i},{row}" for i, row in enumerate(_rows(",").split("\n"))),
        "_FILEVERSION=2\n_WL_UNIT='A'\n_WL1=1.540600\n_ANODE='Cu'\n_COUNTS\n" + _rows("\t"),
        "\n".join(f'"{row}"' for row in _rows('","').split("\n")),
        "2-THETA INTENSITY D-SPACING H K L\n" + "\n".join(f"{row} 3.1 1 0 2" for row in _rows().split("\n")),
        "10.0000 9000\n10.1000 9500\n10.200010228\n10.3000 9700\n" + _rows(),
    )
    return [text.encode() for text in texts]


def _read_scan(path: Path) -> None:
    """Read a scan, by its own words or, for every second input, as the call says; then put it on a model's grid."""
    from xrdsym.diffraction.profile_grid import ProfileGrid
    from xrdsym.measured.axis import Axis
    from xrdsym.measured.preprocessing import scan_on_grid
    from xrdsym.measured.scan_files import read_scan

    choice = int.from_bytes(hashlib.sha256(path.read_bytes()).digest()[:4])
    axis = (None, *Axis)[choice // 2 % (len(Axis) + 1)]
    try:
        scan = read_scan(path, 1.5406, axis) if choice % 2 else read_scan(path)
    except MaterialError as error:
        if str(path) not in str(error):
            msg = f"the file is not named: {error}"
            raise Broken(msg) from error
        raise
    if not ((np.diff(scan.two_theta) > 0).all() and np.isfinite(scan.intensity).all() and scan.intensity.min() >= 0):
        msg = "the scan is not ascending, finite and positive"
        raise Broken(msg)
    wavelength = 1.5 if scan.wavelength is None else scan.wavelength
    if not np.isfinite(scan_on_grid(scan, ProfileGrid(5.0, 90.0, 0.1), wavelength, 1.54184)).all():
        msg = "the profile is not finite"
        raise Broken(msg)


ANGLES = np.arange(10, 40, 0.5)
PATTERNS: dict[str, Any] = {
    "two_theta": ANGLES,
    "intensity": np.ones((2, len(ANGLES))),
    "crystal_system": np.array(["cubic"] * 2),
    "space_group": np.array([225, 1]),
    "wavelength": np.array(1.54),
}


def _npz_seeds() -> list[bytes]:
    plain, packed = io.BytesIO(), io.BytesIO()
    np.savez(plain, **PATTERNS)
    np.savez_compressed(packed, **PATTERNS)
    return [plain.getvalue(), packed.getvalue()]


def _read_npz(path: Path) -> None:
    from xrdsym.measured.scan import Scan
    from xrdsym.scoring.measured_npz import read_patterns

    arrays, wavelength = read_patterns(path, "crystal_system", None)
    for row in arrays["intensity"]:
        Scan(arrays["two_theta"], row, wavelength, path.name, wavelength_known=True)


def _array_seeds() -> list[bytes]:
    """Each array of `PATTERNS` as a file of its own, behind its place among them."""
    seeds = []
    for place, values in enumerate(PATTERNS.values()):
        stream = io.BytesIO()
        np.save(stream, values)
        seeds.append(bytes([place]) + stream.getvalue())
    return seeds


def _read_array(path: Path) -> None:
    """Read patterns of which one array is damaged; the checksums of the file are right."""
    content = path.read_bytes()
    damaged = [*PATTERNS][content[0] % len(PATTERNS)] if content else "two_theta"
    with tempfile.TemporaryDirectory(prefix="xrdsym-fuzz-") as folder:
        whole = Path(folder) / "whole.npz"
        np.savez(whole, **{name: values for name, values in PATTERNS.items() if name != damaged})
        with zipfile.ZipFile(whole, "a") as file:
            file.writestr(f"{damaged}.npy", content[1:])
        _read_npz(whole)


def _read_wavelength(path: Path) -> None:
    """Read what a person gives as a wavelength or a radiation."""
    from xrdsym.measured.wavelength import WAVELENGTH_RANGE, measured_wavelength

    value = measured_wavelength(path.read_text(encoding="utf-8", errors="surrogateescape"))
    if not WAVELENGTH_RANGE[0] <= value <= WAVELENGTH_RANGE[1]:
        msg = f"a wavelength of {value} Å"
        raise Broken(msg)


def _wavelength_seeds() -> list[bytes]:
    texts = ("1.5406", "CuKa", "Cu Kα1", "0.15406 nm", "1.0332e-10 m", "154.06pm", "1.54 x 10^-10 m", "mo", "1,5406 Å")
    return [text.encode() for text in texts]


TARGETS = {
    "scan": Target(_scan_seeds, ".xy", _read_scan),
    "npz": Target(_npz_seeds, ".npz", _read_npz),
    "npz-array": Target(_array_seeds, ".bin", _read_array),
    "wavelength": Target(_wavelength_seeds, ".txt", _read_wavelength),
}


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
