from __future__ import annotations

import dataclasses
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import requests
from mlflow import MlflowClient

from params_of import preset_params, write_params
from xrdsym.config.paths import Paths
from xrdsym.config.schema import Params
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.encoding.recipe import recipe_of, write_recipe
from xrdsym.tracking import champion, provenance
from xrdsym.tracking import models as model_runs
from xrdsym.tracking.experiment import page_address
from xrdsym.tracking.runs_page import runs_lines
from xrdsym.tracking.store import tracking_uri

if TYPE_CHECKING:
    from collections.abc import Iterator

    import keras
    from mlflow.entities import Run
    from mlflow.pyfunc import PyFuncModel

SIDE = 32
HISTORY = "epoch,loss,val_macro_f1\n1,1.5,0.2\n2,1.25,0.3\n3,1.0,0.4\n"


@pytest.fixture
def params() -> Params:
    params = preset_params()
    return dataclasses.replace(params, images=dataclasses.replace(params.images, side=SIDE))


@pytest.fixture(scope="session")
def network() -> keras.Model:
    import keras

    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3), dtype="uint8"),
            keras.layers.Rescaling(1 / 127.5, -1),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(7, activation="softmax"),
        ]
    )


def model_folder(paths: Paths, params: Params, network: keras.Model, data: str = "a") -> Path:
    """A model's folder as training leaves it; each call gives another digest."""
    folder = paths.models / params.train.model
    folder.mkdir(parents=True, exist_ok=True)
    network.save(folder / "model.keras")
    with zipfile.ZipFile(folder / "model.keras", "a") as archive:
        archive.comment = os.urandom(8)
    write_recipe(
        folder, recipe_of(params, {"labels": data, "split": "b"}, {"xrdsym": "0", "keras": "3.15.1"}, CRYSTAL_SYSTEMS)
    )
    (folder / "history.csv").write_text(HISTORY)
    (folder / "training.json").write_text(json.dumps({"epochs": 3, "counts": {"cubic": 5}, "note": "x"}))
    return folder


def samples(n: int = 9) -> tuple[np.ndarray, list[str]]:
    images = np.random.default_rng(0).integers(0, 256, (n, SIDE, SIDE, 3), dtype=np.uint8)
    return images, [CRYSTAL_SYSTEMS[index % 7] for index in range(n)]


def scores(macro_f1: float, part: str = "validation") -> dict[str, Any]:
    return {
        "part": part,
        "split": "random",
        "sources": ["prototypes"],
        "target": "crystal_system",
        "majority_class": "monoclinic",
        "majority_accuracy": 0.125,
        "log_loss": 1.5,
        "n": 14,
        "classes": list(CRYSTAL_SYSTEMS),
        "accuracy": 0.5,
        "macro_f1": macro_f1,
        "per_class": {name: {"recall": 0.25, "support": 2} for name in CRYSTAL_SYSTEMS},
        "intervals": {"accuracy": [0.25, 0.75]},
        "confusion_matrix": np.eye(7, dtype=int).tolist(),
    }


def train(paths: Paths, params: Params, network: keras.Model, data: str = "a") -> Path:
    with model_runs.training_run(paths, params, {"degrees_a_pixel": 0.25, "backend": "tensorflow"}, "f1") as run:
        for epoch, loss in enumerate((1.5, 1.25, 1.0), start=1):
            run.log_epoch(epoch, {"loss": loss})
        folder = model_folder(paths, params, network, data)
        run.finish(folder, network, *samples())
    return folder


def evaluate(paths: Paths, params: Params, folder: Path, macro_f1: float, part: str = "validation") -> None:
    figure, table = paths.reports / "confusion.png", paths.reports / "predictions.csv"
    paths.reports.mkdir(exist_ok=True)
    figure.write_bytes(b"\x89PNG")
    table.write_text("material_id,actual,predicted\n")
    model_runs.log_evaluation(paths, params, folder, scores(macro_f1, part), [figure], [table])


def store(root: Path) -> MlflowClient:
    return MlflowClient(tracking_uri=f"sqlite:///{root / 'mlflow.db'}")


def runs(root: Path) -> list[Run]:
    client = store(root)
    return list(client.search_runs([client.get_experiment_by_name("xrdsym").experiment_id]))


def champion_of(root: Path, alias: str = "champion") -> str:
    return str(store(root).get_model_version_by_alias(champion.REGISTERED_MODEL, alias).version)


