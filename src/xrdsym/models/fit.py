"""From parameters and data to a trained model: what the train stage and the trials of studies both call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xrdsym.models.registry import classifier_type

if TYPE_CHECKING:
    from xrdsym.config.schema import Params
    from xrdsym.data.training_data import TrainingData, TrainingResult
    from xrdsym.models.protocol import Classifier, OnEpoch, Workspace


def fit(
    params: Params, data: TrainingData, workspace: Workspace, on_epoch: OnEpoch
) -> tuple[Classifier, TrainingResult]:
    """Train the model that `train.model` names.

    A network goes on from its checkpoint where there is one; the caller removes the checkpoint when all results are
    on disk.

    Args:
        params: All parameters.
        data: What `xrdsym.data.load.read_data` read with them.
        workspace: Where it can be resumed.
        on_epoch: Called after each epoch; the fit of a baseline counts as one.

    Returns:
        The model, with the weights that are kept, and how the training went.

    Raises:
        UsageError: The model cannot be trained with these parameters or this data.
        XrdsymError: The first weights cannot be read, the loss is no longer finite, or the disk is full.
    """
    return classifier_type(params.train.model).fit(params, data, workspace, on_epoch)
