"""The MLflow store in the project's root: its client, and how to create, find and write its runs.

The store is `sqlite:///<project root>/mlflow.db`, with artifacts in `<project root>/mlruns/xrdsym`. A plain `mlflow ui`
in the root shows them, and they outlive DVC's temporary clones. `MLFLOW_TRACKING_URI` names another store. What a run
stands for is in `models` (a training and its evaluation) and `studies` (a study and its trials).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.errors import XrdsymError
from xrdsym.config.nearest_preset import nearest_preset
from xrdsym.config.paths import project_root
from xrdsym.encoding.encoder import encoder_of
from xrdsym.encoding.recipe import model_file, read_recipe
from xrdsym.reporting.samples import sample_figure, stored_samples
from xrdsym.tracking import champion, provenance, shown
from xrdsym.tracking.database import check_whole, create_once, database_file
from xrdsym.tracking.experiment import EXPERIMENT, ensure_experiment
from xrdsym.tracking.store import environment, foreign_folder, lock, settings_of, tracking_uri, without_password

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import keras
    import numpy.typing as npt

    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params

DIGEST_TAG = "model.sha256"


def failures() -> tuple[type[Exception], ...]:
    """What a store raises that is unreachable, read-only, broken or not installed.

    This imports MLflow: call it only once an exception is there.
    """
    ours = (OSError, ValueError, ImportError, XrdsymError)
    try:
        from alembic.util import CommandError
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError:
        return ours
    return (*ours, MlflowException, SQLAlchemyError, CommandError)


def open_client(paths: Paths) -> Any:  # noqa: ANN401 - MlflowClient, which is imported late
    """A client of the store; creates the store and its experiment where they are missing.

    Raises:
        XrdsymError: The database is half made, or was made in another place, where the files of its runs belong.
    """
    from mlflow import MlflowClient

    _silence()
    uri = tracking_uri(paths)
    with lock(paths):
        if (file := database_file(uri)) is not None:
            # whatever a client is asked, it creates all tables first
            create_once(file, lambda new: MlflowClient(tracking_uri=f"sqlite:///{new}").search_experiments())
        try:
            client = MlflowClient(tracking_uri=uri)
            experiment = ensure_experiment(client, paths)
        except failures() as error:
            if file is not None:
                check_whole(file, error)
            raise
    if file is not None and (folder := foreign_folder(paths, experiment.artifact_location)):
        remedy = f"`mv {file.name} old.db`, and the next run begins a new store"
        msg = f"{remedy}: this one was made in another place, {folder}"
        raise XrdsymError(msg)
    return client


def find_experiment(paths: Paths) -> tuple[str, str, bool] | None:
    """The id of the experiment, where the files of its runs belong, and whether it has runs; None where it is missing.

    Creates nothing.

    Raises:
        XrdsymError: The store does not answer.
    """
    from mlflow import MlflowClient

    _silence()
    uri = tracking_uri(paths)
    with environment(settings_of(paths)):
        try:
            client = MlflowClient(tracking_uri=uri)
            found = client.get_experiment_by_name(EXPERIMENT)
            if found is None:
                return None
            runs = client.search_runs([found.experiment_id], max_results=1)
        except failures() as error:
            msg = (
                f"MLflow at {without_password(uri)} does not answer, so the address of the runs is not known. Check "
                "MLFLOW_TRACKING_URI, or unset it for the store of this project."
            )
            raise XrdsymError(msg) from error
    return str(found.experiment_id), str(found.artifact_location), bool(runs)


def _silence() -> None:
    """Keep MLflow from logging what its exceptions say."""
    for noisy in ("mlflow", "alembic", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)


def model_tags(origin: str) -> dict[str, str]:
    """Tags of a model's run: trained here (`ran`) or restored from its folder (`restored`)."""
    return {"training": origin, "mlflow.source.name": "xrdsym stage train"}


