"""Every figure is drawn, is a readable PNG, and shows what it was given."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from matplotlib.image import imread

from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.evaluation.metrics import evaluate
from xrdsym.reporting import evaluation_figures as figures

if TYPE_CHECKING:
    from pathlib import Path

CONTEXT = "validation part, n = 300, data: prototypes, split by prototype, 7 classes"


def made_scores() -> dict[str, object]:
    rng = np.random.default_rng(0)
    actual = np.arange(300) % 7
    probabilities = rng.dirichlet(np.ones(7), 300)
    right = rng.random(300) < 0.7
    probabilities[right, actual[right]] += 1
    return evaluate(actual, probabilities / probabilities.sum(1, keepdims=True), classes=CRYSTAL_SYSTEMS, bootstrap=100)


def made_image(seed: int, side: int = 96) -> np.ndarray:
    row = np.random.default_rng(seed).integers(0, 256, (1, side, 3), dtype=np.uint8)
    return np.repeat(row, side, axis=0)


def made_pattern() -> figures.ExamplePattern:
    two_theta = np.arange(9001) / 100
    peaks = (20.0, 28.3, 33.1, 47.5, 56.4, 76.7)
    intensity = sum(np.exp(-(((two_theta - peak) / 0.06) ** 2)) / (1 + number) for number, peak in enumerate(peaks))
    return figures.ExamplePattern("mp-20194", "cubic", two_theta, np.asarray(intensity), made_image(1))


def made_confused(count: int) -> list[figures.ConfusedExample]:
    pairs = [("orthorhombic", "monoclinic"), ("hexagonal", "trigonal"), ("triclinic", "orthorhombic")]
    return [
        figures.ConfusedExample(
            f"aflow-AB3_cP4_221_a_c-decorated-{number:04d}",
            *pairs[number % 3],
            0.99 - 0.05 * number,
            made_image(number),
        )
        for number in range(count)
    ]


def made_history(epochs: int) -> list[dict[str, float]]:
    return [
        {
            "epoch": epoch,
            "loss": 2.0 / epoch,
            "accuracy": 1 - 0.85 / epoch,
            "val_loss": 2.2 / epoch**0.5,
            "val_accuracy": 0.9 - 0.8 / epoch,
            "val_macro_f1": 0.85 - 0.8 / epoch,
        }
        for epoch in range(1, epochs + 1)
    ]


def made_counts() -> dict[str, list[int]]:
    return {
        "train": [340, 350, 420, 400, 360, 300, 330],
        "validation": [40, 45, 50, 50, 45, 38, 42],
        "test": [42, 43, 52, 49, 44, 39, 41],
    }


def test_all_figures_of_an_evaluation_are_readable_pictures(tmp_path: Path) -> None:
    files = figures.evaluation_figures(
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
    files = figures.evaluation_figures(
        tmp_path, scores=made_scores(), context=CONTEXT, counts={}, history=[], pattern=None, confused=[]
    )
    assert [file.stem for file in files] == ["confusion_counts", "confusion_shares", "per_class"]


@pytest.mark.parametrize("shares", [False, True])
def test_the_confusion_matrix_prints_every_cell(shares: bool) -> None:
    matrix = np.arange(49).reshape(7, 7)
    matrix[3] = 0
    figure = figures.confusion_figure(matrix, CRYSTAL_SYSTEMS, CONTEXT, shares=shares)
    texts = [text.get_text() for text in figure.axes[0].texts]
    part = 100 * matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    assert texts == ([f"{value:.0f} %" for value in part.flat] if shares else [f"{value:,}" for value in matrix.flat])
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == list(CRYSTAL_SYSTEMS)


def test_of_many_classes_the_most_frequent_are_drawn_and_profiles_as_curves(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    actual = np.minimum(rng.geometric(0.1, 300) - 1, 29)
    scores = evaluate(actual, rng.dirichlet(np.ones(30), 300), classes=[f"{c} 1 c" for c in range(30)], bootstrap=0)
    scores |= {"target": "extinction_group"}
    curve = np.exp(-(((np.arange(901) - 300) / 5.0) ** 2)).astype(np.float32)
    files = figures.evaluation_figures(
        tmp_path,
        scores=scores,
        context=CONTEXT,
        counts={"train": list(range(30))},
        history=[],
        pattern=figures.ExamplePattern("mp-1", "0 1 c", np.arange(901) / 10, curve, curve),
        confused=[figures.ConfusedExample("mp-1", "0 1 c", "1 1 c", 0.5, curve)],
    )
    assert len(files) == 6
    frequent = {name: scores["per_class"][name] for name in scores["classes"][:20]}
    figure = figures.per_class_figure(frequent, CONTEXT, "extinction_group")
    assert len(figure.axes[0].patches) == 20
    assert figure.get_suptitle().startswith("Scores by extinction group")


def test_the_scores_stand_beside_the_papers() -> None:
    scores = made_scores()
    figure = figures.per_class_figure(scores["per_class"], CONTEXT)
    recalls = [bar.get_width() for bar in figure.axes[1].patches]
    assert recalls[:7] == [row["recall"] for row in scores["per_class"].values()]
    assert recalls[7:] == [0.77, 0.44, 0.37, 0.74, 0.68, 0.29, 0.43]


def test_what_a_score_holds_for_fits_into_the_figure() -> None:
    context = "validation part, n = 8,799, data: matminer + materials project, split by anonymous formula, 7 classes"
    figure = figures.confusion_figure(np.eye(7, dtype=int), CRYSTAL_SYSTEMS, context, shares=True)
    figure.draw_without_rendering()
    box = figure.texts[0].get_window_extent()
    assert figure.bbox.x0 <= box.x0 <= box.x1 <= figure.bbox.x1
    assert " ".join(figure.get_suptitle().splitlines()[1:]) == context


def test_counts_are_stacked_to_the_whole() -> None:
    figure = figures.class_figure(made_counts(), CRYSTAL_SYSTEMS)
    totals = [int(text.get_text().replace(",", "")) for text in figure.axes[0].texts]
    assert totals == np.sum(list(made_counts().values()), axis=0).tolist()


def test_a_history_of_one_epoch_and_without_validation_is_drawn() -> None:
    figure = figures.training_figure([{"epoch": 1, "loss": 1.9, "accuracy": 0.2}])
    assert [len(axes.lines) for axes in figure.axes] == [1, 1]


def test_ids_are_shown_as_they_are(tmp_path: Path) -> None:
    example = figures.ConfusedExample("a$b_{$x", "cubic", "trigonal", 0.5, made_image(0))
    figure = figures.confused_figure([example], CONTEXT)
    figures.save_figure(figure, tmp_path / "confused.png")
    assert figure.axes[0].get_title() == "cubic → trigonal\na$b_{$x (50 %)"


def test_figures_leave_no_trace_in_pyplot() -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    figures.training_figure(made_history(3))
    assert dict(mpl.rcParams) == before
    if "matplotlib.pyplot" in sys.modules:
        assert sys.modules["matplotlib.pyplot"].get_fignums() == []


def test_the_same_data_gives_the_same_bytes(tmp_path: Path) -> None:
    first = figures.save_figure(figures.training_figure(made_history(3)), tmp_path / "a.png")
    second = figures.save_figure(figures.training_figure(made_history(3)), tmp_path / "b.png")
    assert first.read_bytes() == second.read_bytes()
