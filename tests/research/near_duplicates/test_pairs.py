"""Pairs of patterns that cannot be told apart, against brute force."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from research.near_duplicates.pairs import Pairs, image_pairs, peak_pairs, profile_pairs
from xrdsym.config.params_file import load_params
from xrdsym.diffraction.peaks_table import PeakArrays
from xrdsym.encoding.encoder import InputEncoder

PAPER = load_params(Path(__file__).resolve().parents[3] / "presets" / "paper.yaml")
ENCODER = InputEncoder(PAPER.profile, PAPER.images)


def peak_arrays(patterns: list[tuple[list[float], list[float]]]) -> PeakArrays:
    """Patterns of positions and intensities, end to end."""
    offsets = np.append(0, np.cumsum([len(angles) for angles, _ in patterns])).astype(np.int64)
    two_theta = np.concatenate([np.asarray(angles, dtype=np.float64) for angles, _ in patterns])
    intensity = np.concatenate([np.asarray(heights, dtype=np.float32) for _, heights in patterns])
    return PeakArrays([str(i) for i in range(len(patterns))], offsets, two_theta, intensity)


def random_patterns(count: int, seed: int) -> PeakArrays:
    """Copies of few patterns with positions and intensities moved by little to much; peaks at least 0.3° apart."""
    generator = np.random.default_rng(seed)
    bases = []
    for _ in range(count // 6):
        size = generator.integers(1, 30)
        slots = np.sort(generator.choice(np.arange(5, 85, 0.5), size, replace=False))
        bases.append((slots, generator.uniform(0.02, 1.0, size)))
    patterns = []
    for _ in range(count):
        angles, heights = bases[generator.integers(len(bases))]
        moved = angles + generator.choice([0.0, 0.0005, 0.008, 0.03]) * generator.uniform(-1, 1, len(angles))
        scaled = heights * (1 + generator.choice([0.0, 0.0008, 0.008, 0.08]) * generator.uniform(-1, 1, len(angles)))
        patterns.append((moved.tolist(), (scaled / scaled.max()).tolist()))
    return peak_arrays(patterns)


def as_dict(pairs: Pairs) -> dict[tuple[int, int], float]:
    found = dict(
        zip(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True), pairs.distance.tolist(), strict=True)
    )
    assert len(found) == len(pairs.first), "a pair was found twice"
    return found


def brute_force(rows: NDArray[np.generic], limit: float) -> dict[tuple[int, int], float]:
    wide = rows.astype(np.float64)
    found = {}
    for i in range(len(rows)):
        for j in range(i + 1, len(rows)):
            distance = float(np.abs(wide[i] - wide[j]).max())
            if distance <= limit:
                found[i, j] = distance
    return found


@pytest.mark.parametrize("limit", [0, 1, 5, 13, 255])
def test_image_pairs_are_those_of_brute_force(limit: int) -> None:
    generator = np.random.default_rng(1)
    bases = generator.integers(0, 256, (40, 96))
    noise = generator.integers(-1, 2, (300, 96)) * generator.choice([0, 1, 2, 9], (300, 1))
    rows = np.clip(bases[generator.integers(0, 40, 300)] + noise, 0, 255).astype(np.uint8)
    expected = brute_force(rows, limit)
    assert as_dict(image_pairs(rows, limit)) == expected
    assert len(expected) > 20


def test_more_pairs_than_there_was_room_for() -> None:
    """All pairs of rows that are equal, more than the room that the search starts with."""
    pairs = image_pairs(np.full((600, 40), 7, dtype=np.uint8), 0)
    assert set(as_dict(pairs)) == set(itertools.combinations(range(600), 2))


@pytest.mark.parametrize("limit", [0.001, 0.01, 0.1, 0.5])
def test_profile_pairs_are_those_of_brute_force(limit: float) -> None:
    peaks = random_patterns(300, 2)
    rows = ENCODER.profiles(peaks.offsets, peaks.two_theta, peaks.intensity)
    expected = brute_force(rows, limit)
    found = as_dict(profile_pairs(peaks, ENCODER, limit))
    assert set(found) == set(expected)
    assert found == pytest.approx(expected, abs=1e-6)
    assert len(expected) > 20


def one_to_one(peaks: PeakArrays, i: int, j: int, position: float, intensity: float) -> bool:
    """Whether each peak has its like; only for peaks that are farther apart than the tolerance of positions."""
    sides = []
    for k in (i, j):
        here = slice(peaks.offsets[k], peaks.offsets[k + 1])
        heights = peaks.intensity[here].astype(np.float64)
        sides.append((peaks.two_theta[here], heights / heights.sum()))
    (angles, shares), (other_angles, other_shares) = sides
    least = intensity * max(shares.max(), other_shares.max())
    near = np.abs(angles[:, None] - other_angles) <= position
    differences = np.abs(np.where(near, other_shares, 0).sum(axis=1) - shares)
    lonely = other_shares[~near.any(axis=0)]
    return bool(differences.max() <= least and lonely.max(initial=0.0) <= least)


@pytest.mark.parametrize(
    ("position", "intensity"), [(0.001, 0.001), (0.001, 0.01), (0.01, 0.01), (0.05, 0.1), (0.1, 0.5)]
)
def test_peak_pairs_are_those_of_brute_force(position: float, intensity: float) -> None:
    peaks = random_patterns(300, 3)
    expected = {
        (i, j) for i, j in itertools.combinations(range(300), 2) if one_to_one(peaks, i, j, position, intensity)
    }
    assert set(as_dict(peak_pairs(peaks, position, intensity))) == expected
    assert len(expected) > 20


@pytest.mark.parametrize(
    ("angles", "heights", "alike"),
    [
        ([20.0, 50.0], [1.0, 0.5], True),
        ([20.0009, 49.9992], [1.0, 0.5], True),
        ([20.002, 50.0], [1.0, 0.5], False),
        ([20.0, 50.0], [1.0, 0.504], True),
        ([20.0, 50.0], [1.0, 0.53], False),
        # split within the tolerance, the strongest peak and another
        ([19.9995, 20.0005, 50.0], [1.0, 1.0, 1.0], True),
        ([20.0, 49.9994, 50.0004], [1.0, 0.2, 0.3], True),
        ([20.0, 50.0, 50.002], [1.0, 0.25, 0.25], False),
        # a peak too many, weak and strong, between the others and at the ends
        ([20.0, 35.0, 50.0], [1.0, 0.008, 0.5], True),
        ([20.0, 35.0, 50.0], [1.0, 0.03, 0.5], False),
        ([10.0, 20.0, 50.0], [0.03, 1.0, 0.5], False),
        ([20.0, 50.0, 80.0], [1.0, 0.5, 0.03], False),
        ([20.0], [1.0], False),
    ],
)
def test_what_counts_as_one_peak_list(angles: list[float], heights: list[float], alike: bool) -> None:
    """Against peaks of 1 and 0.5 at 20° and 50°, within 0.001° and 1 % of the strongest; from both sides."""
    reference = ([20.0, 50.0], [1.0, 0.5])
    for two in ([reference, (angles, heights)], [(angles, heights), reference]):
        assert (len(peak_pairs(peak_arrays(two), 0.001, 0.01).first) == 1) == alike


@given(
    st.lists(st.tuples(st.floats(0.1, 89.99), st.floats(0.01, 1.0)), min_size=1, max_size=20),
    st.sampled_from([0.001, 0.01, 0.1]),
    st.integers(0, 2**32 - 1),
)
def test_a_moved_and_split_list_is_found(pattern: list[tuple[float, float]], position: float, seed: int) -> None:
    """Wherever the peaks lie: all moved by less than the tolerance, every one split in two."""
    generator = np.random.default_rng(seed)
    angles, heights = (np.array(column) for column in zip(*sorted(pattern), strict=True))
    # far enough apart that no peak finds another's half
    angles += np.arange(len(angles)) * 5 * position
    halves = np.repeat(angles, 2) + generator.uniform(-0.95, 0.95, 2 * len(angles)) * position
    share = generator.uniform(0, 1, len(angles))
    parts = np.stack([heights * share, heights * (1 - share)], axis=1).ravel()
    order = np.argsort(halves)
    peaks = peak_arrays([(angles.tolist(), heights.tolist()), (halves[order].tolist(), parts[order].tolist())])
    assert len(peak_pairs(peaks, position, 1e-4).first) == 1
