"""Materials that look like one of another crystal system: planted ones are found at the tolerance they belong to."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from research.near_duplicates.measure import GREY_LEVELS, measure, summary, tally
from research.near_duplicates.pairs import Pairs
from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.config.params_file import load_params
from xrdsym.config.paths import Paths
from xrdsym.crystal.labels import LABEL_SCHEMA
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.diffraction.peaks import Peaks, SimulationError, SkipReason
from xrdsym.diffraction.peaks_table import load_peaks, write_peaks
from xrdsym.encoding.encoder import encoder_of

PAPER = load_params(Path(__file__).resolve().parents[3] / "presets" / "paper.yaml")
PROFILE, IMAGES = PAPER.profile, PAPER.images
PLANTED = (0.0, 0.0005, 0.005, 0.03, 0.08, 0.3)
"""By how much the second peaks of the two materials of a group differ, in units of the first."""


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """For each of `PLANTED`, a cubic and a tetragonal material; and one more cubic, equal to the first."""
    paths = Paths(tmp_path_factory.mktemp("planted"))
    rows: list[tuple[str, str, Peaks]] = []
    for group, difference in enumerate(PLANTED):
        angles = np.array([15.0 + 3 * group, 60.0])
        for name, system, second in (("a", "cubic", 0.5), ("b", "tetragonal", 0.5 + difference)):
            heights = np.array([1.0, second], dtype=np.float32).astype(np.float64)
            rows.append((f"{name}{group}", system, Peaks(angles, heights)))
    rows.append(("twin", "cubic", rows[0][2]))
    write_tables(paths, rows)
    return paths


def write_tables(paths: Paths, rows: list[tuple[str, str, Peaks]]) -> None:
    """Labels, parts and peaks of these materials and of one without peaks."""
    write_peaks(
        paths.peaks,
        [
            *((name, peaks) for name, _, peaks in rows),
            ("none", SimulationError(SkipReason.NO_REFLECTION_IN_RANGE, "none")),
        ],
    )
    known = [(name, system) for name, system, _ in rows] + [("none", "cubic")]
    empty = dict.fromkeys(LABEL_SCHEMA.names)
    labels = [
        empty | {"material_id": name, "crystal_system": system, "space_group": 221, "composition": f"X{name[1:]}"}
        for name, system in known
    ]
    pq.write_table(pa.Table.from_pylist(labels, LABEL_SCHEMA), paths.labels)
    parts = ["validation" if index % 2 else "train" for index in range(len(known))]
    pd.DataFrame({"material_id": [name for name, _ in known], "part": parts}).to_csv(paths.split, index=False)


def test_planted_pairs_are_found_at_their_tolerances(planted: Paths) -> None:
    result = measure(planted, PAPER)
    assert result["count"] == 13
    assert result["left_out"] == 1
    # the twin of the first group counts at every rung
    assert [rung["other_system"]["count"] for rung in result["grid"]["rungs"]] == [5, 7, 9, 11]
    assert [rung["other_system"]["count"] for rung in result["peaks"]["rungs"]] == [5, 7, 7, 9, 11]
    first = result["grid"]["rungs"][0]
    assert first["systems"]["cubic"]["between"]["tetragonal"] == 3
    assert first["systems"]["tetragonal"]["other_system"] == {"count": 2, "share": 2 / 6}
    # of the group of three one is lost, of the group of two half
    assert first["lost_at_best"] == pytest.approx((1 + 1) / 13)
    example = first["examples"][0]
    assert example["material_id"] == ["a0", "b0"]
    assert example["crystal_system"] == ["cubic", "tetragonal"]
    assert example["distance"] == 0.0


def test_images_are_compared_as_whole_images(planted: Paths) -> None:
    """The rungs of the images hold for every pixel of every row."""
    result = measure(planted, PAPER)
    names = [f"{side}{group}" for side in "ab" for group in range(len(PLANTED))]
    peaks = load_peaks(planted.peaks, names)
    encoder = encoder_of(PAPER)
    images = encoder.images(encoder.profiles(peaks.offsets, peaks.two_theta, peaks.intensity)).astype(int)
    differences = np.abs(images[: len(PLANTED)] - images[len(PLANTED) :]).max(axis=(1, 2, 3))
    for limit, rung in zip(GREY_LEVELS, result["image"]["rungs"], strict=True):
        assert rung["grey_levels"] == limit
        assert rung["other_system"]["count"] == 2 * (differences <= limit).sum() + 1
    assert len({rung["other_system"]["count"] for rung in result["image"]["rungs"]}) > 2


def test_the_answer_is_json_and_text(planted: Paths) -> None:
    result = measure(planted, PAPER)
    assert json.loads(json.dumps(result)) == result
    text = summary(result)
    assert text.startswith("13 materials")
    for told in (
        "within 13 grey levels",
        "within 1.0% of the strongest",
        "within 0.001° and 0.1%",
        "nearest neighbour",
    ):
        assert told in text


def test_only_stripes_are_compared(planted: Paths) -> None:
    with pytest.raises(UsageError, match=r"images\.layout raster"):
        measure(planted, replace(PAPER, images=replace(PAPER.images, layout="raster")))


def test_nothing_on_the_grid(planted: Paths) -> None:
    with pytest.raises(XrdsymError, match="no material"):
        measure(planted, replace(PAPER, profile=replace(PAPER.profile, two_theta_max=10.0)))


def test_a_material_without_a_peak_on_the_grid_is_left_out(planted: Paths) -> None:
    """A grid that ends between the first peaks of the groups and has none of the second ones."""
    result = measure(planted, replace(PAPER, profile=replace(PAPER.profile, two_theta_max=20.0)))
    assert (result["count"], result["left_out"]) == (5, 9)
    assert result["grid"]["rungs"][0]["other_system"]["count"] == 5


def test_commonest_answer_among_what_looks_alike() -> None:
    """Two cubic and one trigonal material that look alike, a tie of two systems, one alone, two of one system."""
    systems = ["cubic", "trigonal", "cubic", "hexagonal", "trigonal", "monoclinic", "triclinic", "triclinic"]
    materials = pd.DataFrame(
        {
            "material_id": list("abcdefgh"),
            "crystal_system": systems,
            "composition": ["X", "X", "X", "Y", "Z", "W", "V", "V"],
            "space_group": [225, 166, 225, 194, 160, 14, 2, 2],
        }
    )
    pairs = Pairs(np.array([0, 0, 1, 3, 6]), np.array([1, 2, 2, 4, 7]), np.zeros(5))
    result = tally(materials, pairs)
    assert result["alike"]["count"] == 7
    assert result["other_system"]["count"] == 5
    assert result["pairs_of_other_systems"] == 3
    assert result["same_composition"] == pytest.approx(2 / 3)
    assert result["lost_at_best"] == pytest.approx((1 + 0.5 + 0.5) / 8)
    assert result["systems"]["triclinic"]["other_system"]["count"] == 0
    assert result["systems"]["trigonal"]["lost_at_best"] == pytest.approx((1 + 0.5) / 2)
    assert result["systems"]["trigonal"]["between"] == dict.fromkeys(CRYSTAL_SYSTEMS, 0) | {"cubic": 1, "hexagonal": 1}
    assert [example["pairs"] for example in result["examples"]] == [2, 1]


def test_no_pairs_at_all() -> None:
    materials = pd.DataFrame(
        {"material_id": ["a"], "crystal_system": ["cubic"], "composition": ["X"], "space_group": [225]}
    )
    nothing = np.empty(0, dtype=np.int64)
    result = tally(materials, Pairs(nothing, nothing, np.empty(0)))
    assert result["lost_at_best"] == 0.0
    assert result["other_system"] == {"count": 0, "share": 0.0}
    assert result["examples"] == []
