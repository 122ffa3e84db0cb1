from __future__ import annotations

import numpy as np
import pytest
from pymatgen.analysis.diffraction.xrd import ATOMIC_SCATTERING_PARAMS, WAVELENGTHS
from pymatgen.core import Element

from xrdsym.common.errors import UsageError
from xrdsym.diffraction.scattering import (
    form_factor_table,
    radiation_name,
    wavelength,
    wavelengths,
    without_parameters,
)


def test_wavelengths_are_those_of_pymatgen() -> None:
    assert wavelengths() == WAVELENGTHS
    assert all(wavelength(name) == value for name, value in WAVELENGTHS.items())


def test_parameters_are_those_of_pymatgen() -> None:
    symbols = [symbol for symbol in ATOMIC_SCATTERING_PARAMS if symbol != "D"]  # deuterium scatters as hydrogen
    rows = form_factor_table([Element(symbol).Z for symbol in symbols])
    for symbol, row in zip(symbols, rows, strict=True):
        assert row[0] == Element(symbol).Z
        np.testing.assert_array_equal(row[1:].reshape(2, 4).T, ATOMIC_SCATTERING_PARAMS[symbol])


def test_elements_without_parameters_are_those_that_pymatgen_lacks() -> None:
    lacking = [number for number in range(1, 119) if Element.from_Z(number).symbol not in ATOMIC_SCATTERING_PARAMS]
    assert without_parameters([*range(1, 119), 8, 8]) == lacking
    assert without_parameters([-1, 0, 999]) == [-1, 0, 999]


@pytest.mark.parametrize("value", [0.7, "0.7", 1])
def test_a_wavelength_may_be_a_number(value: str | float) -> None:
    assert wavelength(value) == float(value)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("CuKq", "CuKa"),
        ("MoKaa1", "MoKa1"),
        ("-1", "positive"),
        (0.0, "positive"),
        ([1.54, 1.39], "expected one radiation"),
        (None, "expected one radiation"),
        (True, "expected one radiation"),
        (10**400, "positive"),
    ],
)
def test_a_wrong_radiation_is_reported_with_the_right_ones(value: object, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        wavelength(value)  # type: ignore[arg-type] - the fault


@pytest.mark.parametrize("value", ["nan", "inf", float("nan")])
def test_a_wavelength_is_finite(value: str | float) -> None:
    with pytest.raises(UsageError, match="positive number"):
        wavelength(value)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Cu", "CuKa"),
        ("cuka", "CuKa"),
        ("CuKα", "CuKa"),
        ("Cu Kα₁", "CuKa1"),
        ("Cu K-alpha 1,2", "CuKa"),
        ("cu k", "CuKa"),
        ("CuKβ", "CuKb1"),
        ("mo", "MoKa"),
        ("MOKA1", "MoKa1"),
        ("Co-Ka", "CoKa"),
        ("Ag Kα2", "AgKa2"),
        ("crk", "CrKa"),
        ("FeKa1+2", "FeKa"),
        ("Xx", None),
        ("CuKa3", None),
        ("1.54", None),
        ("", None),
    ],
)
def test_radiations_are_known_as_people_write_them(text: str, name: str | None) -> None:
    assert radiation_name(text) == name
    if name is not None:
        assert wavelength(text) == wavelengths()[name]


def test_every_radiation_is_known_by_its_own_name() -> None:
    assert {radiation_name(name) for name in wavelengths()} == set(wavelengths())
