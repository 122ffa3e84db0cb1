from __future__ import annotations

import numpy as np

from made_figures import CONTEXT, made_counts, made_scores
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.reporting.score_figures import class_figure, per_class_figure, training_figure


def test_the_scores_stand_beside_the_papers() -> None:
    scores = made_scores()
    figure = per_class_figure(scores["per_class"], CONTEXT)
    recalls = [bar.get_width() for bar in figure.axes[1].patches]
    assert recalls[:7] == [row["recall"] for row in scores["per_class"].values()]
    assert recalls[7:] == [0.77, 0.44, 0.37, 0.74, 0.68, 0.29, 0.43]


def test_counts_are_stacked_to_the_whole() -> None:
    figure = class_figure(made_counts(), CRYSTAL_SYSTEMS)
    totals = [int(text.get_text().replace(",", "")) for text in figure.axes[0].texts]
    assert totals == np.sum(list(made_counts().values()), axis=0).tolist()


def test_a_history_of_one_epoch_and_without_validation_is_drawn() -> None:
    figure = training_figure([{"epoch": 1, "loss": 1.9, "accuracy": 0.2}])
    assert [len(axes.lines) for axes in figure.axes] == [1, 1]
