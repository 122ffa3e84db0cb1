"""Every figure is drawn, is a readable SVG file, and shows what it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np

from made_figures import CONTEXT, made_counts, made_history, made_pattern, made_scores
from xrdsym.evaluation.metrics import evaluate
from xrdsym.reporting.evaluation_figures import evaluation_figures
from xrdsym.reporting.pattern_figure import ExamplePattern
from xrdsym.reporting.score_figures import per_class_figure

if TYPE_CHECKING:
    from pathlib import Path


def texts_of(file: Path) -> list[str]:
    root = ET.parse(file)  # noqa: S314 - drawn by the test
    return ["".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")]


def test_all_figures_of_an_evaluation_are_readable_pictures(tmp_path: Path) -> None:
    files = evaluation_figures(
        tmp_path,
        scores=made_scores(),
        context=CONTEXT,
        counts=made_counts(),
        history=made_history(12),
        pattern=made_pattern(),
        mistakes=[made_pattern("a$b_{$x", "cubic taken for trigonal"), made_pattern()],
    )
    names = ["classes", "pattern", "confusion_counts", "confusion_shares", "per_class", "training"]
    names += ["mistake_1", "mistake_2"]
    assert files == [tmp_path / f"{name}.svg" for name in names]
    assert sorted(tmp_path.iterdir()) == sorted(files)
    for file in files:
        assert len(texts_of(file)) > 5, file.name
    assert "a$b_{$x, cubic taken for trigonal" in texts_of(tmp_path / "mistake_1.svg")


def test_figures_without_data_are_left_out(tmp_path: Path) -> None:
    files = evaluation_figures(
        tmp_path, scores=made_scores(), context=CONTEXT, counts={}, history=[], pattern=None, mistakes=[]
    )
    assert [file.stem for file in files] == ["confusion_counts", "confusion_shares", "per_class"]


def test_of_many_classes_the_most_frequent_are_drawn_and_profiles_as_curves(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    actual = np.minimum(rng.geometric(0.1, 300) - 1, 29)
    scores = evaluate(actual, rng.dirichlet(np.ones(30), 300), classes=[f"{c} 1 c" for c in range(30)], bootstrap=0)
    scores |= {"target": "extinction_group"}
    curve = np.exp(-(((np.arange(901) - 300) / 5.0) ** 2)).astype(np.float32)
    files = evaluation_figures(
        tmp_path,
        scores=scores,
        context=CONTEXT,
        counts={"train": list(range(30))},
        history=[],
        pattern=ExamplePattern("mp-1", "0 1 c", np.arange(901) / 10, curve, curve),
        mistakes=[ExamplePattern("mp-1", "0 1 c taken for 1 1 c", np.arange(901) / 10, curve, curve)],
    )
    assert len(files) == 6
    frequent = {name: scores["per_class"][name] for name in scores["classes"][:20]}
    figure = per_class_figure(frequent, CONTEXT, "extinction_group")
    assert len(figure.axes[0].patches) == 20
    assert figure.get_suptitle().startswith("Scores by extinction group")
