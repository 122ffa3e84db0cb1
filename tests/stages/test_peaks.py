from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from made_crystals import CELLS, crystals, huge
from params_of import preset_content, preset_params
from xrdsym.common.errors import XrdsymError
from xrdsym.config.params_file import params_from
from xrdsym.config.paths import Paths
from xrdsym.crystal.structure_table import write_structures
from xrdsym.diffraction.peaks_table import load_peaks, read_skipped
from xrdsym.diffraction.scattering import wavelength
from xrdsym.stages import peaks


def test_the_first_peak_is_where_bragg_puts_it(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    write_structures(paths.structures, [*crystals(1), huge()])
    peaks.run(
        paths,
        params_from(preset_content(peaks__radiation="MoKa", peaks__two_theta_max=50.0, profile__two_theta_max=50.0)),
    )
    found = load_peaks(paths.peaks, ["cubic-0"])
    expected = np.degrees(2 * np.arcsin(wavelength("MoKa") / (2 * CELLS["cubic"][0, 0])))
    assert found.two_theta[0] == pytest.approx(expected, abs=1e-6)
    assert found.two_theta.max() <= 50.0
    assert read_skipped(paths.peaks)["huge"][0] == "too_large"
    summary = json.loads((tmp_path / "data" / "peaks.json").read_text())
    assert summary == {"count": 4, "wavelength": wavelength("MoKa"), "skipped": {"too_large": 1}}


def test_where_no_structure_has_a_peak_the_reasons_are_named(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    write_structures(paths.structures, [huge()])
    with pytest.raises(XrdsymError, match=r"no structure of .* has a peak \(1 too_large\)"):
        peaks.run(paths, preset_params())
