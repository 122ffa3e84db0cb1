from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from research.thin_films.measured import CLASSES, GRID, TREATMENTS, peaks_alone, read_films
from xrdsym.common.errors import XrdsymError
from xrdsym.measured.scan import Scan

if TYPE_CHECKING:
    from pathlib import Path


def write_film(path: Path, first: float, last: float, step: float, form: str = "{:.4f} {:.3f}\n") -> None:
    angles = np.arange(first, last + step / 2, step)
    counts = (
        200 - angles + 5000 * np.exp(-(((angles - 14.1) / 0.1) ** 2)) + 900 * np.exp(-(((angles - 28.5) / 0.1) ** 2))
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(form.format(*pair) for pair in zip(angles, counts, strict=True)), encoding="latin-1")


def test_odd_files_come_to_one_grid_and_short_ones_are_reported_apart(tmp_path: Path) -> None:
    write_film(tmp_path / "pm-3m" / "1_2-Theta.xy", 5, 59.96, 0.02, "{:.5f} {:.3f}\r\n")
    write_film(tmp_path / "pm-3m" / "0.4M DT perovskite.xy", 10, 80.01, 0.0496, " {:.6g} {:.0f}\t\r\n")
    write_film(tmp_path / "I4Imcm" / "0% Sn 100%Pb Perovskite at 0.5M.xy", 10, 80.01, 0.0496, "{:.6g} {:.0f} \r\n")
    write_film(tmp_path / "P61mmc" / "MASbI #2 (Light Orange).xy", 3, 69.92, 0.04, "{:.5f};{:.3f}\n")
    write_film(tmp_path / "pm-3m" / "0.65M DT perovskite 14 deg peak.xy", 13.75, 14.4, 0.0048)
    films, short = read_films(tmp_path, "background off")
    assert short == {"0.65M DT perovskite 14 deg peak": "Pm-3m"}
    assert [CLASSES[label] for label in films.labels] == ["I4/mcm", "P6_3/mmc", "Pm-3m", "Pm-3m"]
    assert films.profiles.shape == (4, GRID.points)
    for profile in films.profiles:
        assert GRID.positions[profile.argmax()] == pytest.approx(14.1, abs=0.051)
        assert profile[np.abs(GRID.positions - 28.5) < 0.1].max() == pytest.approx(0.18, abs=0.03)
        assert profile.mean() < 0.02


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_what_lies_outside_the_grid_decides_nothing(treatment: str) -> None:
    rng = np.random.default_rng(0)
    angles = np.arange(12.95, 59.66, 0.02)
    counts = rng.uniform(10, 50, len(angles)) + 900 * np.exp(-(((angles - 30) / 0.1) ** 2))
    more = np.concatenate([np.arange(2.95, 12.94, 0.02), angles, np.arange(59.67, 80, 0.02)])
    beyond = np.concatenate([rng.uniform(0, 9000, 500), counts, rng.uniform(0, 9000, len(more) - 500 - len(angles))])
    np.testing.assert_allclose(
        TREATMENTS[treatment](Scan(angles, counts, None)), TREATMENTS[treatment](Scan(more, beyond, None)), atol=1e-6
    )


def test_a_folder_without_films_is_refused(tmp_path: Path) -> None:
    with pytest.raises(XrdsymError, match=r"contains no film that covers 13° to 59\.6°"):
        read_films(tmp_path, "background off")


def test_between_peaks_a_film_is_zero_when_its_peaks_are_taken_alone() -> None:
    rng = np.random.default_rng(0)
    angles = np.arange(5.0, 65.0, 0.02)
    centres = (14.1, 28.5, 43.2)
    counts = 400 - 3 * angles + rng.normal(0, 5, len(angles))
    for centre in centres:
        counts += 5000 * np.exp(-(((angles - centre) / 0.15) ** 2))
    found = peaks_alone(Scan(angles, counts, None))
    for centre in centres:
        near = np.abs(GRID.positions - centre) < 1
        assert GRID.positions[near][found[near].argmax()] == pytest.approx(centre, abs=0.1)
        assert found[near].max() > 0.8
    assert (found == 0).mean() > 0.8
    assert found[~np.any([np.abs(GRID.positions - centre) < 1.5 for centre in centres], axis=0)].max() < 0.02


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_the_films_of_the_paper(treatment: str, shared_data: Path) -> None:
    films, short = read_films(shared_data / "autoxrd", treatment)
    counts = dict(zip(CLASSES, np.bincount(films.labels).tolist(), strict=True))
    assert counts == {"Fm-3m": 4, "I4/mcm": 17, "P2_1/a": 1, "P-3m1": 13, "P6_3/mmc": 4, "Pc": 2, "Pm-3m": 44}
    assert sorted(short.values()) == ["Pm-3m"] * 3
    assert len(set(films.names)) == len(films.names) == 85
    sizes = {name: int((films.series == name).sum()) for name in set(films.series)}
    assert {name: sizes[name] for name in ("numbered", "FA-MA", "MASnI", "dark", "CsAgBiBr")} == {
        "numbered": 16,
        "FA-MA": 22,
        "MASnI": 10,
        "dark": 4,
        "CsAgBiBr": 4,
    }
    assert np.isfinite(films.profiles).all()
    assert (films.profiles.max(axis=1) == 1).all()
