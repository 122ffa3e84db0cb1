from __future__ import annotations

import pytest

from xrdsym.crystal.chemistry import FAMILIES, family


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("BaTiO3", "oxides"),
        ("CuSO4", "oxides"),
        ("BiOCl", "oxides"),
        ("NaCl", "halides"),
        ("CsPbI3", "halides"),
        ("CdSCl", "halides"),
        ("ZnS", "chalcogenides"),
        ("Bi2Te3", "chalcogenides"),
        ("Ni3Al", "intermetallics"),
        ("Fe", "intermetallics"),
        ("CoSn", "intermetallics"),
        ("GaAs", None),
        ("SiC", None),
        ("LiH", None),
        ("Nb3Os", "intermetallics"),
    ],
)
def test_families(formula: str, expected: str | None) -> None:
    assert family(formula) == expected
    assert expected is None or expected in FAMILIES
