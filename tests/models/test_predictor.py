from __future__ import annotations

import shutil
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from params_of import write_params
from tiny_model import SIDE, save_tiny_model, tiny_recipe
from xrdsym.common.errors import MaterialError, UsageError, XrdsymError
from xrdsym.crystal.structure_table import CrystalStructure, to_pymatgen
from xrdsym.diffraction.peaks import simulate_peaks
from xrdsym.diffraction.profile_grid import ProfileGrid
from xrdsym.diffraction.scattering import wavelength
from xrdsym.encoding.images import ImageSpec, Renderer
from xrdsym.encoding.profile import profile
from xrdsym.measured.scan import Scan
from xrdsym.models.predictor import load_model

if TYPE_CHECKING:
    from pathlib import Path

# Keras 3 hands TensorFlow's variables to NumPy 2 in an old way
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def rocksalt(edge: float = 5.64, elements: tuple[int, int] = (11, 17)) -> CrystalStructure:
    corners = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    return CrystalStructure(
        material_id=f"rocksalt-{edge}",
        formula="NaCl",
        lattice=np.eye(3) * edge,
        numbers=np.repeat(np.array(elements, dtype=np.int16), 4),
        frac_coords=np.concatenate([corners, (corners + 0.5) % 1]),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("models") / "tiny", tiny_recipe())


def test_a_structure_becomes_the_image_that_the_recipe_says_and_is_answered_by_the_network(
    tmp_path: Path,
) -> None:
    recipe = tiny_recipe(
        peaks={"radiation": "MoKa", "two_theta_max": 60.0},
        profile={"two_theta_min": 5.0, "two_theta_max": 45.0, "step": 0.05, "sigma": 2.0, "scale": "sqrt"},
        images={"layout": "raster", "downsampling": "mean", "side": SIDE, "colormap": "magma"},
    )
    model = load_model(save_tiny_model(tmp_path, recipe))
    import keras

    grid = ProfileGrid(5.0, 45.0, 0.05)
    vector = profile(simulate_peaks(rocksalt(), wavelength("MoKa"), (0.0, 60.0)), grid, 2.0, "sqrt")
    pixels = Renderer(ImageSpec("raster", "mean", SIDE, "magma"), grid.points).render(vector[None])
    expected = keras.saving.load_model(tmp_path / "model.keras").predict(pixels, verbose=0)[0]

    answer = model.predict([rocksalt()])[0]
    np.testing.assert_allclose(list(answer.probabilities.values()), expected, rtol=1e-5)
    assert answer.crystal_system == recipe.classes[int(expected.argmax())]


@pytest.mark.parametrize("patterns", [["scan.xy"], "scan.xy", [np.zeros((2, 100))], [(1, 2)]])
def test_what_is_no_pattern_is_reported(folder: Path, patterns: list[Any]) -> None:
    with pytest.raises(UsageError, match=r"received (str|ndarray|tuple): read a file with"):
        load_model(folder).predict(patterns)


def test_answers_do_not_depend_on_what_is_asked_together(folder: Path) -> None:
    model = load_model(folder)
    grid = ProfileGrid(0.0, 90.0, 0.01)
    counts = 900.0 * profile(simulate_peaks(rocksalt(), wavelength("CuKa")), grid, 5.0, "linear")
    scan = Scan(grid.positions, counts.astype(np.float64), wavelength("CuKa"))
    patterns = [rocksalt(edge) for edge in (4.2, 5.0, 6.1)] + [scan, to_pymatgen(rocksalt(5.3)), rocksalt(4.7)]
    together = model.predict(patterns)
    assert [answer.crystal_system for answer in together] == [model.predict([p])[0].crystal_system for p in patterns]
    for answer in together:
        assert list(answer.probabilities) == list(model.recipe.classes)
        assert sum(answer.probabilities.values()) == pytest.approx(1, abs=1e-5)
    # the answers differ, or the comparison above would say nothing
    assert len({tuple(answer.probabilities.values()) for answer in together}) == len(patterns)
    assert model.predict([]) == []


def test_a_pymatgen_structure_is_answered_like_its_row(folder: Path) -> None:
    model = load_model(folder)
    one, other = model.predict([rocksalt(), to_pymatgen(rocksalt())])
    assert one.probabilities == pytest.approx(other.probabilities)


def test_a_pattern_measured_at_another_wavelength_is_answered_through_d(folder: Path) -> None:
    model = load_model(folder)
    grid = ProfileGrid(0.0, 90.0, 0.01)
    narrow = ProfileGrid(0.0, 40.0, 0.004)
    scans = []
    for radiation, here, sigma in (("CuKa", grid, 5.0), ("MoKa", narrow, 5.0)):
        vector = profile(simulate_peaks(rocksalt(), wavelength(radiation)), here, sigma, "linear")
        scans.append(Scan(here.positions, vector.astype(np.float64), wavelength(radiation)))
    at_cu, at_mo = model.encode(scans)
    wrong = model.encode([replace(scans[1], wavelength=wavelength("CuKa"))])[0]
    # peaks are a little wider after the conversion, but stand at the same places
    assert np.corrcoef(at_cu, at_mo)[0, 1] > 0.95
    assert np.corrcoef(at_cu, wrong)[0, 1] < 0.5


