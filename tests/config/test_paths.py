from __future__ import annotations

from pathlib import Path

import pytest

from xrdsym.common.errors import XrdsymError
from xrdsym.config.paths import Paths, project_root, working_tree


def test_the_tree_is_found_from_a_folder_inside_it(tmp_path: Path) -> None:
    (tmp_path / "dvc.yaml").touch()
    inside = tmp_path / "data" / "images"
    inside.mkdir(parents=True)
    assert working_tree(inside).root == tmp_path.resolve()
    assert project_root(working_tree(inside)) == tmp_path.resolve()


@pytest.mark.parametrize("inner", [".dvc/tmp/exps", "data/.studies", "data/.comparisons"])
def test_a_tree_inside_belongs_to_the_project_around_it(tmp_path: Path, inner: str) -> None:
    clone = tmp_path / inner / "tmpabc"
    clone.mkdir(parents=True)
    (clone / "dvc.yaml").touch()
    assert working_tree(clone).root == clone.resolve()
    assert project_root(Paths(clone)) == tmp_path


def test_outside_a_project_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(XrdsymError, match=r"no dvc\.yaml"):
        working_tree(tmp_path)
