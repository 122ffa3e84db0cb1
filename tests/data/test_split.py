from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xrdsym.common.errors import XrdsymError
from xrdsym.data.split import PARTS, read_split, split

if TYPE_CHECKING:
    from pathlib import Path

CLASSES = st.lists(st.sampled_from(["cubic", "hexagonal", "triclinic"]), min_size=1, max_size=300)


@given(CLASSES, st.integers(0, 5))
def test_a_random_split_keeps_the_shares_of_every_class(classes: list[str], seed: int) -> None:
    names = np.array(classes)
    parts = split(names, None, validation=0.1, test=0.1, seed=seed)
    assert set(parts) <= set(PARTS)
    for name in set(classes):
        members = parts[names == name]
        for part in ("validation", "test"):
            assert abs((members == part).sum() - 0.1 * len(members)) <= 1


def test_the_same_seed_gives_the_same_parts_and_another_does_not() -> None:
    names = np.array(["cubic", "trigonal"] * 100)
    first = split(names, None, validation=0.1, test=0.1, seed=1)
    assert (first == split(names, None, validation=0.1, test=0.1, seed=1)).all()
    assert (first != split(names, None, validation=0.1, test=0.1, seed=2)).any()


def test_a_class_of_one_material_trains() -> None:
    names = np.array(["cubic"] * 50 + ["trigonal"])
    assert split(names, None, validation=0.1, test=0.1, seed=0)[-1] == "train"


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_no_group_stands_on_two_sides(seed: int) -> None:
    generator = np.random.default_rng(seed)
    groups = generator.integers(0, 60, 600).astype(str)
    classes = generator.choice(["cubic", "hexagonal", "triclinic"], 600)
    parts = split(classes, groups, validation=0.1, test=0.1, seed=seed)
    for group in np.unique(groups):
        assert len(set(parts[groups == group])) == 1
    for part in ("validation", "test"):
        assert 0.04 < (parts == part).mean() < 0.17


@pytest.mark.parametrize(("validation", "test"), [(0.1, 0.1), (0.15, 0.1), (0.3, 0.3), (0.5, 0.4), (0.05, 0.2)])
def test_the_shares_asked_for_are_given(validation: float, test: float) -> None:
    generator = np.random.default_rng(0)
    classes = generator.choice(["cubic", "hexagonal", "triclinic"], 2000)
    for groups in (None, generator.integers(0, 400, 2000).astype(str)):
        parts = split(classes, groups, validation=validation, test=test, seed=0)
        assert (parts == "validation").mean() == pytest.approx(validation, abs=0.03)
        assert (parts == "test").mean() == pytest.approx(test, abs=0.03)


def test_too_few_groups_or_members_are_reported() -> None:
    names = np.array(["cubic"] * 30)
    with pytest.raises(XrdsymError, match="in 3 groups"):
        split(names, np.array(["a", "b", "c"] * 10), validation=0.1, test=0.1, seed=0)
    with pytest.raises(XrdsymError, match="largest class with 3"):
        split(np.repeat(list("abcdefg"), 3), np.arange(21).astype(str), validation=0.1, test=0.1, seed=0)


def test_a_part_may_be_left_out() -> None:
    names = np.array(["cubic"] * 100)
    groups = np.arange(100).astype(str)
    for keys in (None, groups):
        parts = split(names, keys, validation=0.2, test=0.0, seed=0)
        assert set(parts) == {"train", "validation"}
        assert (parts == "validation").sum() == 20


@pytest.mark.parametrize(
    "content",
    [
        b"",
        bytes(range(256)),
        b'material_id,part\n"a',
        b"a,b\n1,2\n",
        b"material_id,part\na,train\na,test\n",
        b"material_id,part\na,x\n",
    ],
    ids=["empty", "binary", "cut", "other columns", "twice", "another part"],
)
def test_a_broken_split_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "split.csv"
    path.write_bytes(content)
    with pytest.raises(XrdsymError, match=re.escape(str(path))):
        read_split(path)
