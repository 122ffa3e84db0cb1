"""The report: whole, self-contained, escaped, and readable in a real browser; the last words of a run."""

from __future__ import annotations

import dataclasses
import html
import json
import re
import shutil
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import numpy as np
import pytest

from browser import seen
from params_of import preset_params
from xrdsym.common.errors import XrdsymError
from xrdsym.config.paths import Paths
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.encoding.recipe import recipe_of, write_recipe
from xrdsym.evaluation.confusions import worst_confusions
from xrdsym.evaluation.metrics import evaluate, score_context
from xrdsym.reporting.evaluation_figures import evaluation_figures
from xrdsym.reporting.pattern_figure import ExamplePattern
from xrdsym.reporting.run_report import Report, render_report
from xrdsym.stages.report import gather, last_words, run

if TYPE_CHECKING:
    from pathlib import Path

    from xrdsym.config.schema import Params

ROWS = 300
TOLD = {"part": "validation", "split": "prototype", "sources": ["prototypes"], "target": "crystal_system"}
BAD_ID = '<img src="https://example.org/x.png" onerror=alert(1)>'
MISTAKES = [
    {
        "material_id": BAD_ID,
        "formula": "SnSe2",
        "space_group": "P2_1",
        "actual": "monoclinic",
        "predicted": "triclinic",
        "probability": 0.9757,
        "probability_of_actual": 0.0241,
        "origin": {
            "prototype": "aflow-A2B_tP36_96_3b_ab-SiO2",
            "formula": "SiO2",
            "strain": 0.0729,
            "displacement": 0.0981,
        },
    },
    {
        "material_id": "mp-1",
        "formula": "NaCl",
        "space_group": "Fm-3m",
        "actual": "cubic",
        "predicted": "trigonal",
        "probability": 0.6,
        "probability_of_actual": 0.3,
        "origin": None,
    },
]
SECTIONS = ["result", "confusions", "classes", "mistakes", "training", "data", "parameters", "provenance", "next"]


@pytest.fixture(scope="module")
def params() -> Params:
    return preset_params()


@pytest.fixture
def tree(finished: Paths, tmp_path: Path) -> Paths:
    """A working tree as the stages leave it, one for each test."""
    return Paths(shutil.copytree(finished.root, tmp_path / "tree"))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, params: Params) -> Paths:
    paths = Paths(tmp_path_factory.mktemp("finished"))
    model = paths.models / params.train.model
    for folder in (paths.root / "data", paths.reports / "figures", model):
        folder.mkdir(parents=True)
    write_recipe(model, recipe_of(params, {"labels": "0a" * 32}, {"keras": "3.9"}, CRYSTAL_SYSTEMS))
    rng = np.random.default_rng(0)
    actual = np.arange(ROWS) % 7
    probabilities = rng.dirichlet(np.ones(7), ROWS)
    right = rng.random(ROWS) < 0.7
    probabilities[right, actual[right]] += 1
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    scores = evaluate(actual, probabilities, classes=CRYSTAL_SYSTEMS, bootstrap=200)
    context = score_context(part="validation", n=ROWS, sources=("prototypes",), split_by="prototype", classes=7)
    ids = [f"aflow-AB_cF8_225_a_b-{row:04d}" for row in range(ROWS)]
    confusions = worst_confusions(actual, probabilities, ids, classes=CRYSTAL_SYSTEMS)
    first = confusions[0]["examples"][0]["row"]
    ids[first] = BAD_ID
    write(paths.reports / "scores.json", json.dumps({**TOLD, **scores}))
    rows = [
        [name, CRYSTAL_SYSTEMS[one], CRYSTAL_SYSTEMS[row.argmax()], *row]
        for name, one, row in zip(ids, actual, probabilities, strict=True)
    ]
    lines = [",".join(["material_id", "actual", "predicted", *CRYSTAL_SYSTEMS])]
    lines += ['"{}",'.format(row[0].replace('"', '""')) + ",".join(map(str, row[1:])) for row in rows]
    write(paths.reports / "predictions.csv", "\n".join(lines) + "\n")
    counts = dict(zip(CRYSTAL_SYSTEMS, [340, 350, 420, 400, 360, 300, 330], strict=True))
    parts = {
        "train": counts,
        "validation": dict.fromkeys(CRYSTAL_SYSTEMS, 43),
        "test": dict.fromkeys(CRYSTAL_SYSTEMS, 42),
    }
    shares = {"composition": 0.04, "prototype": 0.0, "anonymous_formula": 0.61}
    write(paths.summary("split"), json.dumps({"parts": parts, "test_shares_with_train": shares}))
    for stage in ("structures", "labels", "images"):
        write(paths.summary(stage), json.dumps({"count": 3100, "skipped": {}}))
    write(paths.summary("peaks"), json.dumps({"count": 3098, "skipped": {"no_reflection": 2}}))
    facts = {
        "structures": {"train": 2500, "validation": 301},
        "classes": {"train": counts},
        "skipped": {"no_image": 1},
        "epochs": 12,
        "stopped_early": False,
        "seconds": 205.31,
    }
    write(model / "training.json", json.dumps(facts))
    row_image = np.repeat(rng.integers(0, 256, (1, 96, 3), dtype=np.uint8), 96, axis=0)
    example = ExamplePattern("mp-1", "cubic", np.arange(901) / 10, np.linspace(0, 1, 901), row_image)
    write(paths.reports / "mistakes.json", json.dumps(MISTAKES))
    evaluation_figures(
        paths.reports / "figures",
        scores=scores,
        context=context,
        counts={part: list(numbers.values()) for part, numbers in parts.items()},
        history=[{"epoch": 1, "loss": 2.0, "accuracy": 0.3, "val_loss": 1.9, "val_accuracy": 0.35}],
        pattern=example,
        mistakes=[example] * 2,
    )
    return paths


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


