"""Time the features of peak lists, and optionally score boosted trees on them.

The argument is the folder that holds labels.parquet, peaks.parquet and split.csv:

    python benchmarks/features.py data                      # rates
    python benchmarks/features.py data --accuracy 5000      # also boosted trees on 5,000 training structures
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.parallel import core_count
from xrdsym.crystal.labels import read_labels
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.diffraction.peaks_table import load_peaks
from xrdsym.encoding.features import feature_matrix, peak_features
from xrdsym.models.baselines.trees import BoostedTrees

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.diffraction.peaks_table import PeakArrays

SAMPLE = 300
ROUNDS = 3
VALIDATION = 2000
STEP = 50


def sample(data: Path, part: str, count: int) -> tuple[PeakArrays, NDArray[np.int64]]:
    """The peaks and classes of at most `count` materials of a part, sampled with a fixed seed."""
    import pandas as pd

    split = pd.read_csv(data / "split.csv")
    labels = read_labels(data / "labels.parquet").set_index("material_id")["crystal_system"]
    chosen = split[split["part"] == part]
    chosen = chosen.sample(min(count, len(chosen)), random_state=0)
    classes = labels[chosen["material_id"]].map(CRYSTAL_SYSTEMS.index).to_numpy(dtype=np.int64)
    return load_peaks(data / "peaks.parquet", chosen["material_id"].tolist()), classes


def rates(peaks: PeakArrays) -> None:
    """Print the processor time per structure on one thread, the best of three rounds, and the rate on all cores."""
    parts = [
        (peaks.two_theta[start:end], peaks.intensity[start:end])
        for start, end in zip(peaks.offsets[:-1], peaks.offsets[1:], strict=True)
    ]
    peak_features(*parts[0])
    times = []
    for _ in range(ROUNDS):
        start = time.thread_time()
        for two_theta, intensity in parts:
            peak_features(two_theta, intensity)
        times.append((time.thread_time() - start) / len(parts))
    begin = time.perf_counter()
    feature_matrix(peaks)
    rate = len(parts) / (time.perf_counter() - begin)
    print(
        f"{1e3 * min(times):.2f} ms per structure on one thread, {rate:.0f} structures per second on {core_count()}",
        flush=True,
    )


def accuracy(data: Path, count: int) -> None:
    """Print the accuracy of boosted trees on the validation part, and the time to fit, save and load them."""
    tables = {}
    for part, wanted in (("train", count), ("validation", VALIDATION)):
        peaks, labels = sample(data, part, wanted)
        begin = time.perf_counter()
        tables[part] = feature_matrix(peaks), labels
        print(f"features of {len(labels)} ({part}): {time.perf_counter() - begin:.0f} s", flush=True)
    begin, processor = time.perf_counter(), time.process_time()
    fitted = BoostedTrees.fit_rows(*tables["train"], CRYSTAL_SYSTEMS, 0)
    print(f"fit: {time.perf_counter() - begin:.0f} s, {time.process_time() - processor:.0f} s of processor", flush=True)
    inputs, labels = tables["validation"]
    stages = list(fitted.estimator.staged_predict(inputs))
    for iteration in range(STEP, len(stages) + 1, STEP):
        share = np.mean(stages[iteration - 1] == labels)
        print(f"{iteration} iterations: accuracy {share:.4f}, n = {len(labels)}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        path = fitted.save(Path(folder))
        size = path.stat().st_size / 2**20
        print(f"saved: {size:.2f} MiB in {time.perf_counter() - begin:.0f} s", flush=True)
        begin = time.perf_counter()
        same = np.array_equal(BoostedTrees.read(path).predict_proba(inputs), fitted.predict_proba(inputs))
        print(f"read again in {time.perf_counter() - begin:.0f} s, the answers {'the same' if same else 'DIFFERENT'}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of labels.parquet, peaks.parquet and split.csv")
    parser.add_argument("--accuracy", type=int, metavar="N", help="number of training structures for boosted trees")
    arguments = parser.parse_args()
    rates(sample(arguments.data, "validation", SAMPLE)[0])
    if arguments.accuracy:
        accuracy(arguments.data, arguments.accuracy)
