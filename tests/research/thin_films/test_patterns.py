from __future__ import annotations

import numpy as np
import pytest

from made_films import made_films, made_structures
from research.thin_films.measured import CLASSES, GRID
from research.thin_films.patterns import LARGEST_SHIFT, augmented, plain_patterns, simulated_patterns


def test_a_changed_film_has_peaks_of_the_film_at_one_shift_and_lacks_some() -> None:
    (profile,) = made_films(1, 0, telling=True).profiles
    there = profile > 0
    lacking = 0
    for seed in range(20):
        found = augmented(profile, np.random.default_rng(seed)) > 0
        shifts = [
            shift for shift in range(-LARGEST_SHIFT, LARGEST_SHIFT + 1) if not (found & ~np.roll(there, shift)).any()
        ]
        assert shifts
        lacking += found.sum() < there.sum()
    assert lacking == 20


def test_changed_films_are_normalised_and_shifted_both_ways() -> None:
    profile = np.zeros(GRID.points, dtype=np.float32)
    profile[400:420] = 1
    rows = [augmented(profile, np.random.default_rng(seed)) for seed in range(50)]
    assert {float(row.max()) for row in rows} == {1.0}
    middles = [np.flatnonzero(row).mean() for row in rows]
    assert min(middles) < 400
    assert max(middles) > 419


def test_simulated_patterns_are_of_all_classes_and_repeat_with_their_seed() -> None:
    structures = made_structures()
    one, again, other = (simulated_patterns(structures, 60, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.profiles, again.profiles)
    assert not np.array_equal(one.profiles, other.profiles)
    assert set(one.labels.tolist()) == set(range(len(CLASSES)))


def test_a_plain_pattern_has_its_peaks_where_bragg_has_them() -> None:
    plain = plain_patterns(made_structures())
    assert plain.labels.tolist() == list(range(len(CLASSES)))
    for number, profile in enumerate(plain.profiles):
        sine = 1.54184 / (2 * (5.0 + 0.4 * number))
        angles = [np.degrees(2 * np.arcsin(sine * np.sqrt(n))) for n in (1, 2, 3, 4, 5, 6, 8, 9)]
        assert min(abs(GRID.positions[profile.argmax()] - angle) for angle in angles) < 0.05
        assert profile.max() == pytest.approx(1)