def create_run(  # noqa: PLR0913, PLR0917 - all that a run starts with
    client: Any,  # noqa: ANN401
    paths: Paths,
    params: Params,
    values: Mapping[str, str],
    own_tags: Mapping[str, str],
    name: str | None = None,
) -> Run:
    """Create a run with parameters, tags and data, and without metrics.

    Args:
        client: MLflow's client.
        paths: The working tree.
        params: All of `params.yaml`.
        values: The parameters by their flat names.
        own_tags: Tags that say what the run stands for.
        name: Name of the run; by default what differs from the nearest preset, or that preset's name.
    """
    from mlflow.entities import Param

    nearest = nearest_preset(params, paths.root)
    rendered = params.input_source == "peaks"
    hashes = [data for data in provenance.data_hashes(paths.root) if not (rendered and data.name == "images")]
    tags = {"preset": nearest.preset, "changed": nearest.text, "mlflow.source.type": "LOCAL"}
    tags |= {**own_tags, **provenance.origin_tags(paths.root, hashes)}
    experiment = client.get_experiment_by_name(EXPERIMENT).experiment_id
    run = Run(client, client.create_run(experiment, run_name=name or nearest.name, tags=tags).info.run_id)
    entries = [Param(key, value) for key, value in values.items() if not key.startswith("evaluate.")]
    client.log_batch(run.run_id, params=entries)
    if hashes:
        client.log_inputs(run.run_id, _inputs(paths, params, hashes))
    return run


def _inputs(paths: Paths, params: Params, hashes: Sequence[provenance.DataHash]) -> list[Any]:
    """The data of a run: the training and the validation part of its tables."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    hashed = "".join(data.md5 for data in hashes)
    profile = {"split": params.split.by, **{f"{data.name}_md5": data.md5 for data in hashes}}
    source = json.dumps({"uri": str(project_root(paths) / "data")})
    return [
        DatasetInput(
            Dataset(
                name=" + ".join(params.structures.sources),
                # MLflow keeps one dataset of each name and digest
                digest=hashlib.sha256(f"{part}{hashed}".encode()).hexdigest()[:8],
                source_type="local",
                source=source,
                profile=json.dumps({"part": part, **profile}),
            ),
            [InputTag("mlflow.data.context", part)],
        )
        for part in ("training", "validation")
    ]


def find_run(client: Any, condition: str) -> Run | None:  # noqa: ANN401
    """The newest run that meets a condition in MLflow's filter syntax; None where there is none."""
    experiment = client.get_experiment_by_name(EXPERIMENT).experiment_id
    found = client.search_runs([experiment], condition, max_results=1)
    return Run(client, found[0].info.run_id) if found else None


def restore_run(client: Any, paths: Paths, params: Params, model_folder: Path) -> Run:  # noqa: ANN401
    """Create the run of a training that happened elsewhere, from the files in the model's folder."""
    values = provenance.model_params(params, model_folder)
    run = create_run(client, paths, params, values, model_tags("restored"))
    run.log_epochs(provenance.history_rows(model_folder))
    samples = stored_samples(paths, encoder_of(read_recipe(model_folder)))
    run.log_model(model_folder, _stored_network(model_folder), *samples)
    run.end("FINISHED")
    return run


def _stored_network(model_folder: Path) -> keras.Model | None:
    """The network in a model's folder; None for a baseline."""
    file = model_file(model_folder)
    if file.suffix != ".keras":
        return None
    import keras

    return keras.saving.load_model(file, compile=False)


