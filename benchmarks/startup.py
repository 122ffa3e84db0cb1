"""Time the first and the later calls of `xrdsym predict`, each in a new process, with an empty cache of numba's.

    python benchmarks/startup.py

Seconds on the clock and, in parentheses, of the processor. `first`: numba compiles all that the call needs, as after
`pip install`; `make env` does this once. `later`: the best of three calls with the cache of the first.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
COMMAND = "import sys; from xrdsym.cli.main import main; sys.exit(main())"
LATER = 3
CALLS = {
    "import xrdsym": ("import xrdsym",),
    "xrdsym --help": (COMMAND, "--help"),
    "predict, a structure": (COMMAND, "predict", str(EXAMPLES / "corundum.cif")),
    "predict, a scan": (COMMAND, "predict", str(EXAMPLES / "corundum.csv"), "--radiation", "CuKa"),
}


def seconds(words: tuple[str, ...], cache: str) -> tuple[float, float]:
    """The time that one call takes on the clock and of the processor, seconds."""
    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(  # noqa: S603 - this Python and the words above
        [sys.executable, "-c", *words],
        env={**os.environ, "NUMBA_CACHE_DIR": cache},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - begin, processor


def main() -> None:
    """Print one row for each call."""
    print("| call | first | later |\n| --- | --- | --- |")
    for name, words in CALLS.items():
        with tempfile.TemporaryDirectory() as cache:
            first = seconds(words, cache)
            later = min(seconds(words, cache) for _ in range(LATER))
        print(f"| {name} | {first[0]:.2f} ({first[1]:.2f}) | {later[0]:.2f} ({later[1]:.2f}) |", flush=True)


if __name__ == "__main__":
    main()
