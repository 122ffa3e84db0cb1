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
        ("# Wavelength: 1.0332e-10 m", 1.0332),
        ("Wavelength: 1.0332e-10", 1.0332),
        ("# wavelength = 1.0332 × 10^-10 m", 1.0332),
        ("# wavelength 1.0332x10-10 m", 1.0332),
        ("wavelength (pm): 154.06", 1.5406),
        ("wavelength_nm = 0.15406", 1.5406),
        ("wavelength 0.15406nm", 1.5406),
        ("lambda=0.07093 nanometers", 0.7093),
        ("# wavelength 0.15406 Å", 0.15406),
        ("wavelength: 1.5406 A", 1.5406),
        ("wavelength 1.5406 Angstroms", 1.5406),
        ("_WL_UNIT='nm'\n_WL1=0.154060", 1.5406),
        ("_WL_UNIT='A'\n_WL1=1.540600\n_WL2=1.544390", 1.5406),
        ("wavelength 0.15406\nAnode: Cu", wavelengths()["CuKa"]),
        ("# Lambda 750K detector", None),
        ("# sample 1.54 of 7", None),
    ],
)
def test_the_wavelength_is_read_where_the_header_gives_it(header: str, expected: float | None) -> None:
    assert header_wavelength(header.splitlines()).value == pytest.approx(expected)


def test_a_number_comes_before_a_name_and_a_name_before_an_anode() -> None:
    lines = ["Anode: Mo", "# Co Ka1", "wavelength 1.54"]
    assert header_wavelength(lines).value == 1.54
    assert header_wavelength(lines[:2]).value == wavelengths()["CoKa1"]
    assert header_wavelength(lines[:1]).value == wavelengths()["MoKa"]


@pytest.mark.parametrize(
    ("line", "doubt"),
    [
        ("wavelength 0.05", "none between"),
        ("wavelength 154.06", "in pm"),
        ("wavelength 0.15406", "in nm"),
        ("wavelength 0.0709", "in nm"),
        ("wavelength 15.406", "ten times"),
        ("wavelength 532 nm", "5320 Å is none"),
        ("wavelength: 8.05 keV", "8.05 is an energy"),
        ("wavelength of the source", None),
        ("wavelength 0", None),
        ("", None),
    ],
)
def test_a_number_that_is_no_wavelength_is_doubted(line: str, doubt: str | None) -> None:
    found = header_wavelength([line])
    assert found.value is None
    assert (found.doubt is None) if doubt is None else (doubt in (found.doubt or ""))
