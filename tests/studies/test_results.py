from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xrdsym.studies.results import (
    BASELINE,
    Materials,
    arm_name,
    pack_classes,
    pack_materials,
    settings_key,
    trial_name,
    unpack_classes,
    unpack_materials,
)


@given(st.lists(st.integers(0, 255)))
def test_classes_come_back(classes: list[int]) -> None:
    assert unpack_classes(pack_classes(np.array(classes, dtype=np.int64))).tolist() == classes


@given(st.lists(st.tuples(st.text(), st.integers(0, 6), st.text())))
def test_materials_come_back_and_have_a_digest_of_their_own(rows: list[tuple[str, int, str]]) -> None:
    ids, labels, compositions = (tuple(row[column] for row in rows) for column in range(3))
    materials = Materials(ids, np.array(labels, dtype=np.int64), compositions)
    digest, text = pack_materials(materials)
    back = unpack_materials(text)
    assert (back.ids, back.labels.tolist(), back.compositions) == (ids, list(labels), compositions)
    other = Materials((*ids, "mp-1"), np.append(materials.labels, 0), (*compositions, "NaCl"))
    assert pack_materials(other)[0] != digest


def test_eight_thousand_answers_take_little_room() -> None:
    answers = np.random.default_rng(0).integers(0, 7, 8799)
    assert len(pack_classes(answers)) < 5000


def test_arms_are_named_by_what_they_change() -> None:
    assert arm_name({}) == BASELINE
    assert arm_name({"images.layout": "raster", "profile.sigma": 3.0}) == "layout=raster, σ=3"
    assert trial_name({"profile.sigma": 3.0}, 2) == "σ=3 · seed 2"
    assert trial_name({}, 0) == "baseline · seed 0"


def test_arms_of_one_name_are_still_two() -> None:
    one, other = {"train.learning_rate": 0.00123401}, {"train.learning_rate": 0.00123402}
    assert arm_name(one) == arm_name(other)
    assert settings_key(one) != settings_key(other)
    assert settings_key({"a": 1, "b": 2}) == settings_key({"b": 2, "a": 1})
