"""Elements by the symbols that files write."""

from __future__ import annotations

import pytest

from xrdsym.common.errors import MaterialError
from xrdsym.sources.elements import atomic_number, element_of_label, element_of_type, is_element, symbols


@pytest.mark.parametrize(
    ("symbol", "number"), [("Fe", 26), ("Fe3+", 26), ("O2-", 8), ("D", 1), ("T", 1), ("Og", 118), ("Fe2+,spin=5", 26)]
)
def test_elements_ions_and_isotopes(symbol: str, number: int) -> None:
    assert atomic_number(symbol, "x") == number
    assert is_element(symbol)


@pytest.mark.parametrize("symbol", ["Uue", "Qq", "X", "Va", "", "?", "fe", "123", "Feo"])
def test_what_only_begins_like_an_element_is_none(symbol: str) -> None:
    assert not is_element(symbol)
    with pytest.raises(MaterialError, match=r"x: .* is not an element"):
        atomic_number(symbol, "x")


@pytest.mark.parametrize(("text", "number"), [("FE", 26), ("fe", 26), ("Fe+3", 26), ("CL1-", 17), ("W", 74), ("h", 1)])
def test_types_of_a_cif_in_any_case(text: str, number: int) -> None:
    assert element_of_type(text, "x") == number


@pytest.mark.parametrize(
    ("label", "formula", "symbol"),
    [
        ("Ca1", (), "Ca"),
        ("OA2", (), "O"),
        ("CaA", (), "Ca"),
        ("CA1", ("C", "H"), "C"),
        ("CA1", ("Ca", "O"), "Ca"),
        ("Ho1", ("H", "O"), "H"),
        ("Wat1", (), "O"),
        ("Hw2", (), "H"),
        ("Ow", ("O", "H"), "O"),
    ],
)
def test_labels(label: str, formula: tuple[str, ...], symbol: str) -> None:
    assert symbols()[element_of_label(label, formula, "x")] == symbol


@pytest.mark.parametrize("label", ["CO1", "NI2", "1", "", "Q7", "xyz"])
def test_labels_that_tell_nothing(label: str) -> None:
    with pytest.raises(MaterialError) as raised:
        element_of_label(label, (), "x")
    assert raised.value.reason == "unknown_element"