def test_training_and_evaluation_are_one_run_with_everything_in_it(
    paths: Paths,
    params: Params,
    network: keras.Model,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DVC_EXP_NAME", "tangy-cuts")
    monkeypatch.setenv("DVC_STAGE", "train")
    folder = train(paths, params, network)
    assert "MLFLOW_TRACKING_URI" not in os.environ
    evaluate(paths, params, folder, 0.4)
    evaluate(paths, params, folder, 0.4)
    told = capfd.readouterr()
    expected = "MLflow: version 1 of xrdsym-crystal-system is champion (validation macro F1 0.4000).\n"
    assert (told.out, told.err) == (2 * expected, "")

    (run,) = runs(paths.root)
    assert (run.info.run_name, run.info.status) == ("side=32", "FINISHED")
    assert run.data.params["profile.sigma"] == "5.0"
    assert run.data.params["train.class_weight"] == "none"
    assert run.data.params["train.limit"] == "null"
    assert run.data.params["structures.sources"] == "prototypes"
    tags = run.data.tags
    assert tags["dvc.experiment"] == "tangy-cuts"
    assert tags["dvc.images_md5"] == "3" * 32 + ".dir"
    assert tags["model.sha256"] == provenance.model_digest(folder)
    assert tags["backend"] == "tensorflow"
    assert tags["evaluate.part"] == "validation"
    assert (tags["preset"], tags["changed"]) == ("defaults", "side=32")
    assert (tags["degrees_a_pixel"], tags["training.epochs"]) == ("0.25", "3")
    assert tags["mlflow.note.content"] == (
        "Accuracy **0.500 (0.250 to 0.750)**, macro F1 0.400; always answering monoclinic gives 0.125. "
        "Validation part, n = 14, data: prototypes, random split, 7 classes."
    )
    assert run.data.metrics == {
        "accuracy": 0.5,
        "accuracy_low": 0.25,
        "accuracy_high": 0.75,
        "macro_f1": 0.4,
        "majority_accuracy": 0.125,
        "loss": 1.5,
        "epoch/loss": 1.0,
    }
    client = store(paths.root)
    history = client.get_metric_history(run.info.run_id, "epoch/loss")
    assert [(point.step, point.value) for point in history] == [(1, 1.5), (2, 1.25), (3, 1.0)]
    inputs = [
        (data.dataset.name, data.tags[0].value, json.loads(data.dataset.profile)) for data in run.inputs.dataset_inputs
    ]
    hashes = {"labels_md5": "1" * 32, "images_md5": "3" * 32 + ".dir"}
    assert inputs == [
        ("prototypes", part, {"part": part, "split": params.split.by, **hashes}) for part in ("training", "validation")
    ]
    assert Path(client.download_artifacts(run.info.run_id, "samples.png")).read_bytes()[:4] == b"\x89PNG"
    for name in ("recipe.json", "history.csv", "figures/confusion.png", "tables/predictions.csv"):
        assert Path(client.download_artifacts(run.info.run_id, name)).is_file()


def test_the_confusion_matrix_is_a_table_that_mlflow_reads(
    paths: Paths, params: Params, network: keras.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mlflow

    folder = train(paths, params, network)
    evaluate(paths, params, folder, 0.4)
    evaluate(paths, params, folder, 0.4)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracking_uri(paths))
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "xrdsym")
    per_class = mlflow.load_table("tables/validation_per_class.json", [runs(paths.root)[0].info.run_id])
    assert per_class["class"].tolist() == list(CRYSTAL_SYSTEMS)
    assert per_class["recall"].tolist() == [0.25] * 7
    table = mlflow.load_table("tables/validation_confusion.json", [runs(paths.root)[0].info.run_id])
    assert list(table.columns) == ["actual", *CRYSTAL_SYSTEMS]
    assert table["actual"].tolist() == list(CRYSTAL_SYSTEMS)
    np.testing.assert_array_equal(table[list(CRYSTAL_SYSTEMS)], np.eye(7))


def test_the_registered_model_predicts_and_has_signature_example_and_recipe(
    paths: Paths, params: Params, network: keras.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mlflow

    evaluate(paths, params, train(paths, params, network), 0.4)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracking_uri(paths))
    model = mlflow.pyfunc.load_model(f"models:/{champion.REGISTERED_MODEL}@champion")
    images, _ = samples()
    np.testing.assert_allclose(model.predict(images), network.predict(images, verbose=0), atol=1e-6)
    (pixels,), (probabilities,) = model.metadata.signature.inputs, model.metadata.signature.outputs
    assert (pixels.type, pixels.shape) == (np.dtype("uint8"), (-1, SIDE, SIDE, 3))
    assert (probabilities.type, probabilities.shape) == (np.dtype("float32"), (-1, 7))
    np.testing.assert_array_equal(model.input_example, images[:1])
    assert model.metadata.metadata["recipe"]["images"]["side"] == SIDE
    assert "keras==3.15.1" in requirements(model)
    assert not any(line.startswith("xrdsym") for line in requirements(model))


