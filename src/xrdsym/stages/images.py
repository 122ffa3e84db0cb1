"""Peaks and labels → images: a square image of every pattern, one folder a crystal system."""

from __future__ import annotations

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import XrdsymError
from xrdsym.common.files import write_json
from xrdsym.common.parallel import core_count
from xrdsym.common.progress import progress_bar
from xrdsym.common.skips import SkipCounts
from xrdsym.crystal.labels import read_labels
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.diffraction.peaks_table import read_peak_batches
from xrdsym.encoding.encoder import encoder_of
from xrdsym.encoding.rendering.png import write_png

if TYPE_CHECKING:
    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params
    from xrdsym.diffraction.peaks_table import PeakArrays
    from xrdsym.encoding.encoder import InputEncoder

ROWS_AT_ONCE = 32


def run(paths: Paths, params: Params) -> None:
    """Write the folder of images and its counts; it stays empty where inputs come from the peaks.

    Raises:
        XrdsymError: No pattern has a peak in the range of `profile`.
    """
    labels = read_labels(paths.labels)
    systems = dict(zip(labels["material_id"], labels["crystal_system"], strict=True))
    skipped = SkipCounts()
    count = 0
    paths.images.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".images-", dir=paths.images.parent) as name:
        folder = Path(name) / "images"
        for system in CRYSTAL_SYSTEMS:
            (folder / system).mkdir(parents=True)
        if params.input_source == "images":
            count = _write_images(folder, paths, params, systems, skipped)
        if paths.images.exists():
            shutil.rmtree(paths.images)
        folder.replace(paths.images)
    write_json(paths.summary("images"), {"count": count, "skipped": skipped.summary()})
    skipped.report()
    if params.input_source == "images":
        print(f"images: {count} of {params.images.side} × {params.images.side} pixels")
    else:
        print("images: none, since inputs come from the peaks: the model's input is made on the fly")


def _write_images(folder: Path, paths: Paths, params: Params, systems: dict[str, str], skipped: SkipCounts) -> int:
    """Render and write all images on all cores; returns their number. Patterns without a peak in range are skipped."""
    encoder = encoder_of(params)
    count = 0
    with (
        ThreadPoolExecutor(core_count()) as pool,
        progress_bar(total=len(systems), description="images", unit="image") as bar,
    ):
        for batch in read_peak_batches(paths.peaks):
            chunks = [
                range(first, min(first + ROWS_AT_ONCE, len(batch.material_ids)))
                for first in range(0, len(batch.material_ids), ROWS_AT_ONCE)
            ]
            for written, blank in pool.map(partial(_draw_rows, encoder, batch, folder, systems), chunks):
                count += written
                bar.update(written)
                for material_id in blank:
                    skipped.add(
                        material_id,
                        "no_reflection_in_range",
                        "no peak between the angles of `profile`; "
                        "widen profile.two_theta_min to two_theta_max, or leave it out",
                    )
    if not count:
        skipped.report()
        msg = f"{paths.peaks} gives no image ({skipped.text()}). Check its peaks, or change `profile`."
        raise XrdsymError(msg)
    return count


def _draw_rows(
    encoder: InputEncoder, batch: PeakArrays, folder: Path, systems: dict[str, str], rows: range
) -> tuple[int, list[str]]:
    """Render and write some rows of a batch; returns the number written and the ids without a peak in range."""
    kept = [row for row in rows if batch.material_ids[row] in systems]
    part = batch.take(np.array(kept, dtype=np.int64))
    profiles = encoder.profiles(part.offsets, part.two_theta, part.intensity)
    drawn = np.asarray(profiles.any(axis=1))
    images = encoder.images(profiles[drawn])
    names = np.array(part.material_ids)
    for name, image in zip(names[drawn].tolist(), images, strict=True):
        write_png(folder / systems[name] / f"{name}.png", image)
    return len(images), names[~drawn].tolist()
