"""Every figure is drawn, is a readable PNG, and shows what it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.image import imread

from made_figures import (
    CONTEXT,
    made_confused,
    made_counts,
    made_history,
    made_image,
    made_pattern,
    made_scores,
)
from xrdsym.evaluation.metrics import evaluate
from xrdsym.reporting.evaluation_figures import ConfusedExample, ExamplePattern, confused_figure, evaluation_figures
from xrdsym.reporting.figure_style import save_figure
from xrdsym.reporting.score_figures import per_class_figure

if TYPE_CHECKING:
    from pathlib import Path


def test_all_figures_of_an_evaluation_are_readable_pictures(tmp_path: Path) -> None:
    files = evaluation_figures(
        tmp_path,
        scores=made_scores(),
        context=CONTEXT,
        counts=made_counts(),
        history=made_history(12),
        pattern=made_pattern(),
        confused=made_confused(10),
    )
    names = ["classes", "pattern", "confusion_counts", "confusion_shares", "per_class", "training", "confused"]
    assert files == [tmp_path / f"{name}.png" for name in names]
    assert sorted(tmp_path.iterdir()) == sorted(files)
    for file in files:
        picture = imread(file)
        assert min(picture.shape[:2]) > 400, file.name
        assert np.ptp(picture) == 1, file.name


def test_figures_without_data_are_left_out(tmp_path: Path) -> None:
    files = evaluation_figures(
        tmp_path, scores=made_scores(), context=CONTEXT, counts={}, history=[], pattern=None, confused=[]
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
        confused=[ConfusedExample("mp-1", "0 1 c", "1 1 c", 0.5, curve)],
    )
    assert len(files) == 6
    frequent = {name: scores["per_class"][name] for name in scores["classes"][:20]}
    figure = per_class_figure(frequent, CONTEXT, "extinction_group")
    assert len(figure.axes[0].patches) == 20
    assert figure.get_suptitle().startswith("Scores by extinction group")


def test_ids_are_shown_as_they_are(tmp_path: Path) -> None:
    example = ConfusedExample("a$b_{$x", "cubic", "trigonal", 0.5, made_image(0))
    figure = confused_figure([example], CONTEXT)
    save_figure(figure, tmp_path / "confused.png")
    assert figure.axes[0].get_title() == "cubic → trigonal\na$b_{$x (50 %)"
