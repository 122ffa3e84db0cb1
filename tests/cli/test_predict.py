from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xrdsym.cli import prediction_files
from xrdsym.cli.main import main
from xrdsym.cli.predict import AXES
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.measured.axis import Axis
from xrdsym.measured.scan import Scan
from xrdsym.models.predictor import Model

# Keras 3 hands TensorFlow's variables to NumPy 2 in an old way
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def predicted(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, list[dict[str, Any]]]:
    status = main(["predict", *map(str, words), "--json"])
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_structures_and_patterns_get_one_json_line_each(
    tmp_path: Path, model_folder: Path, halite: str, scan: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cif, xy = tmp_path / "halite.cif", tmp_path / "scan.xy"
    cif.write_text(halite)
    xy.write_text(scan)
    status, answers = predicted(capsys, cif, xy, "--model", model_folder, "--radiation", "MoKa")
    assert status == 0
    assert [answer["file"] for answer in answers] == [str(cif), str(xy)]
    # files may stand among the options, as they are typed
    assert predicted(capsys, cif, "--model", model_folder, xy, "--radiation", "MoKa") == (0, answers)
    # a structure is simulated with the model's own radiation, whatever the call says of patterns
    assert [answer["radiation"] for answer in answers] == ["CuKa", "MoKa"]
    for answer in answers:
        always = {"file", "crystal_system", "probabilities", "abstained", "radiation", "model", "warnings"}
        assert set(answer) - {"missing_angles"} == always
        assert list(answer["probabilities"]) == list(CRYSTAL_SYSTEMS)
        assert answer["crystal_system"] == max(answer["probabilities"], key=answer["probabilities"].get)
        assert answer["abstained"] is False
        assert answer["warnings"] == []
        assert answer["model"] == str(model_folder)
    assert "missing_angles" not in answers[0]
    # 10° of Mo Kα are 21.8° of the radiation of the model
    assert answers[1]["missing_angles"] == "0 to 21.8° (CuKa)"


def test_the_wavelength_of_the_call_goes_before_that_of_the_file(
    tmp_path: Path,
    model_folder: Path,
    scan: str,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    told, untold = tmp_path / "told.xy", tmp_path / "untold.xy"
    told.write_text("# wavelength: 0.7107\n" + scan)
    untold.write_text(scan)
    _, (by_file,) = predicted(capsys, told, "--model", model_folder)
    _, (by_call,) = predicted(capsys, untold, "--model", model_folder, "--wavelength", "0.7107")
    _, (by_both,) = predicted(capsys, told, "--model", model_folder, "--wavelength", "1.5")
    assert by_file["radiation"] == by_call["radiation"] == 0.7107
    assert by_file["probabilities"] == by_call["probabilities"]
    assert by_both["radiation"] == 1.5
    assert by_both["probabilities"] != by_file["probabilities"]
    assert f"{told} says 0.7107 Å itself; it is read as measured at 1.5" in caplog.text
    assert str(untold) not in caplog.text


def test_what_cannot_be_read_gives_its_line_and_the_others_still_get_theirs(
    tmp_path: Path, model_folder: Path, halite: str, scan: str, capsys: pytest.CaptureFixture[str]
) -> None:
    contents = {
        "a.cif": halite,
        "empty.cif": "",
        "two.cif": halite + halite.replace("data_NaCl", "data_second"),
        "element.cif": halite.replace(" Cl ", " Xx "),
        "flat.cif": halite.replace("_cell_length_c 5.64", "_cell_length_c 0"),
        "empty.xy": "",
        "words.xy": "no numbers here\n",
        "untold.xy": scan,
        "z.xy": "# CuKa\n" + scan,
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    status, answers = predicted(
        capsys, *(tmp_path / name for name in contents), tmp_path / "absent.cif", "--model", model_folder
    )
    assert status == 1
    assert [Path(answer["file"]).name for answer in answers] == [*contents, "absent.cif"]
    answered = [Path(answer["file"]).name for answer in answers if "crystal_system" in answer]
    assert answered == ["a.cif", "z.xy"]
    for answer in answers:
        if "error" in answer:
            assert set(answer) == {"file", "error"}
            assert "\n" not in answer["error"]
    errors = {Path(answer["file"]).name: answer.get("error", "") for answer in answers}
    assert "--radiation" in errors["untold.xy"]
    assert "--wavelength" in errors["untold.xy"]


def test_a_folder_stands_for_its_files(
    tmp_path: Path, model_folder: Path, halite: str, scan: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "inner" / ".hidden").mkdir(parents=True)
    (tmp_path / "inner" / ".hidden" / "b.cif").write_text(halite)
    (tmp_path / "inner" / "POSCAR").write_text("NaCl\n1\n4 0 0\n0 4 0\n0 0 4\nCs Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n")
    (tmp_path / "inner" / "a.cif").write_text(halite)
    (tmp_path / "scan.csv").write_text(scan.replace(" ", ","))
    (tmp_path / "README").write_text("nothing to read\n")
    status, answers = predicted(capsys, tmp_path, "--model", model_folder, "--radiation", "CuKa")
    assert status == 0
    assert [Path(answer["file"]).name for answer in answers] == ["POSCAR", "a.cif", "scan.csv"]

    (tmp_path / "nothing").mkdir()
    status, (answer,) = predicted(capsys, tmp_path / "nothing", "--model", model_folder)
    assert status == 1
    assert "no file in this folder" in answer["error"]


def test_what_the_reader_of_a_structure_supposed_is_in_the_answer_and_in_the_table(
    tmp_path: Path, model_folder: Path, halite: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.cif"
    path.write_text("\n".join(line for line in halite.splitlines() if "space_group" not in line and "'" not in line))
    status, (answer,) = predicted(capsys, path, "--model", model_folder)
    assert status == 0
    assert ["P 1 supposed" in warning for warning in answer["warnings"]] == [True]
    assert main(["predict", str(path), "--model", str(model_folder)]) == 0
    out, err = capsys.readouterr()
    assert "a.cif" in out
    assert "P 1 supposed" in err


def test_the_files_of_a_folder_that_are_not_read_are_counted_and_named(
    tmp_path: Path, model_folder: Path, scan: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.XY").write_text("# CuKa\n" + scan)
    for index in range(7):
        (tmp_path / f"r{index}.ras").write_text(scan)
    (tmp_path / "zero.xy").symlink_to("/dev/zero")
    status, (answer,) = predicted(capsys, tmp_path, "--model", model_folder)
    assert (status, Path(answer["file"]).name) == (0, "a.XY")
    assert f"{tmp_path}: 8 files not read: r0.ras, r1.ras, r2.ras, r3.ras, r4.ras and 3 more; expected" in caplog.text
    (tmp_path / "a.XY").unlink()
    status, (answer,) = predicted(capsys, tmp_path, "--model", model_folder)
    assert status == 1
    assert "no file in this folder is read (8 files not read: r0.ras" in answer["error"]


def test_whatever_a_file_raises_is_its_own_answer(
    tmp_path: Path,
    model_folder: Path,
    halite: str,
    scan: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("a.cif", "b.cif"):
        (tmp_path / name).write_text(halite.replace("data_NaCl", f"data_{name[0]}"))
    for name in ("a.xy", "b.xy"):
        (tmp_path / name).write_text("# CuKa\n" + scan.replace("10.00 ", "10.0 " if name == "a.xy" else "9.99 "))
    (tmp_path / "tiny.xy").write_text(
        "# CuKa\n" + "\n".join(f"{10 + 0.02 * index:.2f} 5e-324" for index in range(2000))
    )
    encode, read = Model.encode, prediction_files.read_pattern

    def stumbling(model: Model, patterns: list[Any]) -> list[Any]:
        if any(isinstance(one, Scan) and one.two_theta[0] == 10 for one in patterns):
            raise ZeroDivisionError("of a\nkind")  # noqa: TRY003
        return encode(model, patterns)

    def forgetful(path: Path, *others: Any) -> Any:  # noqa: ANN401
        if path.name == "b.cif":
            raise KeyError("site")
        return read(path, *others)

    monkeypatch.setattr(Model, "encode", stumbling)
    monkeypatch.setattr("xrdsym.cli.predict.read_pattern", forgetful)
    status, answers = predicted(capsys, tmp_path, "--model", model_folder)
    assert status == 1
    errors = {Path(answer["file"]).name: answer.get("error") for answer in answers}
    assert errors["a.cif"] is errors["b.xy"] is None
    assert errors["b.cif"] == "unexpected KeyError: 'site'. Please report this, with the file."
    assert errors["a.xy"] == "unexpected ZeroDivisionError: of a kind. Please report this, with the file."
    assert "no intensity above 1e-30" in (errors["tiny.xy"] or "")


@pytest.mark.parametrize("name", [b"\xff\xfe.xy", b"red\x1b[31m.xy", b"two\nlines.xy", "r\u202etl.xy".encode()])
def test_names_are_printed_escaped(
    tmp_path: Path, model_folder: Path, scan: str, name: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)), tmp_path / ("bad" + os.fsdecode(name))
    try:
        good.write_text("# CuKa\n" + scan)
    except OSError:
        pytest.skip("this file system takes no such names")
    bad.write_text("")
    words = ["predict", str(good), str(bad), "--model", str(model_folder)]
    assert main(words) == 1
    printed = "".join(capsys.readouterr())
    assert printed.replace("\n", "").isprintable()
    assert len(printed.splitlines()) <= 5
    assert main([*words, "--json"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all(line.isprintable() and line.isascii() for line in lines)
    for line in lines:
        json.dumps(json.loads(line), ensure_ascii=False).encode()
    assert json.loads(lines[1])["error"].isprintable()


def test_the_axes_of_the_call_are_those_of_the_reader() -> None:
    assert tuple(Axis) == AXES


def test_the_call_says_what_the_axis_is(tmp_path: Path, model_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    q = np.linspace(0.5, 5.8, 1500)
    counts = 20 + 1000 * np.exp(-(((q - 2.2) / 0.02) ** 2))
    (tmp_path / "q.xy").write_text("\n".join(f"{a:.5f} {c:.1f}" for a, c in zip(q, counts, strict=True)))
    words = (tmp_path / "q.xy", "--model", model_folder, "--radiation", "Cu")
    status, (answer,) = predicted(capsys, *words)
    assert status == 1
    assert "ends at 5.8: q or d rather than 2θ" in answer["error"]
    status, (answer,) = predicted(capsys, *words, "--axis", "q")
    assert (status, answer["radiation"]) == (0, "CuKa")


def test_pipes_and_devices_are_refused_as_structures_and_scans(
    tmp_path: Path, model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"{kind}{suffix}" for kind in ("pipe", "zero") for suffix in (".xy", ".cif")]
    for name in names:
        if name.startswith("pipe"):
            os.mkfifo(tmp_path / name)
        else:
            (tmp_path / name).symlink_to("/dev/zero")
    status, answers = predicted(capsys, *(tmp_path / name for name in names), "--model", model_folder)
    assert status == 1
    assert all("expected a regular file" in answer["error"] for answer in answers)


def test_people_get_a_table_and_the_errors_beside_it(
    tmp_path: Path, model_folder: Path, halite: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.cif").write_text(halite)
    (tmp_path / "b.cif").write_text("")
    status = main(["predict", str(tmp_path), "--model", str(model_folder)])
    out, err = capsys.readouterr()
    assert status == 1
    assert "a.cif" in out
    assert any(system in out for system in CRYSTAL_SYSTEMS)
    assert "b.cif" not in out
    assert "b.cif" in err


def test_long_classes_stand_apart_from_their_probabilities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.cif").write_text("")
    answers = [
        {
            "file": name,
            "model": "groups",
            "probabilities": None,
            "class_probabilities": {best: 0.5, "P6_3/m": 0.25, "P-1": 0.125},
        }
        for name, best in [("a.cif", "orthorhombic, extinction of Pna2_1"), ("longer.cif", "Fm-3m")]
    ]
    monkeypatch.setattr("xrdsym.cli.predict._models", lambda _: None)
    monkeypatch.setattr("xrdsym.cli.predict.predict_files", lambda *_: answers)
    assert main(["predict", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    assert lines[0] == "a.cif       orthorhombic, extinction of Pna2_1  0.50  then P6_3/m 0.25, P-1 0.12"
    assert [line.index("0.50") for line in lines] == [lines[0].index("0.50")] * 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--radiation", "CuKq"], "CuKa"),
        (["--radiation", "nonsense"], "CuKa"),
        (["--wavelength", "-1"], "positive"),
        (["--wavelength", "0.15406"], "in nm"),
        (["--axis", "energy"], "invalid choice"),
        (["--wavelength", "CuKa"], "--radiation"),
        (["--radiation", "CuKa", "--wavelength", "1.54"], "not allowed with"),
        (["--model", "/nowhere/at/all"], "no model"),
    ],
)
def test_a_wrong_call_exits_with_2(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "scan.xy", *words]) == 2
    assert told in capsys.readouterr().err


def test_real_structures_and_patterns_are_answered(
    shared_data: Path, model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [*sorted((shared_data / "cif").glob("*.cif"))[::30], shared_data / "autoxrd" / "P3m1"]
    status, answers = predicted(capsys, *files, "--model", model_folder, "--radiation", "CuKa")
    assert status == 0
    assert len(answers) == 7 + len(list((shared_data / "autoxrd" / "P3m1").iterdir()))
    # random weights, yet the patterns look different to them
    assert len({answer["probabilities"]["cubic"] for answer in answers}) > len(answers) / 2


@pytest.mark.slow
def test_the_program_prints_nothing_but_its_answer(tmp_path: Path, model_folder: Path, halite: str) -> None:
    (tmp_path / "a.cif").write_text(halite)
    shutil.copytree(model_folder, tmp_path / "model")
    program = Path(sys.executable).parent / "xrdsym"
    result = subprocess.run(
        [program, "predict", "a.cif", "--model", "model", "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout)["file"] == "a.cif"


def test_without_a_name_the_released_model_for_the_kind_of_pattern_answers(
    released: Path, halite: str, scan: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.cif").write_text(halite)
    Path("b.xy").write_text("# CuKa\n" + scan)
    Path("c.cif").write_text("")
    Path("d.cif").write_text(halite)

    def models() -> list[str | None]:
        return [answer.get("model") for answer in predicted(capsys, "a.cif", "b.xy", "c.cif", "d.cif")[1]]

    assert models() == ["released/ideal", "released/measured", None, "released/ideal"]
    assert main(["predict", "a.cif", "b.xy", "d.cif"]) == 0
    lines = [line.split()[:2] for line in capsys.readouterr().out.splitlines()]
    assert [line[0] if line[0] != "model" else line[1] for line in lines] == [
        *("released/ideal", "a.cif", "d.cif"),
        *("released/measured", "b.xy"),
    ]
    shutil.rmtree(released / "models" / "released" / "measured")
    assert models() == ["released/ideal", "mobilenetv2", None, "released/ideal"]
    for word in ("ideal", "released/ideal"):
        _, answers = predicted(capsys, "a.cif", "b.xy", "--model", word)
        assert [answer["model"] for answer in answers] == ["released/ideal"] * 2
    shutil.rmtree(released / "models" / "released")
    assert models() == ["mobilenetv2", "mobilenetv2", None, "mobilenetv2"]


def test_a_model_that_no_file_needs_is_not_read(
    released: Path, halite: str, scan: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.cif").write_text(halite)
    Path("b.xy").write_text("# CuKa\n" + scan)
    (released / "models" / "released" / "measured" / "model.keras").write_text("broken")
    assert predicted(capsys, "a.cif")[0] == 0
    assert main(["predict", "b.xy"]) == 1
    assert "model.keras cannot be read" in capsys.readouterr().err


def test_a_folder_of_patterns_may_be_called_like_a_kind(
    released: Path, scan: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (released / "measured").mkdir()
    Path("measured/b.xy").write_text("# CuKa\n" + scan)
    status, (answer,) = predicted(capsys, "measured", "--model", "measured")
    assert (status, answer["model"]) == (0, "released/measured")
