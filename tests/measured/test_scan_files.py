"""Scans read from text files."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrdsym.common.errors import MaterialError, UsageError
from xrdsym.diffraction.scattering import wavelengths
from xrdsym.measured.scan import Scan
from xrdsym.measured.scan_files import read_scan

if TYPE_CHECKING:
    from pathlib import Path

ANGLES = np.round(np.arange(10, 16, 0.05), 3)
COUNTS = np.round(100 + 5000 * np.exp(-(((ANGLES - 12.5) / 0.1) ** 2)))
PAIRS = list(zip(ANGLES, COUNTS, strict=True))


def rows(delimiter: str, decimal: str = ".", extra: str = "") -> str:
    lines = [f"{angle:.2f}{delimiter}{count:.1f}" for angle, count in PAIRS]
    return "\n".join(line.replace(".", decimal) + extra for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        rows(" "),
        rows("\t"),
        rows(","),
        rows(", "),
        rows(";"),
        rows(" ; "),
        rows(";", decimal=","),
        rows("\t", decimal=","),
        rows("   ", decimal=","),
        rows(" ", extra=" 10.0"),
        rows(",", extra=",10"),
        rows(" ").replace("\n", "\r\n"),
        rows(" ").replace("\n", " \r\n   "),
        "\ufeff" + rows(","),
        "# comment\n# another 3 4\n" + rows(" "),
        '\'Id: "sample 7" Comment: ""\n' + rows(" "),
        "! GSAS\n! 10.0 20.0\n" + rows(" "),
        "; note\n" + rows(" "),
        "Sample 12, Mg₂Si\nmeasured on 2020-01-01\n\n2theta intensity\n" + rows(" "),
        "120\n" + rows(" "),
        "10.00 0.05 15.95\n" + rows(" "),
        rows(" ") + "\n\n##END=\n",
        "Angle,TimePerStep,Intensity,ESD\n" + "\n".join(f"{a:.2f},18.0,{c},{np.sqrt(c):.3f}" for a, c in PAIRS),
        "I(obs);2θ\n" + "\n".join(f"{c};{a:.2f}" for a, c in PAIRS).replace("I(obs)", "I"),
        "\n".join(f"{a:.2f} {c} {c} 1 0" for a, c in PAIRS),
        '"' + rows('","').replace("\n", '"\n"') + '"',
        "\n".join(f'"{a:.2f}","{c:.1f}"'.replace(".", ",") for a, c in PAIRS),
        "\n".join(f'"{a:.2f}";{c:.1f}'.replace(".", ",") for a, c in PAIRS),
        "\n".join(f'{a:.2f},"{c:.1f}"' for a, c in PAIRS),
        rows(" ") + "\n17.0 nan\n17.1 inf\n",
    ],
)
def test_every_way_of_writing_gives_the_same_pattern(tmp_path: Path, text: str) -> None:
    path = tmp_path / "scan.xy"
    path.write_bytes(text.encode())
    scan = read_scan(path)
    np.testing.assert_allclose(scan.two_theta, ANGLES, atol=1e-9)
    np.testing.assert_allclose(scan.intensity, COUNTS, atol=1e-9)
    assert scan.wavelength is None


@pytest.mark.parametrize(
    "heading",
    ["R050072", "R050072 Quartz", "Q7", "Q-7 powder", "D-12 annealed", "S12 Al2O3", "time=0.5 s", "Phi-scan 3", "dry"],
)
def test_the_name_of_a_sample_is_no_axis(tmp_path: Path, heading: str) -> None:
    path = tmp_path / "scan.xy"
    path.write_text(f"# {heading}\n{rows(' ')}")
    np.testing.assert_allclose(read_scan(path).two_theta, ANGLES, atol=1e-9)


def test_latin_1_and_utf_16_are_read(tmp_path: Path) -> None:
    path = tmp_path / "scan.txt"
    text = "Präparat bei 25 °C\n" + rows("\t")
    for encoding in ("latin-1", "utf-16"):
        path.write_bytes(text.encode(encoding))
        np.testing.assert_allclose(read_scan(path).two_theta, ANGLES)


def test_order_and_repeats_of_angles_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "scan.xy"
    lines = rows(" ").splitlines()
    twice = [f"{ANGLES[3]} {COUNTS[3] - 8}", f"{ANGLES[3]} {COUNTS[3] + 8}"]
    path.write_text("\n".join([*twice, *reversed(lines)]))
    scan = read_scan(path)
    np.testing.assert_allclose(scan.two_theta, ANGLES)
    np.testing.assert_allclose(scan.intensity, COUNTS)


def test_intensities_below_zero_become_zero(tmp_path: Path) -> None:
    path = tmp_path / "scan.xy"
    path.write_text("\n".join(f"{a} {c - 150}" for a, c in PAIRS))
    np.testing.assert_allclose(read_scan(path).intensity, np.maximum(COUNTS - 150, 0))


def test_a_count_that_ran_into_the_angle_is_separated(tmp_path: Path) -> None:
    path = tmp_path / "scan.xy"
    path.write_text("".join(f"{a:7.4f}{c * 10:<6.0f}\n" if c > 900 else f"{a:7.4f} {c * 10:<5.0f}\n" for a, c in PAIRS))
    scan = read_scan(path)
    np.testing.assert_allclose(scan.two_theta, ANGLES)
    np.testing.assert_allclose(scan.intensity, np.round(COUNTS * 10))


def test_the_wavelength_of_the_header_is_read(tmp_path: Path) -> None:
    path = tmp_path / "scan.xy"
    path.write_text(f"# wavelength 1.5406\n{rows(' ')}\n# wavelength 0.7093\n")
    assert read_scan(path).wavelength == 1.5406
    # below the numbers, too
    path.write_text(f"{rows(' ')}\n# Anode: Cu\n")
    assert read_scan(path).wavelength == wavelengths()["CuKa"]


@pytest.mark.parametrize(
    ("content", "reason", "part"),
    [
        (b"", "empty", "empty"),
        (b"  \n\n", "empty", "empty"),
        (b"just words\nand more\n", "unreadable", "no rows of numbers"),
        (b"PK\x03\x04\x00\x00binary", "unreadable", "binary"),
        (rows("\n").encode(), "unreadable", "one column"),
        (b"10 5\n10.1 6\n10.2 7\n", "too_few_points", "3 different angles"),
        (rows(" ").replace("15.95", "-15.95").encode(), "angles_out_of_range", "between 0 and 180"),
        (rows(" ").replace("15.95", "1595.0").encode(), "angles_out_of_range", "between 0 and 180"),
        ("\n".join(f"{a} 0" for a in ANGLES).encode(), "no_intensity", "no intensity above zero"),
        ("\n".join(f"{a} -4" for a in ANGLES).encode(), "no_intensity", "no intensity above zero"),
        ("\n".join(f"{a} nan" for a in ANGLES).encode(), "too_few_points", "0 different angles"),
        (rows(" ").replace("12.50 ", "12.50x").encode(), "unreadable", "line 51"),
        (rows(" ").replace("\n12.50 5100.0", "\n12.50").encode(), "unreadable", "line 51"),
        (("q (1/A)  intensity\n" + rows("  ")).encode(), "no_wavelength", "q in Å⁻¹, which the wavelength converts"),
        (("# CuKa\nQ (1/A)  intensity\n" + rows("  ")).encode(), "angles_out_of_range", "does not reach"),
        (("# CuKa\nq  intensity\n" + rows("  ")).encode(), "other_axis", "--axis q"),
        (("energy_keV  intensity\n" + rows("  ")).encode(), "other_axis", "'energy_keV'"),
        (("chi_deg I\n" + rows("  ")).encode(), "other_axis", "'chi_deg'"),
        (("r_mm I\n" + rows("  ")).encode(), "other_axis", "'r_mm'"),
        (("k (1/A) I\n" + rows("  ")).encode(), "other_axis", "'k (1/A)'"),
        (("# q\n" + rows("  ")).encode(), "other_axis", "'q' has no unit"),
        (("Qz I\n" + rows("  ")).encode(), "other_axis", "'Qz' has no unit"),
        (("log10(q.nm)  I\n" + rows("  ")).encode(), "other_axis", "log10"),
        (("# wavelength 0.15406\n" + rows(" ")).encode(), "no_wavelength", "in nm"),
        (rows(",", decimal=",").encode(), "unreadable", "decimal comma"),
        ("\n".join(f"{a:.2f},{c:.0f}".replace(".", ",") for a, c in PAIRS).encode(), "unreadable", "decimal comma"),
        (b"\n".join([b"1 2 3 4 5 6 7 8 9 10"] * 60), "unreadable", "10 columns"),
    ],
)
def test_a_file_without_a_pattern_is_refused_by_name(tmp_path: Path, content: bytes, reason: str, part: str) -> None:
    path = tmp_path / "bad.xy"
    path.write_bytes(content)
    with pytest.raises(MaterialError, match=r"bad\.xy") as caught:
        read_scan(path)
    assert part in str(caught.value)
    assert caught.value.reason == reason
    assert "\n" not in str(caught.value)


Q = 4 * np.pi * np.sin(np.radians(ANGLES / 2)) / 1.5406
NAMED = {
    "2th_deg I": ANGLES,
    "2th_rad I": np.radians(ANGLES),
    "2Theta deg Intensity": ANGLES,
    "q_nm^-1 I": 10 * Q,
    "q(1/nm) I": 10 * Q,
    "Q [nm-1]\tI": 10 * Q,
    "q nm^-1 I": 10 * Q,
    "q (nm⁻¹), Intensity (a.u.)": 10 * Q,
    "Q / nm^{-1}  Intensity": 10 * Q,
    "qnm-1 I": 10 * Q,
    "q_A^-1 I": Q,
    "q(A^-1) I": Q,
    "Q (1/Å);Counts": Q,
    "Q [Å^-1]  Signal": Q,
    "q (inv Angstrom), intensity": Q,
    "Scattering vector (1/A), Intensity": Q,
    "scattering vector q (1/nm) I": 10 * Q,
    "|q| (1/nm) I": 10 * Q,
    "qtot_nm^-1 I": 10 * Q,
    "q_A^-1": Q,
    "d (Å) I": 2 * np.pi / Q,
    "d-spacing [A]\tIntensity": 2 * np.pi / Q,
    "d_nm I": 0.2 * np.pi / Q,
    "Q I\n# 1/nm counts": 10 * Q,
    "unit: q_nm^-1\n# made by hand": 10 * Q,
}


@pytest.mark.parametrize("heading", NAMED)
@pytest.mark.parametrize("by_call", [False, True])
def test_q_and_d_are_converted_by_their_names(tmp_path: Path, heading: str, by_call: bool) -> None:
    path = tmp_path / "named.xy"
    values = "\n".join(f"{one:.7f} {count}" for one, count in zip(NAMED[heading], COUNTS, strict=True))
    given = "" if by_call else "# Wavelength: 1.5406e-10 m\n"
    path.write_text(f"{given}# {heading}\n{values}\n", encoding="utf-8")
    scan = read_scan(path, wavelength=1.5406 if by_call else None)
    np.testing.assert_allclose(scan.two_theta, ANGLES, atol=1e-4)
    np.testing.assert_allclose(scan.intensity, COUNTS, atol=1e-9)


@pytest.mark.parametrize(("axis", "values"), [("q", Q), ("q-nm", 10 * Q), ("d", 2 * np.pi / Q), ("2theta", ANGLES)])
def test_the_call_may_say_what_the_axis_is(tmp_path: Path, axis: str, values: np.ndarray) -> None:
    path = tmp_path / "plain.xy"
    lines = "\n".join(f"{one:.7f} {count}" for one, count in zip(values, COUNTS, strict=True))
    for heading in ("", "# q I\n", "# 2theta I\n"):
        path.write_text(heading + lines)
        np.testing.assert_allclose(read_scan(path, "CuKa1", axis).two_theta, ANGLES, atol=0.001)
    with pytest.raises(UsageError, match="axis energy: expected one of 2theta"):
        read_scan(path, 1.54, "energy")


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{index} {a:.2f} {c}" for index, (a, c) in enumerate(PAIRS)),
        "\n".join(f"{index + 1},{a:.2f},{c},1" for index, (a, c) in enumerate(PAIRS)),
        ",two_theta,intensity\n" + "\n".join(f"{index},{a:.2f},{c}" for index, (a, c) in enumerate(PAIRS)),
        "No. 2Theta Int\n" + "\n".join(f"{index + 1} {a:.2f} {c}" for index, (a, c) in enumerate(PAIRS)),
        "index\tAngle\tCounts\n" + "\n".join(f"{index}\t{a:.2f}\t{c}" for index, (a, c) in enumerate(PAIRS)),
    ],
)
def test_a_count_of_the_points_is_not_the_angle(tmp_path: Path, text: str) -> None:
    path = tmp_path / "counted.csv"
    path.write_text(text)
    scan = read_scan(path)
    np.testing.assert_allclose(scan.two_theta, ANGLES)
    np.testing.assert_allclose(scan.intensity, COUNTS)


@pytest.mark.parametrize("heading", ["2-THETA INTENSITY D-SPACING H K L", "2-THETA  INTENSITY  D-SPACING  H  K  L"])
def test_a_list_of_reflections_is_no_scan(tmp_path: Path, heading: str) -> None:
    path = tmp_path / "quartz.dif"
    reflections = [f"{12 + 0.7 * i:8.2f} {100 - i:8.2f} {7.1 / (i + 1):8.4f} {i % 5} {i % 3} 1" for i in range(80)]
    path.write_text(f"Quartz\nX-RAY WAVELENGTH: 1.541838\n      {heading}\n" + "\n".join(reflections))
    with pytest.raises(MaterialError, match="list of reflections") as caught:
        read_scan(path)
    assert caught.value.reason == "peak_list"


def test_the_wavelength_of_the_call_overrides_a_doubtful_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "scan.xy"
    path.write_text(f"# wavelength 0.15406\n{rows(' ')}")
    assert read_scan(path, "Cu").wavelength == wavelengths()["CuKa"]
    assert not caplog.text
    assert read_scan(path, "0.15406 Å").wavelength == 0.15406


def test_pipes_devices_and_folders_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xy")
    (tmp_path / "zero.xy").symlink_to("/dev/zero")
    (tmp_path / "folder.xy").mkdir()
    for name, what in (("pipe", "a pipe"), ("zero", "a device"), ("folder", "a folder")):
        with pytest.raises(MaterialError, match=rf"{name}\.xy is {what}; expected a regular file"):
            read_scan(tmp_path / f"{name}.xy")


def test_a_scan_is_read_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(rows(" ").encode())))
    np.testing.assert_allclose(read_scan("-").two_theta, ANGLES)


@pytest.mark.parametrize(("name", "axis"), [("F13-pyfai-2th.xy", (3, 57)), ("F14-pyfai-q.xy", (3, 57))])
def test_what_pyfai_writes_is_read(shared_cases: Path, name: str, axis: tuple[float, float]) -> None:
    scan = read_scan(shared_cases / name)
    assert scan.wavelength == pytest.approx(1.0332)
    assert (scan.two_theta[0], scan.two_theta[-1]) == pytest.approx(axis, abs=0.001)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(MaterialError, match=r"absent\.xy cannot be read"):
        read_scan(tmp_path / "absent.xy")


def test_all_thin_film_patterns_are_read_whole(shared_data: Path) -> None:
    files = sorted((shared_data / "autoxrd").rglob("*.xy"))
    assert len(files) == 88
    for path in files:
        scan = read_scan(path)
        lines = [line for line in path.read_text().splitlines() if line.strip()]
        assert len(scan.two_theta) == len(lines), path
        assert (np.diff(scan.two_theta) < 0.06).all(), path
        assert scan.wavelength is None


def test_a_real_pattern_with_counts_run_into_angles(shared_data: Path) -> None:
    scan = read_scan(shared_data / "autoxrd" / "I4Imcm" / "100% SnPerovskite at 0.5M 4to1 dmftodmso.xy")
    strongest = scan.intensity.argmax()
    assert (scan.two_theta[strongest], scan.intensity[strongest]) == (14.2177, 13906)


def read_or_refused(path: Path) -> Scan | MaterialError:
    try:
        return read_scan(path)
    except MaterialError as error:
        return error


@given(st.binary(max_size=300))
def test_any_bytes_give_a_pattern_or_a_reason(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "any.xy"
    for tail in (b"", b"\n" + rows(" ").encode()):
        path.write_bytes(content + tail)
        result = read_or_refused(path)
        assert "any.xy" in str(result) if isinstance(result, MaterialError) else (np.diff(result.two_theta) > 0).all()


@given(st.text(alphabet='0123456789.,;- \t"eEa\n', max_size=400))
def test_any_numbers_give_a_pattern_or_a_reason(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "any.xy"
    path.write_text(rows(" ") + "\n" + text)
    result = read_or_refused(path)
    assert "any.xy" in str(result) if isinstance(result, MaterialError) else np.isfinite(result.intensity).all()


@pytest.mark.parametrize("header", ["material_id,structure", "cif", '"id";"cif"', "structure\tformula"])
def test_a_table_of_structures_is_named_as_one(tmp_path: Path, header: str) -> None:
    file = tmp_path / "structures.csv"
    file.write_text(f"{header}\na,Full Formula (Ca2 C2 O6)\n1,2\n3,4\n")
    with pytest.raises(MaterialError, match=r"structures\.csv is a table of structures, not a scan\. Score it with"):
        read_scan(file)


def test_numbers_near_the_largest_are_no_angles(tmp_path: Path) -> None:
    file = tmp_path / "huge.xy"
    file.write_text("".join(f"{(-1) ** row * 1e308} {row}\n" for row in range(50)))
    with pytest.raises(MaterialError):
        read_scan(file)
