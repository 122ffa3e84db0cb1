"""Images strained anew in each epoch."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from xrdsym.diffraction.peaks import simulate_peaks
from xrdsym.diffraction.peaks_table import write_peaks
from xrdsym.diffraction.scattering import wavelength
from xrdsym.drawing import drawing_of
from xrdsym.errors import XrdsymError
from xrdsym.inputs import Batches, LabelledImages, PeakImages, load_images
from xrdsym.params import Params, load_params
from xrdsym.strained_images import load_strainer
from xrdsym.structures import from_pymatgen, write_structures

if TYPE_CHECKING:
    from pathlib import Path

    from xrdsym.strained_images import Strainer

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
def strainer(tmp_path: Path, params: Params) -> Strainer:
    write_structures(tmp_path / "structures.parquet", STRUCTURES)
    return load_strainer(tmp_path / "structures.parquet", plain_images(tmp_path, params, ["rutile", "salt"]), params)


def plain_images(folder: Path, params: Params, names: list[str]) -> LabelledImages:
    length = wavelength("CuKa")
    write_peaks(folder / "peaks.parquet", [(one.material_id, simulate_peaks(one, length)) for one in STRUCTURES])
    source = PeakImages(folder / "peaks.parquet", names, drawing_of(params))
    return load_images(source, names, np.arange(len(names)), 10**6)[0]


def test_an_epoch_shows_the_same_each_time_and_the_next_one_something_else(strainer: Strainer) -> None:
    both = np.array([1, 0])
    first = strainer.in_epoch(0).read(both)
    assert first.shape == (2, 32, 32, 3)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(strainer.in_epoch(0).read(both[::-1])[::-1], first)
    for position in (0, 1):
        assert (strainer.in_epoch(1).read(both)[position] != first[position]).any()
        assert (strainer.plain.read(both)[position] != first[position]).any()


def test_materials_are_told_apart_by_their_place(strainer: Strainer) -> None:
    assert [one.material_id for one in strainer.structures] == ["rutile", "salt"]
    assert [len(rotations) for rotations in strainer.rotations] == [16, 48]
    np.testing.assert_array_equal(strainer.in_epoch(4).labels, [0, 1])


def test_no_strain_draws_the_plain_images(strainer: Strainer) -> None:
    unstrained = dataclasses.replace(strainer, largest=0.0)
    np.testing.assert_array_equal(unstrained.in_epoch(2).read(np.array([0, 1])), strainer.plain.read(np.array([0, 1])))


def test_a_strained_pattern_without_a_peak_in_range_is_the_plain_one(strainer: Strainer) -> None:
    blind = dataclasses.replace(strainer, two_theta_max=1.0)
    np.testing.assert_array_equal(blind.in_epoch(0).read(np.array([1])), strainer.plain.read(np.array([1])))


def test_batches_show_an_epoch(strainer: Strainer) -> None:
    shown = strainer.in_epoch(5)
    images, classes, _ = Batches(shown, np.array([1, 0]), 2, np.ones(2, np.float32))[0]
    np.testing.assert_array_equal(images, shown.read(np.array([1, 0])))
    assert classes.argmax(axis=1).tolist() == [1, 0]


def test_a_material_without_its_structure_is_told(tmp_path: Path, params: Params) -> None:
    write_structures(tmp_path / "structures.parquet", STRUCTURES[:1])
    with pytest.raises(XrdsymError, match=r"lacks 1 of the materials.*rutile.*effects\.strain: 0"):
        load_strainer(tmp_path / "structures.parquet", plain_images(tmp_path, params, ["rutile", "salt"]), params)


def test_profiles_are_strained_too(tmp_path: Path, params: Params) -> None:
    params = dataclasses.replace(params, train=dataclasses.replace(params.train, model="oviedo"))
    write_structures(tmp_path / "structures.parquet", STRUCTURES)
    plain = plain_images(tmp_path, params, ["rutile", "salt"])
    strainer = load_strainer(tmp_path / "structures.parquet", plain, params)
    both = np.array([0, 1])
    first = strainer.in_epoch(0).read(both)
    assert (first.shape, first.dtype) == ((2, 9001), np.float32)
    assert (first != plain.read(both)).any(axis=1).all()
    unstrained = dataclasses.replace(strainer, largest=0.0)
    # the table of peaks rounds; pixels do not show it
    np.testing.assert_allclose(unstrained.in_epoch(0).read(both), plain.read(both), atol=1e-6)
