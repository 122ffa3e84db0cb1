from __future__ import annotations

from pathlib import Path

import grimp
import pytest
from ruamel.yaml import YAML

from stage_code import WITHOUT_EFFECT, code_of, import_graph, modules_of
from xrdsym.tracking.digests import code_digest


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return import_graph()


def test_every_stage_depends_on_the_closure_of_its_imports(project_root: Path, graph: grimp.ImportGraph) -> None:
    stages = YAML(typ="safe").load(project_root / "dvc.yaml")["stages"]
    for name, stage in stages.items():
        listed = [path for path in stage["deps"] if path.startswith("src/")]
        assert listed == code_of(name, graph), f"{name}: run `make stage-code`"


def test_what_picks_the_kept_epoch_is_code_of_the_training(graph: grimp.ImportGraph) -> None:
    modules = modules_of("train", graph)
    assert {"xrdsym.evaluation.metrics", "xrdsym.training.loop", "xrdsym.models.networks.resnet1d"} <= modules
    assert "xrdsym.reporting.run_report" not in modules


def test_what_has_no_effect_is_there_and_is_left_out(graph: grimp.ImportGraph) -> None:
    assert set(WITHOUT_EFFECT) <= graph.modules
    assert not set(WITHOUT_EFFECT) & modules_of("evaluate", graph)


def test_code_for_type_checkers_alone_is_no_dependency(graph: grimp.ImportGraph) -> None:
    assert "xrdsym.config.schema" not in modules_of("peaks", graph)


def test_the_digest_of_code_is_that_of_the_train_stage(
    project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    before = code_digest()
    shutil.copytree(project_root / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(project_root / "dvc.yaml", tmp_path)
    monkeypatch.setattr(
        "xrdsym.tracking.digests.__file__", str(tmp_path / "src" / "xrdsym" / "tracking" / "digests.py")
    )

    def digest() -> str:
        code_digest.cache_clear()
        return code_digest()

    try:
        assert digest() == before
        for changes, name in ((True, "evaluation/metrics.py"), (False, "reporting/run_report.py")):
            file = tmp_path / "src" / "xrdsym" / name
            file.write_text(file.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
            assert (digest() != before) is changes
            before = digest()
    finally:
        code_digest.cache_clear()
