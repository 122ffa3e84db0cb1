"""The wavelength in the header of a scan file."""

from __future__ import annotations

import pytest

from xrdsym.diffraction.scattering import wavelengths
from xrdsym.measured.header import header_wavelength


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("##NAMES=Quartz\n##X-RAY WAVELENGTH=1.541838", 1.541838),
        ("# wavelength 1.5406", 1.5406),
        ("Lambda: 0.7093 Å", 0.7093),
        ("#lambda1: 1.540598\n#lambda2: 1.544426", 1.540598),
        ("[Measurement conditions]\nK-Alpha2 wavelength,1.5444260\nK-Alpha1 wavelength,1.5405980", 1.540598),
        ("# Wavelength (Angstrom) = 1,5406", 1.5406),
        ("wavelength [nm] = 0.15406", 1.5406),
        ('*HW_XG_WAVE_LENGTH_ALPHA1 "1.540593"', 1.540593),
        ("_WL=0.4137", 0.4137),
        ("# Radiation: Cu Ka1", wavelengths()["CuKa1"]),
        ("# CuKα radiation", wavelengths()["CuKa"]),
        ("# Mo K-alpha1+2", wavelengths()["MoKa"]),
        ('\'Id: "" Anode: "Cu" Scantype: "Coupled TwoTheta/Theta" TimePerStep: "1"', wavelengths()["CuKa"]),
        ("Anode material,Co", wavelengths()["CoKa"]),
        ("# Lambda 750K detector", None),
        ("# sample 1.54 of 7", None),
    ],
)
def test_the_wavelength_is_read_where_the_header_gives_it(header: str, expected: float | None) -> None:
    assert header_wavelength(header.splitlines()) == pytest.approx(expected)


def test_a_number_comes_before_a_name_and_a_name_before_an_anode() -> None:
    lines = ["Anode: Mo", "# Co Ka1", "wavelength 1.54"]
    assert header_wavelength(lines) == 1.54
    assert header_wavelength(lines[:2]) == wavelengths()["CoKa1"]
    assert header_wavelength(lines[:1]) == wavelengths()["MoKa"]


@pytest.mark.parametrize("line", ["wavelength 0.05", "wavelength 154.06", "wavelength of the source", ""])
def test_a_number_out_of_range_is_not_a_wavelength(line: str) -> None:
    assert header_wavelength([line]) is None
