"""The effects together, and the picture of them."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from params_of import preset_content, preset_params
from xrdsym.augmentation.compose import apply
from xrdsym.augmentation.effects import EFFECTS
from xrdsym.augmentation.parameters import DEFAULT_RANGES, EffectsParams
from xrdsym.augmentation.setting import Setting
from xrdsym.cli.main import main
from xrdsym.common.errors import UsageError
from xrdsym.config.params_file import params_from
from xrdsym.crystal.labels import with_rotations
from xrdsym.crystal.structure_table import from_pymatgen
from xrdsym.diffraction.peaks import simulate_peaks
from xrdsym.diffraction.profile_grid import ProfileGrid
from xrdsym.encoding.profile import profiles

RUTILE = Structure.from_spacegroup("P4_2/mnm", Lattice.tetragonal(4.6, 2.96), ["Ti", "O"], [[0, 0, 0], [0.3, 0.3, 0]])
ROW = from_pymatgen(RUTILE, "rutile")
GRIDS = {
    "two_theta": ProfileGrid(5.0, 90.0, 0.01),
    "ln_q": ProfileGrid(5.0, 90.0, 0.02, "ln_q"),
    "ln_q_ratio": ProfileGrid(5.0, 90.0, 0.02, "ln_q_ratio"),
}
ROTATIONS = with_rotations([ROW], 0.01, 5.0)[0][1]


def one_effect(name: str, value: object = None) -> EffectsParams:
    return dataclasses.replace(EffectsParams(), **{name: getattr(DEFAULT_RANGES, name) if value is None else value})


def drawn(effects: EffectsParams, axis: str = "two_theta", seed: int = 0, sigma: float = 5.0) -> np.ndarray:
    setting = Setting("CuKa", 90.0, GRIDS[axis], sigma)
    return apply(ROW, ROTATIONS, effects, setting, np.random.default_rng(seed))


@pytest.mark.parametrize("axis", GRIDS)
def test_no_effect_is_the_plain_profile(axis: str) -> None:
    peaks = simulate_peaks(ROW, 1.54184)
    plain = profiles(np.array([0, len(peaks.two_theta)]), peaks.two_theta, peaks.intensity, GRIDS[axis], 5.0, "linear")
    np.testing.assert_array_equal(drawn(EffectsParams(), axis).astype(np.float32), plain[0])


@pytest.mark.parametrize("axis", GRIDS)
@pytest.mark.parametrize("name", [*DEFAULT_RANGES.on, "all"])
def test_an_effect_changes_the_pattern_and_a_seed_gives_it_again(name: str, axis: str) -> None:
    effects = DEFAULT_RANGES if name == "all" else one_effect(name)
    values = drawn(effects, axis)
    assert np.isfinite(values).all()
    assert values.min() >= 0
    np.testing.assert_array_equal(drawn(effects, axis), values)
    assert np.abs(values - drawn(EffectsParams(), axis)).max() > 1e-5


@pytest.mark.parametrize(
    ("name", "nothing"),
    [
        ("debye_waller", (0.0, 0.0)),
        ("preferred_orientation", (1.0, 1.0)),
        ("peak_scaling", (1.0, 1.0)),
        ("zero_shift", (0.0, 0.0)),
        ("displacement", (0.0, 0.0)),
        ("background", (0.0, 0.0)),
        ("amorphous", (0.0, 0.0)),
    ],
)
def test_an_effect_of_no_size_is_none(name: str, nothing: tuple[float, float]) -> None:
    np.testing.assert_allclose(drawn(one_effect(name, nothing)), drawn(EffectsParams()), atol=1e-6)


@pytest.mark.parametrize(("name", "nothing"), [("microstrain", (0.0, 0.0)), ("crystallite_size", (1e6, 1e6))])
def test_without_broadening_peaks_have_the_width_of_sigma(name: str, nothing: tuple[float, float]) -> None:
    # peaks are drawn where they are and not at the nearest point: half a point of σ = 20 points is 1.5 %
    np.testing.assert_allclose(
        drawn(one_effect(name, nothing), sigma=20.0), drawn(EffectsParams(), sigma=20.0), atol=0.02
    )


@pytest.mark.parametrize("shift", [-0.4, 0.25])
def test_a_zero_shift_moves_the_whole_pattern(shift: float) -> None:
    moved, plain = drawn(one_effect("zero_shift", (shift, shift))), drawn(EffectsParams())
    points = round(shift / 0.01)
    inside = slice(100, -100)
    np.testing.assert_allclose(np.roll(moved, -points)[inside], plain[inside], atol=0.08)
    assert np.corrcoef(np.roll(moved, -points)[inside], plain[inside])[0, 1] > 0.99


def test_without_any_peak_there_is_nothing_to_see() -> None:
    assert not drawn(dataclasses.replace(DEFAULT_RANGES, peak_elimination=1.0)).any()


def test_params_yaml_names_the_usual_ranges_and_turns_all_off(project_root: Path) -> None:
    text = (project_root / "params.yaml").read_text()
    named = dict(re.findall(r"^  (\w+): .*usual: (.*)$", text, re.MULTILINE))
    assert named == {name: json.dumps(getattr(DEFAULT_RANGES, name)) for name in DEFAULT_RANGES.on}
    assert preset_params().effects == EffectsParams()
    assert set(DEFAULT_RANGES.on) == set(EFFECTS)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("counts", [10, 1], "no range"),
        ("counts", [0, 10], "expected 1 to"),
        ("counts", 5, "expected a list of 2"),
        ("caglioti", [[0, 1], [1, 0], [0, 1]], r"\[1.0, 0.0\] is no range"),
        ("caglioti", [[0, 1], [0, 1]], "expected a list of 3"),
        ("noise", [0.1, "x"], "expected a number"),
        ("zero_shift", [0.0, 0.1], "train.input: auto, or effects.zero_shift: null"),
        ("strain", 0.1, "train.input: auto, or effects.strain: 0.0"),
    ],
)
def test_wrong_effects_are_reported(key: str, value: object, told: str) -> None:
    content = preset_content()
    content["effects"][key] = value
    content["train"]["input"] = "images"
    with pytest.raises(UsageError, match=told):
        params_from(content)


def test_a_doublet_needs_a_kalpha_line() -> None:
    content = preset_content()
    content["effects"]["kalpha2"] = True
    assert params_from(content).effects.on == ("kalpha2",)
    content["peaks"]["radiation"] = 1.54184
    with pytest.raises(UsageError, match="no Kα line"):
        params_from(content)


def test_the_command_draws_all_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image

    file, picture = tmp_path / "POSCAR", tmp_path / "pictures" / "effects.png"
    RUTILE.to(str(file), fmt="poscar")
    pictures = []
    for seed in ("0", "0", "5"):
        assert main(["effects", "show", str(file), "--seed", seed, "--output", str(picture)]) == 0
        assert capsys.readouterr().out.strip() == str(picture)
        pictures.append(np.asarray(Image.open(picture)))
    np.testing.assert_array_equal(pictures[0], pictures[1])
    assert (pictures[0] != pictures[2]).any()
    assert pictures[0].shape[0] > 800


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["show"], "FILE"),
        (["show", "x.cif", "--seed", "-1"], "a whole number, 0 or more, received '-1'"),
        (["draw", "x.cif"], "draw"),
    ],
)
def test_a_wrong_call_is_exit_2(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["effects", *words]) == 2
    assert told in capsys.readouterr().err


def test_a_file_that_is_no_structure_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.cif").write_text("nothing")
    assert main(["effects", "show", str(tmp_path / "x.cif")]) == 1
    assert "x.cif" in capsys.readouterr().err
