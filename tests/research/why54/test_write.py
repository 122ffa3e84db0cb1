"""The answer: the right words for known truths, whole with all studies and with few, readable in print."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markdown_it import MarkdownIt
from matplotlib.image import imread

from browser import seen
from made_trials import made_materials, paper_answers, trial, trial_of
from research.why54.findings import StudyFacts, all_findings, before_and_after, evidence, is_learning_curve
from research.why54.verdict import EXPLAINS, HELPS, HURTS, NOTHING
from research.why54.write import document, figures_of, step_labels, write_answer
from xrdsym.reporting.document import Heading, Table, Text, markdown
from xrdsym.reporting.figure_style import save_figure
from xrdsym.studies.results import Materials, TrialResult

MATERIALS = made_materials(3000, cluster=2)
SMALL = "validation part, data: made up, random split, 7 classes, small"
WHOLE = "validation part, data: made up, random split, 7 classes, large"
Arms = list[tuple[dict[str, Any], float]]
Entry = tuple[StudyFacts, list[TrialResult]]


def facts(name: str, **others: Any) -> StudyFacts:  # noqa: ANN401 - any fields
    told = {"guess": f"the guess of {name}", "design": "each", "protocol": SMALL}
    return StudyFacts(name=name, command=f"xrdsym study run {name}", **{**told, **others})


def made_study(
    name: str,
    arms: Arms,
    *,
    seeds: int = 1,
    trained: int = 10_000,
    **others: Any,  # noqa: ANN401 - any fields of the facts
) -> Entry:
    results = []
    for settings, accuracy in [({}, 0.5), *arms]:
        for seed in range(seeds):
            size = settings.get("train.limit", trained)
            draw = 100 * seed + len(results)
            made = trial_of(
                MATERIALS, accuracy, settings, draw=draw, seed=seed, number=len(results), study=name, trained=size
            )
            results.append(made)
    return facts(name, **others), results


def full_study(*, trained: int = 70_000) -> Entry:
    best = {"train.batchnorm": "reestimate", "images.layout": "raster"}
    results = [trial(MATERIALS, paper_answers(MATERIALS.labels, s), seed=s, number=s, trained=trained) for s in (0, 1)]
    results += [trial_of(MATERIALS, 0.82, best, draw=s, seed=s, number=2 + s, trained=trained) for s in (0, 1)]
    return facts("full", role="full", protocol=WHOLE), results


STEPS = [
    ({"train.batchnorm": "reestimate"}, 0.6),
    ({"train.batchnorm": "reestimate", "images.layout": "raster"}, 0.7),
    ({"train.batchnorm": "reestimate", "images.layout": "raster", "train.schedule": "cosine"}, 0.69),
]


def all_studies() -> list[Entry]:
    _, test_results = full_study()
    return [
        made_study("class_weighting", [({"train.class_weight": "balanced"}, 0.5), ({"train.loss": "focal"}, 0.4)]),
        made_study("batchnorm", [({"train.batchnorm": "reestimate"}, 0.6), ({"train.batchnorm": "frozen"}, 0.3)]),
        made_study("training_size", [({"train.limit": size}, 0.3 + size / 1e5) for size in (2500, 5000, 20_000)]),
        made_study("confirmation", [({"train.batchnorm": "reestimate"}, 0.62)], seeds=3, role="confirmation"),
        made_study("steps", STEPS, seeds=3, design="steps"),
        made_study("readings", [({"profile.step": 0.1}, 0.45)], role="readings", protocol=WHOLE, trained=70_000),
        made_study("best", [({"train.alpha": 0.5}, 0.6), ({"train.alpha": 1.0}, 0.65)], design="search"),
        full_study(),
        (facts("full", role="full", part="test", protocol="test part, made up"), test_results),
        (facts("weights"), []),
    ]


def near_duplicates() -> dict[str, Any]:
    def rung(tolerance: dict[str, Any]) -> dict[str, Any]:
        example = {
            "material_id": ["mp-1", "mp-2"],
            "composition": ["CsCl", "CsCl"],
            "crystal_system": ["cubic", "tetragonal"],
            "space_group": [221, 123],
            "distance": 1.0,
            "pairs": 17,
        }
        share = {"count": 1234, "share": 0.0123}
        return tolerance | {"other_system": share, "lost_at_best": 0.0045, "examples": [example]}

    nearest = {"train": {"accuracy": 0.612}, "all": {"accuracy": 0.622}}
    return {
        "count": 87_989,
        "images": {"layout": "stripes", "side": 224, "colormap": "viridis", "downsampling": "imshow"},
        "profile": {"step": 0.01, "sigma": 5.0, "scale": "linear"},
        "image": {"rungs": [rung({"grey_levels": level}) for level in (1, 13, 26)], "nearest_neighbour": nearest},
        "grid": {"rungs": [rung({"height": 0.01})], "nearest_neighbour": nearest},
        "peaks": {"rungs": [rung({"degrees": 0.01, "height": 0.01})]},
    }


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    folder = tmp_path_factory.mktemp("answer")
    return folder, write_answer(all_studies(), near_duplicates(), folder / "docs", folder / "reports" / "why-54.html")


def test_everything_is_written_and_every_figure_shown(written: tuple[Path, list[Path]]) -> None:
    folder, files = written
    text = (folder / "docs" / "why-54.md").read_text(encoding="utf-8")
    shown = [folder / "docs" / name for name in re.findall(r"!\[[^]]*\]\(([^)]+)\)", text)]
    assert sorted(shown) == sorted(files[2:])
    assert {file.stem for file in shown} >= {"forest", "waterfall", "recalls", "confusions", "epochs_batchnorm"}
    assert "learning_curve_training_size" in {file.stem for file in shown}
    page = (folder / "reports" / "why-54.html").read_text(encoding="utf-8")
    assert page.count("data:image/svg+xml;base64,") == len(shown)
    assert not re.search(r'(?:src|href)="(?!data:|#)', page)


@pytest.mark.slow
@pytest.mark.parametrize(("width", "dark"), [(400, True), (1200, False), (2000, False)])
def test_a_browser_shows_every_table_whole(
    written: tuple[Path, list[Path]], tmp_path: Path, width: int, dark: bool
) -> None:
    text = (written[0] / "reports" / "why-54.html").read_text(encoding="utf-8")
    page = seen(text, width, tmp_path, dark=dark)
    assert page.needed <= width
    assert page.outside == []
    assert page.cut == 0 or width == 400
    assert len(page.pictures) == len(written[1]) - 2
    assert all(alternative and size > 0 for alternative, size in page.pictures)
    assert page.anchors == 0


def test_the_figures_can_be_read_in_gray(tmp_path: Path) -> None:
    for name, figure in figures_of(all_findings(all_studies())).items():
        picture = imread(save_figure(figure, tmp_path / f"{name}.png"))
        gray = picture[..., :3] @ np.array([0.299, 0.587, 0.114])
        assert min(gray.shape) > 300, name
        assert np.ptp(gray) > 0.9, name


def test_the_answer_stands_in_the_first_lines(written: tuple[Path, list[Path]]) -> None:
    text = (written[0] / "docs" / "why-54.md").read_text(encoding="utf-8")
    head = text.split("| guess (study) |")[0]
    assert len(head.splitlines()) <= 12
    assert head.count("(study `full`") == 3
    assert "ends near 0.54: **0.5" in head
    assert re.search(r"From epoch to epoch it is anything from 0\.\d\d to 0\.\d\d, while training ends at", head)
    assert "As the paper in accuracy (within 3 points) and in fingerprint: `baseline` of `full`" in head
    assert "`train.batchnorm=reestimate, images.layout=raster` (study `full`)" in head
    assert "validation part, data: made up, random split, 7 classes" in head


def test_the_commands_at_the_end_name_the_storage(written: tuple[Path, list[Path]]) -> None:
    text = (written[0] / "docs" / "why-54.md").read_text(encoding="utf-8")
    assert text.endswith("```sh\nxrdsym study list\nxrdsym study run NAME\nxrdsym study answer\n```\n")


def test_the_document_is_sound_markdown(written: tuple[Path, list[Path]]) -> None:
    text = (written[0] / "docs" / "why-54.md").read_text(encoding="utf-8")
    rendered = MarkdownIt("commonmark").enable("table").render(text)
    assert rendered.count("<table>") > 10
    assert "\n|" not in rendered
    assert "nan" not in re.sub(r"<[^>]*>", "", rendered).lower().split()
    assert "not run: `xrdsym study run weights`" in text
    assert "On the whole set, test part" in text
    assert "0.612 by the image" in text
    assert "CsCl" in text


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return {f"{one.facts.name}/{one.facts.part}": one for one in all_findings(all_studies())}


def test_verdicts_are_those_of_the_known_truths(found: dict[str, Any]) -> None:
    verdicts = {(name.partition("/")[0], arm.name): arm.verdict for name, study in found.items() for arm in study.arms}
    assert verdicts["class_weighting", "train.class_weight=balanced"] == NOTHING
    assert verdicts["class_weighting", "train.loss=focal"] == HURTS
    assert verdicts["batchnorm", "train.batchnorm=reestimate"] == HELPS
    assert verdicts["full", "train.batchnorm=reestimate, images.layout=raster"] == EXPLAINS
    assert found["class_weighting/validation"].worst.name == "train.loss=focal"
    assert found["batchnorm/validation"].best.name == "train.batchnorm=reestimate"
    assert found["best/validation"].best.name == "train.alpha=1.0"
    assert verdicts["best", "train.alpha=1.0"] == ""


def test_one_seed_borrows_the_scatter_of_its_protocol(found: dict[str, Any]) -> None:
    arm = found["batchnorm/validation"].arms[0]
    assert arm.effect.seeds == 1
    assert arm.effect.has_seed_variance


def test_without_any_study_of_several_seeds_the_limits_say_so() -> None:
    studies = [made_study("batchnorm", [({"train.batchnorm": "reestimate"}, 0.6)])]
    everything = all_findings(studies)
    assert not everything[0].arms[0].effect.has_seed_variance  # type: ignore[union-attr]
    assert "leave out the scatter between seeds" in markdown(document(everything, None, ()), "images")


def test_baselines_of_several_studies_with_other_seeds_tell_of_the_scatter() -> None:
    name, results = made_study("sigma", [({"profile.sigma": 2.0}, 0.5)])
    moved = [trial_of(MATERIALS, 0.56, draw=7, seed=9), trial_of(MATERIALS, 0.56, {"train.alpha": 1.0}, seed=9)]
    alone, _ = all_findings([(name, results), (facts("weights", protocol="another"), moved)])
    together, _ = all_findings([(name, results), (facts("weights"), moved)])
    assert not alone.arms[0].effect.has_seed_variance  # type: ignore[union-attr]
    error = together.arms[0].effect.accuracy.standard_error  # type: ignore[union-attr]
    # the materials' part is in the bootstrap, and counts once
    assert error**2 > 1.8 * np.var([0.5, 0.56], ddof=1)


def test_the_closest_look_at_an_arm_counts(found: dict[str, Any]) -> None:
    study, arm = evidence("train.batchnorm=reestimate", found["batchnorm/validation"], found.values())
    assert study.facts.name == "confirmation"
    assert arm.effect.seeds == 3
    study, _ = evidence("train.batchnorm=frozen", found["batchnorm/validation"], found.values())
    assert study.facts.name == "batchnorm"


def test_steps_are_named_by_what_they_add_and_compared_with_the_one_before(found: dict[str, Any]) -> None:
    steps = found["steps/validation"]
    assert step_labels(steps) == [
        "baseline",
        "train.batchnorm=reestimate",
        "images.layout=raster",
        "train.schedule=cosine",
    ]
    changes = [arm.step.accuracy.value for arm in steps.arms]
    assert changes == pytest.approx([0.1, 0.1, -0.01], abs=1e-6)


def test_before_and_after_are_those_of_the_whole_set(found: dict[str, Any]) -> None:
    ends = before_and_after(list(found.values()))
    assert ends is not None
    assert ends[0].facts.name == "full"
    assert ends[0].facts.part == "validation"
    assert (ends[1].name, ends[2].score.accuracy.value) == ("baseline", pytest.approx(0.82))


def test_only_training_sizes_make_a_learning_curve(found: dict[str, Any]) -> None:
    assert [name for name, study in found.items() if is_learning_curve(study)] == ["training_size/validation"]


def test_few_studies_make_a_shorter_answer() -> None:
    few = all_findings([made_study("sigma", [({"profile.sigma": 2.0}, 0.5)]), (facts("weights"), [])])
    blocks = document(few, None, figures_of(few))
    text = markdown(blocks, "images")
    assert "not run: `xrdsym study run weights`" in text
    assert "not run: `python -m research.near_duplicates`" in text
    assert "has not been run" in text
    assert "From the baseline to the best" not in text


def test_no_study_makes_an_answer_that_says_so(tmp_path: Path) -> None:
    files = write_answer([], None, tmp_path, tmp_path / "why-54.html")
    assert len(files) == 2
    assert "no answer yet" in files[0].read_text(encoding="utf-8")


def test_a_study_without_its_baseline_is_named_and_compared_with_nothing() -> None:
    name, results = made_study("sigma", [({"profile.sigma": 2.0}, 0.6)])
    everything = all_findings([(name, results[1:])])
    assert everything[0].arms[0].effect is None
    text = markdown(document(everything, None, figures_of(everything)), "images")
    assert "its baseline is not finished: `xrdsym study run sigma`" in text


def test_scores_stand_beside_their_context() -> None:
    everything = all_findings(all_studies())
    blocks = document(everything, None, ())
    tables = [place for place, block in enumerate(blocks) if isinstance(block, Table) and block.header[0] == "arm"]
    for place in tables:
        before = blocks[place - 1]
        assert isinstance(before, Text)
        assert "7 classes" in before.text or "made up" in before.text
        assert "n = " in before.text
    assert len(tables) >= 6
    assert isinstance(blocks[0], Heading)


def test_compared_unpaired_or_on_a_part_is_said() -> None:
    half = Materials(MATERIALS.ids[:400], MATERIALS.labels[:400], MATERIALS.compositions[:400])
    other = made_materials(500, seed=3, prefix="oqmd")
    results = [
        trial_of(MATERIALS, 0.5),
        trial_of(half, 0.6, {"train.chemistry": "oxides"}, number=1),
        trial_of(other, 0.6, {"split.by": "composition"}, number=2),
    ]
    everything = all_findings([(facts("split"), results)])
    text = markdown(document(everything, None, ()), "images")
    assert "(unpaired)" in text
    assert "compared unpaired: `split.by=composition`" in text
    effect = everything[0].arms[0].effect
    assert effect is not None
    assert effect.n == 400


def test_a_smaller_protocol_explains_nothing() -> None:
    small = all_findings([full_study(trained=10_000)])[0]
    assert small.arms[0].verdict == HELPS
