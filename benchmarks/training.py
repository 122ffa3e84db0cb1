"""Training rates on this machine: by width, side and compiler, and by the source of the images.

Run in the project's root after `dvc repro`:

    python benchmarks/training.py rates    # random images
    python benchmarks/training.py input    # the peaks and params.yaml of the project
"""

from __future__ import annotations

import dataclasses
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.quiet import import_keras
from xrdsym.config.params_file import load_params
from xrdsym.config.paths import Paths, working_tree
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from xrdsym.config.schema import Params

SETTINGS = ((0.35, 96, False), (0.35, 96, True), (0.35, 128, False), (0.35, 224, False), (1.0, 96, False))
BATCH = 32
STEPS = 40
ROUNDS = 3
CLASSES = len(CRYSTAL_SYSTEMS)


def rates(params: Params) -> None:
    """Print the images a second of a training step on random images in memory."""
    keras = import_keras()
    from xrdsym.models.networks.build import build

    generator = np.random.default_rng(0)
    for alpha, side, xla in SETTINGS:
        network = build(side, CLASSES, dataclasses.replace(params.train, alpha=alpha, weights="none"))
        network.compile(optimizer="adam", loss="categorical_crossentropy", jit_compile=xla)
        images = generator.integers(0, 256, (BATCH, side, side, 3), dtype=np.uint8)
        classes = np.eye(CLASSES, dtype=np.float32)[generator.integers(0, CLASSES, BATCH)]
        network.train_on_batch(images, classes)
        start = time.perf_counter()
        for _ in range(STEPS):
            network.train_on_batch(images, classes)
        rate = STEPS * BATCH / (time.perf_counter() - start)
        print(f"width {alpha}, side {side}, XLA {'on' if xla else 'off'}: {rate:.0f} images a second", flush=True)
        keras.backend.clear_session()


def compare_inputs(params: Params, paths: Paths) -> None:
    """Print the images a second with plain arrays, batches from memory, and images rendered for each batch."""
    import_keras()
    from xrdsym.crystal.labels import read_labels
    from xrdsym.data.datasets import EncodedPeaks, LabelledInputs, load_inputs
    from xrdsym.encoding.encoder import encoder_of
    from xrdsym.models.networks.build import build
    from xrdsym.training.batches import Batches
    from xrdsym.training.optimisation import compile_network

    labels = read_labels(paths.labels).head(STEPS * BATCH)
    classes = labels["crystal_system"].map(CRYSTAL_SYSTEMS.index).to_numpy(dtype=np.int64)
    names = labels["material_id"].tolist()
    source = EncodedPeaks(paths.peaks, names, encoder_of(params))
    kept, _ = load_inputs(source, names, classes, 2**31)
    rendered = LabelledInputs(kept.material_ids, kept.labels, kept.kept[:0], source)
    network = build(params.images.side, CLASSES, dataclasses.replace(params.train, weights="none"))
    compile_network(network, params.train, head_only=False, steps=10**6)
    order, weights = np.arange(len(kept)), np.ones(CLASSES, dtype=np.float32)
    one_hot = np.eye(CLASSES, dtype=np.float32)[kept.labels]
    runs: dict[str, Callable[[], object]] = {
        "arrays": lambda: network.fit(
            kept.kept, one_hot, sample_weight=np.ones(len(kept)), batch_size=BATCH, shuffle=False, verbose=0
        ),
        "kept": lambda: network.fit(Batches(kept, order, BATCH, weights), shuffle=False, verbose=0),
        "rendered": lambda: network.fit(Batches(rendered, order, BATCH, weights), shuffle=False, verbose=0),
    }
    for run in runs.values():
        run()
    rates_of: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            rates_of[name].append(len(kept) / (time.perf_counter() - start))
    medians = {name: float(np.median(values)) for name, values in rates_of.items()}
    print(", ".join(f"{name} {median:.0f} images a second" for name, median in medians.items()))
    for name in ("kept", "rendered"):
        print(f"{name} against arrays: {medians[name] / medians['arrays']:.3f}")


if __name__ == "__main__":
    tree = working_tree()
    if sys.argv[1:] == ["rates"]:
        rates(load_params(tree.params))
    elif sys.argv[1:] == ["input"]:
        compare_inputs(load_params(tree.params), tree)
    else:
        sys.exit("usage: python benchmarks/training.py rates|input")
