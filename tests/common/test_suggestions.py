from __future__ import annotations

from xrdsym.common.suggestions import nearest


def test_a_name_that_is_nearly_right_is_suggested() -> None:
    assert nearest("cubik", ["hexagonal", "cubic"]) == "did you mean cubic?"


def test_where_none_is_near_all_are_named() -> None:
    assert nearest("x", ["hexagonal", "cubic"]) == "known are hexagonal, cubic"
