from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from made_crystals import CELLS, crystals, huge
from params_of import preset_content, preset_params
from xrdsym.common.errors import XrdsymError
from xrdsym.config.params_file import params_from
from xrdsym.config.paths import Paths
from xrdsym.crystal.structure_table import write_structures
from xrdsym.diffraction.peaks_table import load_peaks
from xrdsym.encoding.encoder import encoder_of
from xrdsym.encoding.rendering.png import read_png
from xrdsym.stages import images, labels, peaks


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Tables of four crystals with labels and peaks, and of one without peaks."""
    paths = Paths(tmp_path)
    write_structures(paths.structures, [*crystals(1), huge()])
    labels.run(paths, preset_params())
    peaks.run(paths, preset_params())
    return paths


def test_each_pattern_is_a_file_in_the_folder_of_its_system(paths: Paths) -> None:
    params = params_from(preset_content(images__side=32))
    images.run(paths, params)
    files = sorted(path.relative_to(paths.images).as_posix() for path in paths.images.rglob("*.png"))
    assert files == sorted(f"{system}/{system}-0.png" for system in CELLS)
    one = load_peaks(paths.peaks, ["cubic-0"])
    encoder = encoder_of(params)
    (expected,) = encoder.images(encoder.profiles(one.offsets, one.two_theta, one.intensity))
    np.testing.assert_array_equal(read_png(paths.images / "cubic" / "cubic-0.png"), expected)
    assert json.loads((paths.root / "data" / "images.json").read_text()) == {"count": 4, "skipped": {}}


def test_images_of_another_run_go_where_none_are_read(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    images.run(paths, params_from(preset_content(images__side=32)))
    images.run(paths, params_from(preset_content(train__input="peaks")))
    assert list(paths.images.rglob("*.png")) == []
    assert "images: none, since inputs come from the peaks" in capsys.readouterr().out


def test_a_range_without_a_peak_is_named(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(XrdsymError, match=r"peaks\.parquet gives no image \(4 no_reflection_in_range\)"):
        images.run(paths, params_from(preset_content(profile__two_theta_min=1.0, profile__two_theta_max=5.0)))
    assert "skipped (no_reflection_in_range): cubic-0: no peak" in capsys.readouterr().err
    assert not paths.images.exists()


@pytest.mark.parametrize("table", ["labels", "peaks", "both"])
def test_an_id_of_a_pulled_table_writes_nothing_outside_the_project(paths: Paths, table: str) -> None:
    out = "../" * (len(paths.images.parts) + 2) + str(paths.root.relative_to("/")) + "/out"
    for file in (paths.labels, paths.peaks):
        if table in {file.stem, "both"}:
            content = pq.read_table(file)
            ids = [out, *content["material_id"].to_pylist()[1:]]
            pq.write_table(content.set_column(0, "material_id", pa.array(ids)), file)
    with pytest.raises(XrdsymError, match=r"has the material_id '\.\./\.\./"):
        images.run(paths, preset_params())
    assert not list(paths.root.glob("out*"))
