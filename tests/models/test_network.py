from __future__ import annotations

from pathlib import Path

import pytest

from xrdsym.config.paths import Paths
from xrdsym.models.network import weights_path


@pytest.mark.parametrize("word", ["none", "imagenet", "/somewhere/own.weights.h5"])
def test_words_and_absolute_paths_of_weights_stay(word: str, tmp_path: Path) -> None:
    assert weights_path(Paths(tmp_path), word) == word


def test_relative_weights_lie_below_the_tree_or_its_project(tmp_path: Path) -> None:
    clone = Paths(tmp_path / ".dvc" / "tmp" / "exps" / "1")
    assert weights_path(clone, "own.h5") == str(tmp_path / "own.h5")
    clone.root.mkdir(parents=True)
    (clone.root / "own.h5").write_bytes(b"")
    assert weights_path(clone, "own.h5") == str(clone.root / "own.h5")
