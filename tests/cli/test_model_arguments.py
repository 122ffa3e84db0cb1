"""The radiation that a command is given."""

from __future__ import annotations

import argparse

import pytest

from xrdsym.cli.model_arguments import add_model_arguments, given_radiation
from xrdsym.common.errors import UsageError


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_model_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize(
    ("words", "radiation"),
    [
        ((), None),
        (("--radiation", "MoKa1"), ("MoKa1", 0.70930)),
        (("--radiation", "cu kα1"), ("CuKa1", 1.54056)),
        (("--radiation", "Mo"), ("MoKa", 0.71073)),
        (("--radiation", "1.54"), (1.54, 1.54)),
        (("--wavelength", "0.5"), (0.5, 0.5)),
        (("--wavelength", "0.05nm"), (0.5, 0.5)),
        (("--wavelength", "0.15406 Å"), (0.15406, 0.15406)),
    ],
)
def test_a_radiation_has_its_name_and_wavelength(words: tuple[str, ...], radiation: object) -> None:
    assert given_radiation(parsed(*words)) == radiation


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--radiation", "CuKq"), "did you mean"),
        (("--wavelength", "CuKa"), "use --radiation for a name"),
        (("--wavelength", "-1"), "positive number"),
        (("--wavelength", "0.15406"), "0.15406 in nm is the wavelength of CuKa1"),
        (("--wavelength", "15.4"), "ten times the wavelength of CuKa"),
        (("--wavelength", "154.06"), "in pm"),
        (("--wavelength", "1.2e-10"), "1.2e-10 m would be 1.2 Å"),
        (("--wavelength", "9" * 400), "positive number"),
        (("--wavelength", "20 nm"), "200 Å is none"),
    ],
)
def test_a_wrong_radiation_says_what_is_expected(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        given_radiation(parsed(*words))


def test_only_one_of_both_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed("--radiation", "CuKa", "--wavelength", "1.5")
    assert "not allowed with" in capsys.readouterr().err
