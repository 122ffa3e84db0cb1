from __future__ import annotations

import pytest

from params_of import preset_content
from xrdsym.studies.data_line import data_line, source_text


def test_it_says_how_much_is_missing_of_what_the_study_asks_for() -> None:
    content = preset_content("screening")
    assert data_line(content, 3000, 2410, 303) == (
        "3,000 structures from prototypes, split by prototype: 2,410 to train on (the study asks for 10,000), "
        "n = 303 validation, 7 classes"
    )
    assert "asks for" not in data_line(content, 90_000, 10_000, 303)
    assert "asks for" not in data_line(preset_content(train__limit=None), 3000, 2410, 303)


def test_a_count_that_is_not_stored_is_left_out() -> None:
    content = preset_content(split__by="random", target__name="space_group")
    assert data_line(content, None, 10, 3) == (
        "structures from prototypes, split at random: 10 to train on, n = 3 validation, classes: space group"
    )


@pytest.mark.parametrize(
    ("structures", "text"),
    [
        ({"sources": ["matminer", "materials_project"]}, "matminer and materials project"),
        ({"sources": ["files"], "files": {"path": "/a/b/cifs", "ids": None}}, "cifs"),
        (
            {"sources": ["files", "prototypes"], "files": {"path": "a/t.parquet", "ids": "x/i.csv"}},
            "i.csv of t.parquet and prototypes",
        ),
    ],
)
def test_sources_are_named(structures: dict[str, object], text: str) -> None:
    assert source_text(structures) == text
