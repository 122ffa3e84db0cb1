"""YAML that is broken, that means something else than it says, or that expands without end."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from xrdsym.common.yaml_reader import load_yaml

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("abc é1-#", max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4),
    max_leaves=20,
)


@given(PLAIN)
def test_what_was_dumped_is_loaded(value: Any) -> None:  # noqa: ANN401
    text = io.StringIO()
    YAML(typ="safe").dump(value, text)
    assert load_yaml(text.getvalue()) == value


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (bomb(9), "expands to more than 200000 entries through its aliases"),
        ("a: &a [1, *a]", "contains itself through an alias"),
        ("a: " + "[" * 3000 + "]" * 3000, "more than 100 lists or mappings within each other"),
        ("a: " + "[" * 101 + "]" * 101, "more than 100 lists or mappings within each other"),
        ("a: !!int abc", r"does not fit its tag \(invalid literal"),
        ("a: !!bool abc", "does not fit its tag"),
        ("a: !!timestamp abc", "timestamp"),
        ("a: 2024-13-45", "month must be in 1..12"),
        ("a: " + "9" * 5000, "4300 digits"),
        ("a: !!python/object:os.system x", "could not determine a constructor"),
        ("a: *nowhere", "undefined alias"),
        ("a: {<<: 3}", "expected a mapping"),
        ("a: 1\na: 2", "duplicate key"),
        ("a:\n\tb: 1", "cannot start any token"),
        ("a: \0", "unacceptable character"),
    ],
)
def test_what_is_wrong_is_one_line(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        load_yaml(text)
    assert "\n" not in str(caught.value)


def test_aliases_of_a_reasonable_file_are_expanded() -> None:
    assert load_yaml("a: &a [1, 2]\nb: *a\nc: {<<: {d: 3}, e: 4}") == {"a": [1, 2], "b": [1, 2], "c": {"d": 3, "e": 4}}
    assert len(load_yaml(bomb(4))) == 4


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    file.write_bytes(b"a: 1\n" * 2**20)
    with pytest.raises(ValueError, match="it has 5242880 bytes, expected 4194304 at most"):
        load_yaml(file)