class Run:
    """Writes to one run of the store."""

    def __init__(self, client: Any, run_id: str) -> None:  # noqa: ANN401
        self._client = client
        self.run_id = run_id

    def log_metrics(self, metrics: Mapping[str, float], step: int = 0) -> None:
        """Log metrics at a step."""
        self._log({step: metrics})

    def log_epochs(self, rows: Mapping[int, Mapping[str, float]]) -> None:
        """Log the metrics of epochs (counted from 1), which are the steps in MLflow."""
        self._log({epoch: shown.shown_epoch(row) for epoch, row in rows.items()})

    def _log(self, rows: Mapping[int, Mapping[str, float]]) -> None:
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        entries = [Metric(name, float(value), now, step) for step, row in rows.items() for name, value in row.items()]
        for start in range(0, len(entries), 1000):  # the most that MLflow takes at once
            self._client.log_batch(self.run_id, metrics=entries[start : start + 1000])

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Set or change tags."""
        for name, value in tags.items():
            self._client.set_tag(self.run_id, name, value)

    def log_files(self, files: Sequence[Path], folder: str | None = None) -> None:
        """Log files as artifacts; skips files that do not exist."""
        for file in files:
            if file.is_file():
                self._client.log_artifact(self.run_id, str(file), folder)

    def log_table(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Log a table that MLflow's page shows, below `tables/`; replaces an earlier one."""
        path = f"tables/{name}.json"
        self._client.log_dict(self.run_id, {"columns": list(columns), "data": [list(row) for row in rows]}, path)
        tables = json.loads(self._client.get_run(self.run_id).data.tags.get("mlflow.loggedArtifacts", "[]"))
        entry = {"path": path, "type": "table"}
        self.set_tags({"mlflow.loggedArtifacts": json.dumps([entry, *(table for table in tables if table != entry)])})

    def log_model(
        self,
        model_folder: Path,
        network: keras.Model | None,
        sample_images: npt.NDArray[Any],
        sample_labels: Sequence[str],
    ) -> None:
        """Log the model and the files beside it.

        A network is registered. A baseline, where `network` is None, is logged as a file. The digest is set last, so
        that `find_run` finds only complete runs.
        """
        recipe = read_recipe(model_folder)
        training = model_folder / "training.json"
        if training.is_file():
            content = json.loads(training.read_text(encoding="utf-8"))
            # training.json, which is logged as well, has the counts of the classes
            numbers = {name: value for name, value in content.items() if name not in {"classes", "rare_classes"}}
            self.set_tags(shown.training_tags(provenance.number_metrics(numbers, shown.TRAINING)))
        self.log_files([model_folder / name for name in ("recipe.json", "training.json", "history.csv")])
        if len(sample_labels):
            self._client.log_figure(self.run_id, sample_figure(sample_images, sample_labels), "samples.png")
        key = provenance.comparison_key(model_folder)
        if network is None:
            self.log_files([model_file(model_folder)], "model")
        else:
            encoder = encoder_of(recipe)
            example = sample_images[:1] if len(sample_labels) else np.zeros((1, *encoder.shape), encoder.dtype)
            uri, model_id = _log_keras(self._client, self.run_id, network, dataclasses.asdict(recipe), example)
            champion.register(self._client, uri, self.run_id, model_id, key, recipe.target.name)
        self.set_tags({champion.KEY_TAG: key, DIGEST_TAG: provenance.model_digest(model_folder)})

    def end(self, status: str) -> None:
        """End the run as FINISHED, FAILED or KILLED."""
        self._client.set_terminated(self.run_id, status)


def _log_keras(
    client: Any,  # noqa: ANN401
    run_id: str,
    model: keras.Model,
    recipe: dict[str, Any],
    example: npt.NDArray[Any],
) -> tuple[str, str]:
    """Log a network with signature, example and recipe; returns its URI and id."""
    from types import SimpleNamespace

    with warnings.catch_warnings():
        # importing mlflow.pyfunc warns about MLflow's own type hints
        warnings.filterwarnings("ignore", ".*Any type hint is inferred as AnyType", UserWarning)
        import mlflow.keras
        import mlflow.pyfunc.model
    from mlflow.models import Model, ModelSignature
    from mlflow.types import Schema, TensorSpec

    def save(path: str, validate_serving_input: bool, **options: Any) -> None:  # noqa: ANN401, ARG001
        # MLflow's Keras flavour writes the example before it has made the folder: mlflow/mlflow issue 16183.
        Path(path).mkdir(parents=True, exist_ok=True)
        mlflow.keras.save_model(path=path, **options)

    inputs = Schema([TensorSpec(example.dtype, (-1, *example.shape[1:]))])
    probabilities = Schema([TensorSpec(np.dtype("float32"), (-1, len(recipe["classes"])))])
    run = client.get_run(run_id)
    # MLflow itself would put it into its default experiment
    entry = client.create_logged_model(run.info.experiment_id, "model", run_id, params=run.data.params)
    logged = Model.log(
        artifact_path=None,
        name="model",
        model_id=entry.model_id,
        flavor=SimpleNamespace(__name__="mlflow.keras", save_model=save),
        run_id=run_id,
        model=model,
        signature=ModelSignature(inputs, probabilities),
        input_example=example,
        # MLflow needs half a minute to infer them; the network runs without xrdsym
        pip_requirements=[f"{name}=={version}" for name, version in recipe["versions"].items() if name != "xrdsym"],
        validate_serving_input=False,  # this would load the model and predict with it
        metadata={"recipe": recipe},
    )
    return logged.model_uri, logged.model_id