def requirements(model: PyFuncModel) -> list[str]:
    from mlflow.artifacts import download_artifacts

    folder = Path(download_artifacts(f"models:/{model.metadata.model_id}"))
    return (folder / "requirements.txt").read_text().splitlines()


def test_a_model_that_came_from_the_cache_gets_a_run_made_from_its_folder(
    paths: Paths, params: Params, network: keras.Model
) -> None:
    from PIL import Image

    trained = dataclasses.replace(params, train=dataclasses.replace(params.train, epochs=3))
    folder = model_folder(paths, trained, network)
    for name in ("cubic", "trigonal"):
        (paths.images / name).mkdir(parents=True)
        Image.fromarray(samples()[0][0]).save(paths.images / name / "a.png")
    evaluate(paths, params, folder, 0.4)
    evaluate(paths, params, folder, 0.3, part="test")
    (run,) = runs(paths.root)
    assert run.info.status == "FINISHED"
    assert run.data.params["train.epochs"] == "3", "the model's recipe counts, not today's parameters"
    assert run.data.tags["training"] == "restored"
    assert run.data.metrics["macro_f1"] == 0.4
    assert run.data.metrics["test/macro_f1"] == 0.3
    client = store(paths.root)
    assert [point.value for point in client.get_metric_history(run.info.run_id, "epoch/val_macro_f1")] == [
        0.2,
        0.3,
        0.4,
    ]
    assert "samples.png" in [file.path for file in client.list_artifacts(run.info.run_id)]
    assert champion_of(paths.root) == "1"


