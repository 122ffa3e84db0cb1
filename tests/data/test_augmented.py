"""Datasets with other effects in each epoch."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from params_of import preset_params
from xrdsym.augmentation.compose import apply
from xrdsym.augmentation.parameters import EffectsParams
from xrdsym.augmentation.strain import strained
from xrdsym.common.errors import XrdsymError
from xrdsym.config.schema import Params
from xrdsym.crystal.structure_table import from_pymatgen, write_structures
from xrdsym.data.augmented import evaluation_inputs, evaluation_profiles, load_augmented, structure_profiles
from xrdsym.data.datasets import EncodedPeaks, LabelledInputs, load_inputs
from xrdsym.diffraction.peaks import simulate_peaks
from xrdsym.diffraction.peaks_table import write_peaks
from xrdsym.diffraction.scattering import wavelength
from xrdsym.encoding.encoder import encoder_of
from xrdsym.encoding.profile import scan_profile
from xrdsym.encoding.recipe import recipe_of
from xrdsym.measured.scan import Scan
from xrdsym.training.batches import Batches

if TYPE_CHECKING:
    from pathlib import Path

    from xrdsym.data.augmented import AugmentedDataset

SALT = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
RUTILE = Structure.from_spacegroup("P4_2/mnm", Lattice.tetragonal(4.6, 2.96), ["Ti", "O"], [[0, 0, 0], [0.3, 0.3, 0]])
STRUCTURES = [from_pymatgen(SALT, "salt"), from_pymatgen(RUTILE, "rutile"), from_pymatgen(SALT, "more_salt")]


@pytest.fixture
def params() -> Params:
    loaded = preset_params()
    return dataclasses.replace(
        loaded,
        effects=dataclasses.replace(loaded.effects, strain=0.05),
        images=dataclasses.replace(loaded.images, side=32),
        train=dataclasses.replace(loaded.train, input="peaks", seed=3),
    )


@pytest.fixture
def augmented(tmp_path: Path, params: Params) -> AugmentedDataset:
    write_structures(tmp_path / "structures.parquet", STRUCTURES)
    return load_augmented(tmp_path / "structures.parquet", plain_images(tmp_path, params, ["rutile", "salt"]), params)


def plain_images(folder: Path, params: Params, names: list[str]) -> LabelledInputs:
    length = wavelength("CuKa")
    write_peaks(folder / "peaks.parquet", [(one.material_id, simulate_peaks(one, length)) for one in STRUCTURES])
    source = EncodedPeaks(folder / "peaks.parquet", names, encoder_of(params))
    return load_inputs(source, names, np.arange(len(names)), 10**6)[0]


def test_an_epoch_shows_the_same_each_time_and_the_next_one_something_else(augmented: AugmentedDataset) -> None:
    both = np.array([1, 0])
    first = augmented.in_epoch(0).read(both)
    assert first.shape == (2, 32, 32, 3)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(augmented.in_epoch(0).read(both[::-1])[::-1], first)
    for position in (0, 1):
        assert (augmented.in_epoch(1).read(both)[position] != first[position]).any()
        assert (augmented.plain.read(both)[position] != first[position]).any()


def test_structures_follow_the_order_of_the_inputs(augmented: AugmentedDataset) -> None:
    assert [one.material_id for one in augmented.structures] == ["rutile", "salt"]
    assert [len(rotations) for rotations in augmented.rotations] == [16, 48]
    np.testing.assert_array_equal(augmented.in_epoch(4).labels, [0, 1])


def test_no_strain_gives_the_plain_images(augmented: AugmentedDataset) -> None:
    unstrained = dataclasses.replace(augmented, effects=dataclasses.replace(augmented.effects, strain=0.0))
    np.testing.assert_array_equal(unstrained.in_epoch(2).read(np.array([0, 1])), augmented.plain.read(np.array([0, 1])))


def test_strain_alone_is_the_strained_structure(augmented: AugmentedDataset) -> None:
    rng = np.random.default_rng([augmented.seed, 4, 1])
    peaks = simulate_peaks(strained(augmented.structures[1], augmented.rotations[1], 0.05, rng), wavelength("CuKa"))
    ends = np.array([0, len(peaks.two_theta)])
    expected = augmented.encoder.profiles(ends, peaks.two_theta, peaks.intensity.astype(np.float32))
    np.testing.assert_array_equal(augmented.profile(1, 4), expected[0])
    np.testing.assert_array_equal(augmented.input(1, 4), augmented.encoder.images(expected)[0])


def test_other_effects_need_no_symmetry(tmp_path: Path, params: Params) -> None:
    params = dataclasses.replace(params, effects=EffectsParams(noise=(0.01, 0.01)))
    write_structures(tmp_path / "structures.parquet", STRUCTURES)
    names = ["rutile", "salt"]
    noisy = load_augmented(tmp_path / "structures.parquet", plain_images(tmp_path, params, names), params)
    assert noisy.rotations == (None, None)
    assert (noisy.in_epoch(0).read(np.array([1])) != noisy.plain.read(np.array([1]))).any()


def test_a_strained_pattern_without_a_peak_in_range_is_the_plain_one(augmented: AugmentedDataset) -> None:
    blind = dataclasses.replace(augmented, setting=dataclasses.replace(augmented.setting, two_theta_max=1.0))
    np.testing.assert_array_equal(blind.in_epoch(0).read(np.array([1])), augmented.plain.read(np.array([1])))


def test_batches_show_an_epoch(augmented: AugmentedDataset) -> None:
    shown = augmented.in_epoch(5)
    images, classes, _ = Batches(shown, np.array([1, 0]), 2, np.ones(2, np.float32))[0]
    np.testing.assert_array_equal(images, shown.read(np.array([1, 0])))
    assert classes.argmax(axis=1).tolist() == [1, 0]


def test_a_material_without_its_structure_is_named(tmp_path: Path, params: Params) -> None:
    write_structures(tmp_path / "structures.parquet", STRUCTURES[:1])
    with pytest.raises(XrdsymError, match=r"lacks 1 of the materials.*rutile.*\(strain\).*turn all effects off"):
        load_augmented(tmp_path / "structures.parquet", plain_images(tmp_path, params, ["rutile", "salt"]), params)


def test_profiles_change_with_the_epoch_too(tmp_path: Path, params: Params) -> None:
    params = dataclasses.replace(params, train=dataclasses.replace(params.train, model="oviedo"))
    write_structures(tmp_path / "structures.parquet", STRUCTURES)
    plain = plain_images(tmp_path, params, ["rutile", "salt"])
    augmented = load_augmented(tmp_path / "structures.parquet", plain, params)
    both = np.array([0, 1])
    first = augmented.in_epoch(0).read(both)
    assert (first.shape, first.dtype) == ((2, 9001), np.float32)
    assert (first != plain.read(both)).any(axis=1).all()


def test_evaluation_inputs_are_always_the_same_and_of_no_epoch(augmented: AugmentedDataset) -> None:
    evaluated, both = evaluation_inputs(augmented), np.array([0, 1])
    assert evaluated.material_ids == augmented.plain.material_ids
    np.testing.assert_array_equal(evaluated.labels, augmented.plain.labels)
    np.testing.assert_array_equal(evaluation_inputs(augmented).read(both), evaluated.read(both))
    for other in (augmented.plain, augmented.in_epoch(0), augmented.in_epoch(1)):
        assert (other.read(both) != evaluated.read(both)).any()


def test_evaluation_inputs_do_not_depend_on_the_other_materials(augmented: AugmentedDataset) -> None:
    plain = LabelledInputs(("salt",), np.array([1]), augmented.plain.kept[1:], None)
    alone = dataclasses.replace(
        augmented, plain=plain, structures=augmented.structures[1:], rotations=augmented.rotations[1:]
    )
    np.testing.assert_array_equal(evaluation_inputs(alone).kept[0], evaluation_inputs(augmented).kept[1])


def test_evaluation_inputs_are_plain_where_no_peak_is_left(augmented: AugmentedDataset) -> None:
    blind = dataclasses.replace(augmented, setting=dataclasses.replace(augmented.setting, two_theta_max=1.0))
    np.testing.assert_array_equal(evaluation_inputs(blind).kept, augmented.plain.kept)


def test_a_background_is_taken_away_as_from_a_measured_pattern(tmp_path: Path, params: Params) -> None:
    effects = EffectsParams(background=(0.3, 0.3))
    profile = dataclasses.replace(params.profile, two_theta_min=5.0, step=0.05, sigma=2.0, scale="linear")
    train = dataclasses.replace(params.train, model="oviedo")
    params = dataclasses.replace(params, train=train, effects=effects, profile=profile)
    write_structures(tmp_path / "structures.parquet", STRUCTURES)
    drawn = load_augmented(tmp_path / "structures.parquet", plain_images(tmp_path, params, ["rutile", "salt"]), params)
    raw = apply(drawn.structures[1], None, effects, drawn.setting, np.random.default_rng([drawn.seed, 0, 1]))
    scan = Scan(drawn.setting.grid.positions, raw, wavelength("CuKa"))
    as_measured = scan_profile(scan, drawn.setting.grid, "linear", wavelength("CuKa"), wavelength("CuKa"))
    np.testing.assert_allclose(drawn.profile(1, 0), as_measured, atol=1e-6)
    assert np.median(raw / raw.max()) > 0.1
    assert np.median(as_measured) < 0.02


def test_structures_of_no_table_have_the_evaluation_profiles_of_the_dataset(
    augmented: AugmentedDataset, params: Params
) -> None:
    recipe = recipe_of(params, {}, {}, ("a", "b"))
    rutile, salt = structure_profiles(list(augmented.structures), recipe)
    np.testing.assert_array_equal(evaluation_profiles(augmented), [rutile, salt])
