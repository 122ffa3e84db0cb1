"""All ways to a model's input end in the same vectors."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xrdsym.common.errors import MaterialError, UsageError
from xrdsym.config.params_file import load_params
from xrdsym.config.schema import Params
from xrdsym.crystal.structure_table import CrystalStructure
from xrdsym.diffraction.peaks import simulate_peaks
from xrdsym.diffraction.scattering import wavelength
from xrdsym.encoding.encoder import check_encoding, encoder_of
from xrdsym.encoding.features import feature_names
from xrdsym.encoding.images import ImageSpec, Renderer
from xrdsym.encoding.profile import profile
from xrdsym.encoding.recipe import recipe_of
from xrdsym.measured.scan import Scan

CSCL = CrystalStructure(
    material_id="CsCl",
    formula="CsCl",
    lattice=np.eye(3) * 4.12,
    numbers=np.array([55, 17], dtype=np.int16),
    frac_coords=np.array([[0.0, 0.0, 0.0], [0.5, 0.5, 0.5]]),
)
PEAKS = simulate_peaks(CSCL, wavelength("MoKa"), (0.0, 60.0))
ENDS = np.array([0, len(PEAKS.two_theta)])


@pytest.fixture(scope="module")
def params(project_root: Path) -> Params:
    read = load_params(project_root / "presets" / "embedded.yaml")
    return dataclasses.replace(
        read,
        peaks=dataclasses.replace(read.peaks, radiation="MoKa", two_theta_max=60.0),
        profile=dataclasses.replace(
            read.profile, two_theta_min=5.0, two_theta_max=45.0, step=0.05, sigma=2.0, scale="sqrt", axis="two_theta"
        ),
        images=dataclasses.replace(read.images, side=32),
    )


def of_model(params: Params, name: str) -> Params:
    return dataclasses.replace(params, train=dataclasses.replace(params.train, model=name, input="peaks"))


def with_profile(params: Params, **changes: Any) -> Params:  # noqa: ANN401
    return dataclasses.replace(params, profile=dataclasses.replace(params.profile, **changes))


def test_structures_and_their_peaks_have_one_profile(params: Params) -> None:
    expected = profile(PEAKS, params.profile.grid, 2.0, "sqrt")
    encoder = encoder_of(of_model(params, "oviedo"))
    (vector,) = encoder.from_structures([CSCL])
    np.testing.assert_array_equal(vector, expected)
    np.testing.assert_array_equal(encoder.from_peaks(ENDS, PEAKS.two_theta, PEAKS.intensity)[0], expected)
    assert (encoder.shape, encoder.dtype) == ((801,), np.float32)
    np.testing.assert_array_equal(encoder.inputs(expected[None]), expected[None])


def test_a_recipe_gives_the_encoder_of_its_parameters(params: Params) -> None:
    for name in ("mobilenetv2", "oviedo", "boosted_trees"):
        named = of_model(params, name)
        one, other = encoder_of(named), encoder_of(recipe_of(named, {}, {}, ("a", "b")))
        vectors = [encoder.from_structures([CSCL])[0] for encoder in (one, other)]
        np.testing.assert_array_equal(*vectors)
        np.testing.assert_array_equal(one.inputs(vectors[0][None]), other.inputs(vectors[0][None]))


def test_images_are_rendered_from_the_profile(params: Params) -> None:
    images = params.images
    encoder = encoder_of(of_model(params, "mobilenetv2"))
    (vector,) = encoder.from_structures([CSCL])
    renderer = Renderer(ImageSpec(images.layout, images.downsampling, 32, images.colormap), 801)
    pixels = encoder.inputs(vector[None])
    np.testing.assert_array_equal(pixels, renderer.render(vector[None]))
    assert (encoder.shape, encoder.dtype) == (pixels.shape[1:], pixels.dtype)


def test_features_are_of_all_peaks_whatever_the_range(params: Params) -> None:
    narrow = with_profile(of_model(params, "boosted_trees"), two_theta_max=6.0)
    encoder = encoder_of(narrow)
    (vector,) = encoder.from_structures([CSCL])
    assert encoder.shape == (len(feature_names()),) == vector.shape
    np.testing.assert_array_equal(vector, encoder_of(of_model(params, "boosted_trees")).from_structures([CSCL])[0])


def test_a_structure_without_a_vector_says_why_and_the_others_keep_theirs(params: Params) -> None:
    flat = dataclasses.replace(CSCL, material_id="flat", lattice=np.diag([4.0, 4.0, 0.0]))
    encoder = encoder_of(of_model(params, "oviedo"))
    failed, vector = encoder.from_structures([flat, CSCL])
    assert isinstance(failed, MaterialError)
    assert failed.reason == "zero_volume"
    assert not isinstance(vector, MaterialError)
    (failed,) = encoder_of(with_profile(of_model(params, "oviedo"), two_theta_max=6.0)).from_structures([CSCL])
    assert isinstance(failed, MaterialError)
    assert failed.reason == "no_reflection_in_range"
    assert "no peak from 5 to 6 degrees" in str(failed)


def test_a_scan_at_another_wavelength_has_the_profile_of_the_structure(params: Params) -> None:
    encoder = encoder_of(of_model(params, "oviedo"))
    angles = np.arange(5.0, 130.0, 0.02)
    peaks = simulate_peaks(CSCL, wavelength("CuKa"), (0.0, 130.0))
    counts = np.full(len(angles), 10.0)
    for angle, intensity in zip(peaks.two_theta, peaks.intensity, strict=True):
        counts += 1000 * intensity * np.exp(-0.5 * ((angles - angle) / 0.2) ** 2)
    vector = encoder.from_scan(Scan(angles, counts, wavelength("CuKa")))
    (simulated,) = encoder.from_structures([CSCL])
    assert np.corrcoef(vector, simulated)[0, 1] > 0.9
    with pytest.raises(MaterialError, match="wavelength of the scan is unknown") as caught:
        encoder.from_scan(Scan(angles, counts, None))
    assert caught.value.reason == "no_wavelength"


def test_augmented_intensities_are_normalised_and_lose_their_background(params: Params) -> None:
    encoder = encoder_of(with_profile(of_model(params, "oviedo"), axis="q"))
    grid = encoder.simulation_grid(as_scan=True)
    assert (grid.axis, encoder.simulation_grid(as_scan=False)) == ("two_theta", encoder.grid)
    angles = grid.positions
    peak = 900 * np.exp(-0.5 * ((angles - 25) / 0.1) ** 2)
    plain = encoder.from_intensities(peak, as_scan=False)
    np.testing.assert_allclose(plain, np.sqrt(peak / peak.max()), atol=1e-6)
    cleaned = encoder.from_intensities(peak + 100, as_scan=True)
    assert cleaned.max() == 1
    assert abs(encoder.grid.positions[cleaned.argmax()] - 25) < 0.1
    assert np.median(cleaned) < 0.05
    assert not encoder.from_intensities(np.zeros(len(angles)), as_scan=False).any()


def test_scans_are_refused_where_the_input_cannot_be_made_of_them(params: Params) -> None:
    scan = Scan(np.linspace(5, 80, 400), np.ones(400), wavelength("CuKa"))
    features = encoder_of(of_model(params, "boosted_trees"))
    ratio = encoder_of(with_profile(of_model(params, "oviedo"), axis="ln_q_ratio"))
    for encoder, reason, words in ((features, "no_lines", r"resolved at 0\.01°"), (ratio, "no_first_peak", "ln_q_rat")):
        assert encoder.refusal("ideal") is None
        with pytest.raises(MaterialError, match=words) as caught:
            encoder.from_scan(scan)
        assert caught.value.reason == reason == encoder.refusal("measured").reason
    assert encoder_of(of_model(params, "oviedo")).refusal("measured") is None
    assert features.missing_angles(scan) == ""
    assert encoder_of(of_model(params, "oviedo")).missing_angles(scan) == "34.47 to 45° (MoKa)"


def test_what_cannot_be_encoded_is_refused_at_once(params: Params) -> None:
    check_encoding(params.profile, params.images)
    with pytest.raises(UsageError, match="whole number"):
        check_encoding(dataclasses.replace(params.profile, step=0.03), params.images)
    with pytest.raises(UsageError, match="colormap"):
        check_encoding(params.profile, dataclasses.replace(params.images, colormap="virids"))