@pytest.mark.parametrize(
    ("radiation", "ends", "missing"),
    [
        ("CuKa", (0.5, 89.5), ""),
        ("CuKa", (20.0, 60.0), "0 to 20° and 60 to 90° (CuKa)"),
        ("CuKa", (0.0, 45.5), "45.5 to 90° (CuKa)"),
        ("MoKa", (0.0, 30.0), "68.32 to 90° (CuKa)"),
        ("MoKa", (0.0, 150.0), ""),
        ("CuKa", (95.0, 120.0), "0 to 90° (CuKa)"),
    ],
)
def test_a_pattern_shorter_than_the_range_says_which_angles_are_missing(
    folder: Path, radiation: str, ends: tuple[float, float], missing: str
) -> None:
    scan = Scan(np.linspace(*ends, 400), np.ones(400), wavelength(radiation))
    assert load_model(folder).encoder.missing_angles(scan) == missing


def test_what_cannot_be_used_says_why_and_leaves_the_others_their_answers(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = load_model(folder)
    flat = replace(rocksalt(), material_id="flat", lattice=np.diag([4.0, 4.0, 0.0]))
    beyond = Scan(np.linspace(100, 140, 400), np.ones(400), 1.54)
    untold = Scan(np.linspace(10, 80, 400), np.ones(400), None)
    profiles = model.encode([flat, rocksalt(), beyond, untold])
    assert [one.reason for one in profiles if isinstance(one, MaterialError)] == [
        "zero_volume",
        "no_intensity_in_range",
        "no_wavelength",
    ]
    assert not isinstance(profiles[1], MaterialError)
    first, none, last = model.predict([rocksalt(), flat, rocksalt(5.7)])
    assert first.crystal_system == model.predict([rocksalt()])[0].crystal_system
    assert last.crystal_system is not None
    assert none.crystal_system is none.probabilities is None
    assert isinstance(none.error, MaterialError)
    assert "pattern 1 of 3 has no prediction: flat" in caplog.text
    # nothing else would tell
    for patterns in ([flat], [flat, untold]):
        with pytest.raises(MaterialError, match="flat"):
            model.predict(patterns)
    with pytest.raises(MaterialError, match="flat"):
        model.predict_proba([rocksalt(), flat])


def test_a_structure_that_is_no_row_leaves_the_others_their_answers(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise MaterialError("unreadable", "no element")

    monkeypatch.setattr("xrdsym.models.predictor.from_pymatgen", refused)
    first, second = load_model(folder).encode([rocksalt(), to_pymatgen(rocksalt())])
    assert not isinstance(first, MaterialError)
    assert isinstance(second, MaterialError)


def test_a_profile_that_is_not_finite_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model(folder)
    monkeypatch.setattr(model.encoder, "from_scan", lambda _: np.array([np.nan], np.float32))
    (error,) = model.encode([Scan(np.linspace(10, 80, 400), np.ones(400), 1.54)])
    assert isinstance(error, MaterialError)
    assert error.reason == "not_finite"


def test_a_model_is_found_by_folder_file_and_name(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(folder, tree / "models" / "mobilenetv2")
    shutil.copytree(folder, tree / "models" / "released" / "ideal")
    write_params(tree)
    (tree / "dvc.yaml").write_text("stages: {}\n")
    monkeypatch.chdir(tree)
    expected = load_model(folder).predict([rocksalt()])[0].probabilities
    for named, name in (
        (None, "released/ideal"),
        ("mobilenetv2", "mobilenetv2"),
        ("released/ideal", "released/ideal"),
        ("ideal", "released/ideal"),
        (folder / "model.keras", str(folder / "model.keras")),
    ):
        model = load_model(named)
        assert model.name == name
        assert model.predict([rocksalt()])[0].probabilities == pytest.approx(expected)
    assert load_model(pattern_type="measured").name == "mobilenetv2"
    with pytest.raises(UsageError, match="did you mean mobilenetv2"):
        load_model("mobilenet")
    with pytest.raises(UsageError, match=r"'released/measured'.*did you mean released/ideal"):
        load_model("measured")


def test_the_recipe_of_the_model_holds_whatever_the_parameters_say_today(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(folder, tree / "models" / "mobilenetv2")
    (tree / "dvc.yaml").write_text("stages: {}\n")
    write_params(tree)
    monkeypatch.chdir(tree)
    before = load_model().predict([rocksalt()])[0]
    write_params(tree, profile__sigma=50.0, images__colormap="gray")
    assert load_model().predict([rocksalt()])[0].probabilities == before.probabilities


def test_a_model_that_was_never_made_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    write_params(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(XrdsymError, match=r"make repro.*dvc pull"):
        load_model()


def test_broken_files_of_a_model_give_one_line(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    content = (broken / "model.keras").read_bytes()
    for bad in (b"", b"no zip at all", content[: len(content) // 2]):
        (broken / "model.keras").write_bytes(bad)
        with pytest.raises(XrdsymError, match=r"model\.keras cannot be read") as caught:
            load_model(broken)
        assert "\n" not in str(caught.value)
    (broken / "model.keras").unlink()
    with pytest.raises(XrdsymError, match=r"model\.keras"):
        load_model(broken)
    (broken / "recipe.json").unlink()
    with pytest.raises(XrdsymError, match=r"recipe\.json"):
        load_model(broken)
    save_tiny_model(broken, tiny_recipe(), outputs=3)
    with pytest.raises(XrdsymError, match="does not fit"):
        load_model(broken)


def test_a_model_with_code_in_it_is_not_run(tmp_path: Path) -> None:
    import keras

    save_tiny_model(tmp_path, tiny_recipe())
    pixels = keras.Input((SIDE, SIDE, 3), dtype="uint8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keras.Model(pixels, keras.layers.Lambda(lambda x: x[:, 0, :7, 0])(pixels)).save(tmp_path / "model.keras")
    with pytest.raises(XrdsymError, match="cannot be read"):
        load_model(tmp_path)
