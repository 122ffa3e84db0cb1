from __future__ import annotations

import pytest

from research.thin_films.series import series_of


@pytest.mark.parametrize(
    ("names", "series"),
    [
        (["1_2-Theta", "16_2-Theta"], "numbered"),
        (["5% Cs (Dark)_2-Theta_Omega", "5% Cs - 5% Rb (Dark)_2-Theta_Omega", "MAFA (Dark)_2-Theta_Omega"], "dark"),
        (["0.4M DT perovskite", "0.65M DT perovskite 14 deg peak"], "DT"),
        (["0% Sn 100%Pb Perovskite at 0.5M 4to1 dmftodmso", "85% SnPerovskite at 0.5M 4to1 dmftodmso"], "Sn-Pb"),
        (
            [
                "FAI_1_MABr_9_5Cs5Rb_2-Theta_Omega",
                "FAPbI31_MAPbBr9_2-Theta",
                "FAPbI3_gixrd_2-Theta",
                "FAPbBr-Batch 2.3 - 18.01.18_2-Theta_Omega",
                "MAPbBr3_2-Theta_Omega",
            ],
            "FA-MA",
        ),
        (["Cs3Bi2Br9_2-Theta_Omega", "CsBiBr_a200_Rat32_2-Theta_Omega"], "CsBiBr"),
        (["20171110_MAPI_3D_2theta_test_2-Theta", "20180121_MAPI_3D_2-Theta_Omega_2-Theta_Omega"], "MAPI"),
        (["MASnI3_10centCa_GIXD_2-Theta", "MASnI3_again_2-Theta_Omega"], "MASnI"),
        (["MASbI #2 (Light Orange)_2-Theta_Omega"], "MASbI"),
    ],
)
def test_films_made_alike_are_one_series(names: list[str], series: str) -> None:
    assert {series_of(name) for name in names} == {series}


def test_films_of_other_materials_are_other_series() -> None:
    names = [
        "Cs3Bi2Br9_2-Theta",
        "Cs3Bi2I9_2-Theta",
        "Rb3Bi2Br9_2-Theta",
        "MASnI3_2-Theta",
        "MAPbBr3_2-Theta",
        "1_2-Theta",
    ]
    assert len({series_of(name) for name in names}) == len(names)
