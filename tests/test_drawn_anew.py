"""Images drawn anew in each epoch."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from xrdsym.diffraction.measured import scan_profile
from xrdsym.diffraction.peaks import simulate_peaks
from xrdsym.diffraction.peaks_table import write_peaks
from xrdsym.diffraction.scans import Scan
from xrdsym.diffraction.scattering import wavelength
from xrdsym.diffraction.strain import strained
from xrdsym.drawing import drawing_of
from xrdsym.drawn_anew import drawn_once, load_drawn_anew
from xrdsym.effects.compose import apply
from xrdsym.errors import XrdsymError
from xrdsym.inputs import LabelledImages, PeakImages, load_images
from xrdsym.learning.batches import Batches
from xrdsym.params import EffectsParams, Params, load_params
from xrdsym.structures import from_pymatgen, write_structures

if TYPE_CHECKING:
    from pathlib import Path

    from xrdsym.drawn_anew import DrawnAnew

SALT = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
RUTILE = Structure.from_spacegroup("P4_2/mnm", Lattice.tetragonal(4.6, 2.96), ["Ti", "O"], [[0, 0, 0], [0.3, 0.3, 0]])
STRUCTURES = [from_pymatgen(SALT, "salt"), from_pymatgen(RUTILE, "rutile"), from_pymatgen(SALT, "more salt")]


@pytest.fixture
def params(project_root: Path) -> Params:
    loaded = load_params(project_root / "params.yaml")
    return dataclasses.replace(
        loaded,
        effects=dataclasses.replace(loaded.effects, strain=0.05),
        images=dataclasses.replace(loaded.images, side=32),
        train=dataclasses.replace(loaded.train, input="peaks", seed=3),
    )


@pytest.fixture
def anew(tmp_path: Path, params: Params) -> DrawnAnew:
    write_structures(tmp_path / "structures.parquet", STRUCTURES)
    return load_drawn_anew(tmp_path / "structures.parquet", plain_images(tmp_path, params, ["rutile", "salt"]), params)


def plain_images(folder: Path, params: Params, names: list[str]) -> LabelledImages:
    length = wavelength("CuKa")
    write_peaks(folder / "peaks.parquet", [(one.material_id, simulate_peaks(one, length)) for one in STRUCTURES])
    source = PeakImages(folder / "peaks.parquet", names, drawing_of(params))
    return load_images(source, names, np.arange(len(names)), 10**6)[0]


def test_an_epoch_shows_the_same_each_time_and_the_next_one_something_else(anew: DrawnAnew) -> None:
    both = np.array([1, 0])
    first = anew.in_epoch(0).read(both)
    assert first.shape == (2, 32, 32, 3)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(anew.in_epoch(0).read(both[::-1])[::-1], first)
    for position in (0, 1):
        assert (anew.in_epoch(1).read(both)[position] != first[position]).any()
        assert (anew.plain.read(both)[position] != first[position]).any()


def test_materials_are_told_apart_by_their_place(anew: DrawnAnew) -> None:
    assert [one.material_id for one in anew.structures] == ["rutile", "salt"]
    assert [len(rotations) for rotations in anew.rotations] == [16, 48]
    np.testing.assert_array_equal(anew.in_epoch(4).labels, [0, 1])


def test_no_strain_draws_the_plain_images(anew: DrawnAnew) -> None:
    unstrained = dataclasses.replace(anew, effects=dataclasses.replace(anew.effects, strain=0.0))
    np.testing.assert_array_equal(unstrained.in_epoch(2).read(np.array([0, 1])), anew.plain.read(np.array([0, 1])))


def test_strain_alone_is_the_strained_structure(anew: DrawnAnew) -> None:
    rng = np.random.default_rng([anew.seed, 4, 1])
    peaks = simulate_peaks(strained(anew.structures[1], anew.rotations[1], 0.05, rng), wavelength("CuKa"))
    ends = np.array([0, len(peaks.two_theta)])
    expected = anew.drawing.profiles(ends, peaks.two_theta, peaks.intensity.astype(np.float32))
    np.testing.assert_array_equal(anew.profile(1, 4), expected[0])
    np.testing.assert_array_equal(anew.image(1, 4), anew.drawing.images(expected)[0])


def test_other_effects_need_no_symmetry(tmp_path: Path, params: Params) -> None:
    params = dataclasses.replace(params, effects=EffectsParams(noise=(0.01, 0.01)))
    write_structures(tmp_path / "structures.parquet", STRUCTURES)
    names = ["rutile", "salt"]
    noisy = load_drawn_anew(tmp_path / "structures.parquet", plain_images(tmp_path, params, names), params)
    assert noisy.rotations == (None, None)
    assert (noisy.in_epoch(0).read(np.array([1])) != noisy.plain.read(np.array([1]))).any()


def test_a_strained_pattern_without_a_peak_in_range_is_the_plain_one(anew: DrawnAnew) -> None:
    blind = dataclasses.replace(anew, setting=dataclasses.replace(anew.setting, two_theta_max=1.0))
    np.testing.assert_array_equal(blind.in_epoch(0).read(np.array([1])), anew.plain.read(np.array([1])))


def test_batches_show_an_epoch(anew: DrawnAnew) -> None:
    shown = anew.in_epoch(5)
    images, classes, _ = Batches(shown, np.array([1, 0]), 2, np.ones(2, np.float32))[0]
    np.testing.assert_array_equal(images, shown.read(np.array([1, 0])))
    assert classes.argmax(axis=1).tolist() == [1, 0]


def test_a_material_without_its_structure_is_told(tmp_path: Path, params: Params) -> None:
    write_structures(tmp_path / "structures.parquet", STRUCTURES[:1])
    with pytest.raises(XrdsymError, match=r"lacks 1 of the materials.*rutile.*\(strain\).*turn all effects off"):
        load_drawn_anew(tmp_path / "structures.parquet", plain_images(tmp_path, params, ["rutile", "salt"]), params)


def test_profiles_are_drawn_anew_too(tmp_path: Path, params: Params) -> None:
    params = dataclasses.replace(params, train=dataclasses.replace(params.train, model="oviedo"))
    write_structures(tmp_path / "structures.parquet", STRUCTURES)
    plain = plain_images(tmp_path, params, ["rutile", "salt"])
    anew = load_drawn_anew(tmp_path / "structures.parquet", plain, params)
    both = np.array([0, 1])
    first = anew.in_epoch(0).read(both)
    assert (first.shape, first.dtype) == ((2, 9001), np.float32)
    assert (first != plain.read(both)).any(axis=1).all()


def test_what_a_network_is_judged_by_is_drawn_once_and_is_no_epoch(anew: DrawnAnew) -> None:
    judged, both = drawn_once(anew), np.array([0, 1])
    assert judged.material_ids == anew.plain.material_ids
    np.testing.assert_array_equal(judged.labels, anew.plain.labels)
    np.testing.assert_array_equal(drawn_once(anew).read(both), judged.read(both))
    for other in (anew.plain, anew.in_epoch(0), anew.in_epoch(1)):
        assert (other.read(both) != judged.read(both)).any()


def test_what_a_network_is_judged_by_does_not_depend_on_what_stands_beside_it(anew: DrawnAnew) -> None:
    plain = LabelledImages(("salt",), np.array([1]), anew.plain.kept[1:], None)
    alone = dataclasses.replace(anew, plain=plain, structures=anew.structures[1:], rotations=anew.rotations[1:])
    np.testing.assert_array_equal(drawn_once(alone).kept[0], drawn_once(anew).kept[1])


def test_what_a_network_is_judged_by_is_plain_where_no_peak_is_left(anew: DrawnAnew) -> None:
    blind = dataclasses.replace(anew, setting=dataclasses.replace(anew.setting, two_theta_max=1.0))
    np.testing.assert_array_equal(drawn_once(blind).kept, anew.plain.kept)


def test_a_background_is_taken_away_as_from_a_measured_pattern(tmp_path: Path, params: Params) -> None:
    effects = EffectsParams(background=(0.3, 0.3))
    profile = dataclasses.replace(params.profile, two_theta_min=5.0, step=0.05, sigma=2.0, scale="linear")
    train = dataclasses.replace(params.train, model="oviedo")
    params = dataclasses.replace(params, train=train, effects=effects, profile=profile)
    write_structures(tmp_path / "structures.parquet", STRUCTURES)
    drawn = load_drawn_anew(tmp_path / "structures.parquet", plain_images(tmp_path, params, ["rutile", "salt"]), params)
    raw = apply(drawn.structures[1], None, effects, drawn.setting, np.random.default_rng([drawn.seed, 0, 1]))
    scan = Scan(drawn.setting.grid.positions, raw, wavelength("CuKa"))
    as_measured = scan_profile(scan, drawn.setting.grid, "linear", wavelength("CuKa"), wavelength("CuKa"))
    np.testing.assert_allclose(drawn.profile(1, 0), as_measured, atol=1e-6)
    assert np.median(raw / raw.max()) > 0.1
    assert np.median(as_measured) < 0.02