def test_the_champion_gives_way_only_to_a_better_score_on_the_same_data(
    paths: Paths, params: Params, network: keras.Model, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(macro_f1: float, data: str = "a", part: str = "validation") -> str:
        evaluate(paths, params, model_folder(paths, params, network, data), macro_f1, part)
        return champion_of(paths.root)

    evaluate(paths, params, model_folder(paths, params, network), 0.99, "test")
    assert not store(paths.root).get_registered_model(champion.REGISTERED_MODEL).aliases
    assert run(0.4) == "2"
    assert run(0.3) == "2"
    assert run(0.4) == "2", "a tie moves nothing"
    assert run(0.5) == "5"
    capsys.readouterr()
    assert run(0.9, data="other") == "5"
    assert "champion stays version 5" in capsys.readouterr().out
    assert run(0.95, part="test") == "5"
    folder = paths.models / params.train.model
    assert champion_of(paths.root, f"champion-{provenance.comparison_key(folder)}") == "5"
    write_recipe(folder, recipe_of(params, {"labels": "other", "split": "b"}, {}, CRYSTAL_SYSTEMS))
    assert champion_of(paths.root, f"champion-{provenance.comparison_key(folder)}") == "6"


def test_a_temporary_clone_logs_into_the_project_that_it_lies_in(
    paths: Paths, params: Params, network: keras.Model
) -> None:
    clone = Paths(paths.root / ".dvc" / "tmp" / "exps" / "tmp1")
    clone.root.mkdir(parents=True)
    shutil.copy(paths.root / "dvc.lock", clone.root)
    evaluate(clone, params, train(clone, params, network), 0.4)
    shutil.rmtree(clone.root)
    (run,) = runs(paths.root)
    assert run.data.metrics["macro_f1"] == 0.4
    artifacts = paths.root / "mlruns" / "xrdsym"
    assert run.info.artifact_uri.startswith(artifacts.as_uri())
    assert list(artifacts.glob("models/*/artifacts/MLmodel"))


def test_epochs_of_an_interrupted_training_come_from_its_history(
    paths: Paths, params: Params, network: keras.Model
) -> None:
    with model_runs.training_run(paths, params, {}, "f1") as run:
        run.log_epoch(3, {"loss": 1.0})
        run.finish(model_folder(paths, params, network), network, *samples())
    (logged,) = runs(paths.root)
    history = store(paths.root).get_metric_history(logged.info.run_id, "epoch/loss")
    assert sorted((point.step, point.value) for point in history) == [(1, 1.5), (2, 1.25), (3, 1.0)]


@pytest.mark.parametrize(("error", "status"), [(RuntimeError, "FAILED"), (KeyboardInterrupt, "KILLED")])
def test_an_error_in_training_ends_the_run_and_goes_on(
    paths: Paths, params: Params, error: type[BaseException], status: str
) -> None:
    with pytest.raises(error, match="stop"), model_runs.training_run(paths, params, {}, "f1"):
        raise error("stop")
    assert [run.info.status for run in runs(paths.root)] == [status]


def test_a_training_that_died_without_a_word_goes_on_in_its_run(paths: Paths, params: Params) -> None:
    died = model_runs.training_run(paths, params, {}, "f1")
    died.__enter__().log_epoch(1, {"loss": 2.0})
    for fingerprint in ("f1", "f2", "f1"):
        with model_runs.training_run(paths, params, {}, fingerprint) as run:
            run.log_epoch(2, {"loss": 1.0})
    first, *others = sorted(runs(paths.root), key=lambda run: run.info.start_time)
    assert len(others) == 2
    assert {run.info.status for run in (first, *others)} == {"FINISHED"}
    history = store(paths.root).get_metric_history(first.info.run_id, "epoch/loss")
    assert [point.step for point in history] == [1, 2]


def test_images_that_training_did_not_read_are_not_among_its_data(paths: Paths, params: Params) -> None:
    rendered = dataclasses.replace(params, train=dataclasses.replace(params.train, input="peaks"))
    with model_runs.training_run(paths, rendered, {}, "f1"):
        pass
    (run,) = runs(paths.root)
    assert {tuple(json.loads(data.dataset.profile)) for data in run.inputs.dataset_inputs} == {
        ("part", "split", "labels_md5")
    }


def test_a_store_of_an_earlier_version_gets_the_view(paths: Paths, params: Params) -> None:
    client = store(paths.root)
    client.create_experiment("xrdsym", artifact_location=(paths.root / "elsewhere").as_uri())
    with model_runs.training_run(paths, params, {}, "f1"):
        pass
    experiment = client.get_experiment_by_name("xrdsym")
    view = json.loads(experiment.tags["mlflow.sharedViewState.scores"])
    assert "metrics.`accuracy`" in view["selectedColumns"]
    assert experiment.tags["mlflow.experimentKind"] == "custom_model_development"
    assert runs(paths.root)[0].info.artifact_uri.startswith((paths.root / "elsewhere").as_uri())


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(params=["server away", "old file store", "not a database", "unknown scheme"])
def store_address(request: pytest.FixtureRequest, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> str:
    (paths.root / "broken.db").write_text("no database" * 100)
    address = {
        "server away": f"http://somebody:secret@127.0.0.1:{closed_port()}",
        "old file store": "file:./mlruns",
        "not a database": "sqlite:///broken.db",
        "unknown scheme": "ftp://nowhere",
    }[request.param]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    return address


def test_a_store_that_fails_costs_one_warning(
    paths: Paths,
    params: Params,
    network: keras.Model,
    store_address: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        folder = train(paths, params, network)
    assert [record.name for record in caplog.records if record.levelno >= logging.WARNING] == ["xrdsym.tracking.store"]
    assert "this training is not tracked, its results are on disk" in caplog.text
    caplog.clear()
    evaluate(paths, params, folder, 0.4)
    assert "this evaluation is not tracked" in caplog.text
    assert "secret" not in caplog.text
    assert os.environ["MLFLOW_TRACKING_URI"] == store_address


def test_a_store_that_fails_in_mid_training_gets_everything_in_the_end(
    paths: Paths, params: Params, network: keras.Model, caplog: pytest.LogCaptureFixture
) -> None:
    away = paths.root / "away"
    with model_runs.training_run(paths, params, {}, "f1") as run:
        run.log_epoch(1, {"loss": 1.5})
        (paths.root / "mlflow.db").rename(away)
        (paths.root / "mlflow.db").mkdir()
        run.log_epoch(2, {"loss": 1.25})
        run.log_epoch(3, {"loss": 1.0})
        (paths.root / "mlflow.db").rmdir()
        away.rename(paths.root / "mlflow.db")
        run.finish(model_folder(paths, params, network), network, *samples())
    assert caplog.text.count("is not tracked") == 1
    (logged,) = runs(paths.root)
    assert logged.info.status == "FINISHED"
    assert len(store(paths.root).get_metric_history(logged.info.run_id, "epoch/loss")) == 3


def test_the_store_is_the_one_that_plain_mlflow_finds_in_the_root(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow.tracking._tracking_service.utils import _get_default_tracking_uri

    monkeypatch.chdir(paths.root)
    assert tracking_uri(paths).removeprefix("sqlite:///") == str(paths.root / "mlflow.db")
    assert Path(_get_default_tracking_uri().removeprefix("sqlite:///")).resolve() == paths.root / "mlflow.db"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("sqlite:///own.db", "sqlite:///{root}/own.db"),
        ("sqlite:////data/own.db", "sqlite:////data/own.db"),
        ("https://tracking.example.org", "https://tracking.example.org"),
    ],
)
def test_the_address_can_be_given(paths: Paths, given: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", given)
    assert tracking_uri(paths) == expected.format(root=paths.root)


def test_two_processes_may_make_the_store_at_once(paths: Paths) -> None:
    (paths.root / "mlflow.db").unlink()
    code = (
        "import sys; from pathlib import Path\n"
        "from xrdsym.config.params_file import load_params; from xrdsym.config.paths import Paths\n"
        "from xrdsym.tracking.models import training_run\n"
        "with training_run(Paths(Path(sys.argv[1])), load_params(Path(sys.argv[2])), {}, 'f1') as run:\n"
        "    run.log_epoch(1, {'loss': 1.0})\n"
    )
    command = [sys.executable, "-c", code, str(paths.root), str(write_params(paths.root))]
    started = [subprocess.Popen(command, stdout=-1, stderr=-1, text=True) for _ in range(2)]
    assert [(*process.communicate(timeout=120), process.returncode) for process in started] == [("", "", 0)] * 2
    assert [run.info.status for run in runs(paths.root)] == ["FINISHED"] * 2


@contextmanager
def served(root: Path) -> Iterator[str]:
    """The address of plain `mlflow ui` that runs in a folder."""
    port = closed_port()
    quiet = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    command = [sys.executable, "-m", "mlflow", "ui", "--workers", "1", "--port", str(port)]
    with (root / "ui.log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=root, env=os.environ | quiet, stdout=log, stderr=log, start_new_session=True
        )
        try:
            wait_for(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)


def wait_for(address: str) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            requests.get(f"{address}/health", timeout=5).raise_for_status()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            return


@pytest.mark.slow
def test_a_server_takes_everything_as_well(
    paths: Paths,
    params: Params,
    network: keras.Model,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with served(tmp_path) as address:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        capfd.readouterr()
        evaluate(paths, params, train(paths, params, network), 0.4)
        told = capfd.readouterr()
        lines = runs_lines(paths)
    assert (told.out.count("\n"), told.err) == (1, "")
    (run,) = runs(tmp_path)
    assert lines == [f"The runs with their scores: {page_address(run.info.experiment_id, address)}"]
    assert run.data.metrics["macro_f1"] == 0.4
    assert champion_of(tmp_path) == "1"
    assert list(tmp_path.rglob("MLmodel"))
    assert not list(paths.root.rglob("MLmodel"))
    assert store(paths.root).get_experiment_by_name("xrdsym") is None, "nothing in the project's own store"


@pytest.mark.slow
def test_plain_mlflow_ui_in_the_root_shows_the_run(
    paths: Paths, params: Params, network: keras.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_EXP_NAME", "tangy-cuts")
    evaluate(paths, params, train(paths, params, network), 0.4)
    experiment = store(paths.root).get_experiment_by_name("xrdsym").experiment_id
    with served(paths.root) as address:
        search = f"{address}/api/2.0/mlflow/runs/search"
        found = requests.post(search, json={"experiment_ids": [experiment]}, timeout=30).json()["runs"]
        assert [run["info"]["run_name"] for run in found] == ["side=32"]
        browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if browser is None:
            pytest.skip("no Chromium on the PATH: the page itself was not looked at")
        shown = page(browser, page_address(experiment, address), tmp_path / "browser")
        # the columns of the saved view, and the page for training rather than for language models
        assert [word for word in ("side=32", "accuracy_low", "tangy-cuts", "Model registry") if word not in shown] == []


def page(browser: str, address: str, profile: Path) -> str:
    """The page as a browser without a window builds it."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", f"--user-data-dir={profile}"]
    command = [browser, *flags, "--window-size=2000,900", "--virtual-time-budget=60000", "--dump-dom", address]
    return subprocess.run(command, capture_output=True, text=True, timeout=180, check=True).stdout