class Page(HTMLParser):
    """What a browser would load, and which elements there are."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.tags: list[str] = []
        self.sections: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        self.sources += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "data", "action"}]
        if tag == "h2":
            self.sections.append(values["id"] or "")


def test_the_report_of_a_whole_run_has_every_section_and_loads_nothing(
    tree: Paths, params: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tree, params)
    text = (tree.reports / "index.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.sections == SECTIONS
    loaded = [source for source in page.sources if not source.startswith("#")]
    assert len(loaded) == 8
    assert all(source.startswith("data:image/svg+xml;base64,") for source in loaded)
    assert not {"script", "link", "iframe", "object"} & set(page.tags)
    assert "url(" not in text
    assert "@import" not in text
    printed = last_words(tree, params)
    assert "reports/index.html" in capsys.readouterr().out
    for expected in ("reports/index.html", "models/mobilenetv2", "95 % interval", "mlflow ui", "xrdsym predict FILE"):
        assert expected in printed


def test_the_scores_stand_with_what_they_hold_for(tree: Paths, params: Params) -> None:
    text = html.unescape(re.sub(r"<[^>]+>", "", render_report(gather(tree, params)))).replace("\N{NO-BREAK SPACE}", " ")
    scores = json.loads((tree.reports / "scores.json").read_text(encoding="utf-8"))
    assert text.count("validation part, n = 300, data: prototypes, split by prototype, 7 classes") >= 3
    assert "87,989 Materials Project structures in all parts, random split, 7 classes" in text
    assert f"{scores['accuracy']:.3f}" in text
    assert "{:.3f}–{:.3f}".format(*scores["intervals"]["macro_f1"]) in text
    assert "no reflection: 2" in text
    assert re.search(r"structures, train\s*2,500", text)
    assert (
        "4.0 % share their composition, 0.0 % their prototype, 61.0 % their anonymous formula with the training part"
        in text
    )


def test_what_people_wrote_is_text(tree: Paths, params: Params) -> None:
    report = gather(tree, params)
    assert any(example["material_id"] == BAD_ID for pair in report.confusions for example in pair["examples"])
    text = render_report(dataclasses.replace(report, model=BAD_ID))
    assert BAD_ID not in text
    assert text.count(html.escape(BAD_ID, quote=False).replace('"', "&#34;")) >= 3
    assert not [source for source in Page(text).sources if "example.org" in source]


def test_parameters_are_those_of_the_model(tree: Paths, params: Params) -> None:
    today = dataclasses.replace(params, profile=dataclasses.replace(params.profile, sigma=77.0))
    today = dataclasses.replace(today, split=dataclasses.replace(today.split, by="random"))
    assert "split by prototype" in last_words(tree, today)
    assert gather(tree, today).parameters["profile"]["sigma"] == params.profile.sigma


def test_without_results_there_is_still_a_report(tmp_path: Path, params: Params) -> None:
    paths = Paths(tmp_path)
    run(paths, params)
    assert Page((paths.reports / "index.html").read_text(encoding="utf-8")).sections == ["parameters", "next"]
    assert "accuracy" not in last_words(paths, params)


def test_a_score_without_its_model_is_not_reported(tree: Paths, params: Params) -> None:
    other = dataclasses.replace(params, train=dataclasses.replace(params.train, model="salgado"))
    printed = last_words(tree, other)
    assert "models/salgado does not exist yet" in printed
    assert "accuracy" not in printed


def test_a_mistake_says_which_structure_it_is(tree: Paths, params: Params) -> None:
    text = html.unescape(re.sub(r"<[^>]+>", "", render_report(gather(tree, params)))).replace("\N{NO-BREAK SPACE}", " ")
    assert "SnSe2: monoclinic taken for triclinic" in text
    assert "triclinic with 97.6 %; monoclinic has 2.4 %" in text
    assert "the AFLOW prototype aflow-A2B_tP36_96_3b_ab-SiO2, SiO2" in text
    assert "strained by up to 7.3 % beside a common factor, atoms displaced by up to 0.10 Å" in text
    assert "Fm-3m, cubic" in text
    assert text.count("AFLOW prototype") == 1


def test_a_report_without_scores_or_figures_says_what_to_do(tree: Paths, params: Params) -> None:
    (tree.reports / "scores.json").unlink()
    assert "There are no scores" in render_report(gather(tree, params))
    shutil.rmtree(tree.reports)
    report = render_report(gather(tree, params))
    assert "dvc repro" in report
    assert "There are no scores" in report


def test_a_report_without_figures_says_what_to_do(tree: Paths, params: Params) -> None:
    shutil.rmtree(tree.reports / "figures")
    page = render_report(gather(tree, params))
    assert "There are no figures" in page
    assert Page(page).sections == SECTIONS
    assert "<img" not in page


def test_an_empty_report_is_a_head_only() -> None:
    assert Page(render_report(Report(model="m", written="today"))).sections == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("scores.json", "{"),
        ("predictions.csv", ""),
        ("scores.json", "{}"),
        ("scores.json", '{"accuracy": 0.5}'),
        ("scores.json", "[]"),
        ("mistakes.json", "{"),
        ("mistakes.json", '[{"material_id": "mp-1"}]'),
        ("mistakes.json", "7"),
        ("predictions.csv", "material_id,actual,predicted,cubic\nmp-1,cubic,cubic,much\n"),
    ],
)
def test_a_broken_file_is_named(tree: Paths, params: Params, name: str, content: str) -> None:
    write(tree.reports / name, content)
    with pytest.raises(XrdsymError, match=f"{name}.*dvc repro"):
        run(tree, params)


@pytest.mark.parametrize(
    ("part", "by", "expected"),
    [("test", "random", "random split"), ("test", "anonymous_formula", "split by anonymous formula")],
)
def test_the_context_names_the_split(part: str, by: str, expected: str) -> None:
    context = score_context(part=part, n=8799, sources=("matminer", "materials_project"), split_by=by, classes=7)
    assert context == f"test part, n = 8,799, data: matminer + materials project, {expected}, 7 classes"


@pytest.mark.slow
@pytest.mark.parametrize(("width", "dark"), [(400, True), (1200, False), (2000, True)])
def test_a_browser_shows_it(tree: Paths, params: Params, tmp_path: Path, width: int, dark: bool) -> None:
    run(tree, params)
    page = seen((tree.reports / "index.html").read_text(encoding="utf-8"), width, tmp_path, dark=dark)
    assert page.width == width
    assert page.needed <= width
    assert page.outside == []
    assert page.cut == 0 or width == 400
    assert len(page.pictures) == 8
    assert all(alternative and size > 0 for alternative, size in page.pictures)
    assert page.anchors == 0
    assert page.background == ("rgb(13, 17, 23)" if dark else "rgb(255, 255, 255)")
