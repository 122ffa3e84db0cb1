"""One trial: parameters → a trained model → its predictions for the validation part, and its scores."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xrdsym.common.quiet import import_keras
from xrdsym.config.model_specs import model_spec
from xrdsym.data.load import Members, part_members, read_data, read_test_part
from xrdsym.data.training_data import TrainingResult
from xrdsym.encoding.encoder import encoder_of
from xrdsym.evaluation.metrics import score_context
from xrdsym.models.fit import fit
from xrdsym.models.networks.cache import NetworkCache
from xrdsym.models.protocol import Workspace
from xrdsym.studies.rates import VALIDATION_COST, Rate, measured_rate
from xrdsym.studies.results import Materials, pack_looks
from xrdsym.studies.tables import trial_paths
from xrdsym.studies.trial_scores import MeasuredPatterns, Stopwatch, materials_of, part_metrics, training_metrics
from xrdsym.tracking.digests import checkpoint_folder, table_digests
from xrdsym.training import checkpoints

if TYPE_CHECKING:
    from collections.abc import Callable

    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import LabelsParams, Params, SplitParams
    from xrdsym.data.training_data import TrainingData


@dataclass(frozen=True)
class Outcome:
    """The result of a trial.

    Attributes:
        materials: The validation part.
        predicted: int64 (n,), the predicted class of each.
        metrics: As the run of a training and of its evaluation log them, by the same names.
        result: Of the training.
        seconds: Of the training.
        training_structures: How many it was trained on.
        test_materials: The test part, where the study scores it.
        test_predicted: The predicted class of each of these.
    """

    materials: Materials
    predicted: NDArray[np.int64]
    metrics: Mapping[str, float]
    result: TrainingResult
    seconds: float
    training_structures: int
    test_materials: Materials | None
    test_predicted: NDArray[np.int64] | None

    def attributes(self) -> dict[str, Any]:
        """Facts that are stored beside the predictions, as JSON values."""
        return {
            "metrics": dict(self.metrics),
            "history": self.result.history,
            "looks": pack_looks(self.result.looks),
            "seconds": round(self.seconds, 1),
            "training_structures": self.training_structures,
        }

    def value(self, metric: str) -> float:
        """A metric of the weights that are kept."""
        return self.result.history[self.result.kept_epoch - 1][metric]


class Trials:
    """Runs trials one after the other in this process; inputs and networks are made again only where they differ.

    Args:
        paths: The working tree.
        base: The parameters that its tables were made with.
        patterns: Measured patterns on which each model is scored as well.
    """

    def __init__(self, paths: Paths, base: Params, patterns: MeasuredPatterns | None = None) -> None:
        import_keras()
        self._patterns = patterns
        self._paths = paths
        self._base = base
        self.digests = table_digests(paths)
        self._networks = NetworkCache()
        self._data: tuple[object, TrainingData] | None = None
        self._tables: dict[tuple[LabelsParams, SplitParams], tuple[Paths, dict[str, str]]] = {}
        self._frames: dict[tuple[object, ...], Members] = {}
        self._features: dict[str, dict[str, NDArray[Any]]] = {}
        self._rates: dict[tuple[object, ...], Rate] = {}
        self._stopwatch = Stopwatch(paths.peaks)

    def workspace(self, params: Params, looks_every: int | None = None) -> Workspace:
        """Where a trial reads its tables, and its checkpoint, whose name identifies its parameters, data and code.

        Args:
            params: Of the trial.
            looks_every: Steps between two looks at a network within an epoch.

        Raises:
            XrdsymError: A table is missing.
        """
        tables = (params.labels, params.split)
        if tables not in self._tables:
            paths = trial_paths(self._paths, self._base, params, self.digests)
            digests = self.digests if paths == self._paths else table_digests(paths)
            self._tables[tables] = paths, digests
        paths, digests = self._tables[tables]
        return Workspace(paths, checkpoint_folder(paths, params, digests), self._networks, looks_every)

    def run(
        self, params: Params, workspace: Workspace, *, test: bool, on_epoch: Callable[[int, Mapping[str, float]], None]
    ) -> Outcome:
        """Train and evaluate.

        Args:
            params: Of the trial.
            workspace: See `workspace`.
            test: Whether to score the test part as well.
            on_epoch: Called after each epoch with its number from 1 and its metrics; an error in it ends the trial.

        Raises:
            XrdsymError: A table is missing, the loss is no longer finite, or the memory is full.
        """
        paths = workspace.paths
        data = self._read(paths, params)
        started = time.perf_counter()
        classifier, result = fit(params, data, workspace, on_epoch)
        # the epochs of an earlier process count as well
        earlier = sum(row["seconds"] for row in result.history[: result.resumed_epochs])
        seconds = time.perf_counter() - started + earlier
        members = self._members(paths, params).frame
        compositions = dict(zip(members["material_id"], members["composition"], strict=True))
        materials, probabilities = (
            materials_of(data.validation, compositions),
            classifier.predict_dataset(data.validation),
        )
        test_materials, test_probabilities = None, None
        if test:
            test_part = read_test_part(paths, params)
            test_materials, test_probabilities = (
                materials_of(test_part, compositions),
                classifier.predict_dataset(test_part),
            )
        metrics = training_metrics(params, result)
        metrics["inference_ms"] = self._stopwatch.milliseconds(classifier, encoder_of(params))
        metrics |= part_metrics(params, data.classes, materials, probabilities, "validation")
        if test_materials is not None and test_probabilities is not None:
            metrics |= part_metrics(params, data.classes, test_materials, test_probabilities, "test")
        if self._patterns is not None:
            metrics |= self._patterns.metrics(params, data.classes, classifier)
        checkpoints.remove(workspace.checkpoint)
        return Outcome(
            materials=materials,
            predicted=probabilities.argmax(axis=1),
            metrics=metrics,
            result=result,
            seconds=seconds,
            training_structures=len(data.train),
            test_materials=test_materials,
            test_predicted=None if test_probabilities is None else test_probabilities.argmax(axis=1),
        )

    def _read(self, paths: Paths, params: Params) -> TrainingData:
        """The inputs of the trial: those of the one before where they depend on nothing that has changed."""
        train_params = params.train
        key = (
            paths.root,
            params.profile,
            params.images,
            params.effects,
            params.target,
            model_spec(train_params.model).input,
            train_params.chemistry,
            train_params.limit,
            (train_params.limit is None and not params.effects.on) or train_params.seed,
        )
        if self._data is None or self._data[0] != key:
            self._data = None  # two sets of inputs at once may be more than the memory holds
            features = self._features.setdefault(self._tables[params.labels, params.split][1]["peaks"], {})
            self._data = key, read_data(paths, params, features)[0]
        return self._data[1]

    def _members(self, paths: Paths, params: Params) -> Members:
        """The materials with their parts, read once for all trials."""
        key = (paths, params.train.chemistry, params.target)
        if key not in self._frames:
            self._frames[key] = part_members(paths, params)
        return self._frames[key]

    def rate(self, params: Params) -> Rate:
        """The training rate of this machine for a model of this size, width and batch, measured once a process."""
        train_params = params.train
        key = (train_params.model, encoder_of(params).shape, train_params.alpha, train_params.batch_size)
        if key not in self._rates:
            classes = len(self._members(self._paths, params).classes.names)
            self._rates[key] = measured_rate(params, classes, self._networks)
        return self._rates[key]

    def context(self, params: Params, workspace: Workspace, metrics: Mapping[str, float]) -> str:
        """The data behind the scores of a trial in one line.

        Args:
            params: Of the trial.
            workspace: See `workspace`.
            metrics: Of the trial, with the size of the validation part.
        """
        return score_context(
            part="validation",
            n=int(metrics["validation_n"]),
            sources=params.structures.sources,
            split_by=params.split.by,
            classes=len(self._members(workspace.paths, params).classes.names),
            target=params.target.name,
        )

    def part_sizes(self, params: Params) -> tuple[int, int, int]:
        """How many structures there are in all parts, in the training of a trial, and in the validation part."""
        counts = self._members(self._paths, params).frame["part"].value_counts()
        trained = int(counts.get("train", 0))
        if params.train.limit is not None:
            trained = min(trained, params.train.limit)
        return int(counts.sum()), trained, int(counts.get("validation", 0))

    def epoch_cost(self, params: Params) -> float:
        """How many training inputs an epoch costs, with those of the validation part by what they cost."""
        _, trained, validated = self.part_sizes(params)
        return trained + VALIDATION_COST * validated
