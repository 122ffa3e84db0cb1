"""The registered model and its champion: the version with the best validation macro F1 on the same data and split."""

from __future__ import annotations

from typing import Any

REGISTERED_MODEL = "xrdsym-crystal-system"
CHAMPION = "champion"
KEY_TAG = "comparison_key"
SCORE = "validation_macro_f1"


def register(client: Any, uri: str, run_id: str, model_id: str, key: str) -> None:  # noqa: ANN401 - MlflowClient
    """Make a logged model the next version of the registered model.

    Args:
        client: MLflow's client.
        uri: Where MLflow keeps the model.
        run_id: The run that it came from.
        model_id: MLflow's id of it.
        key: What its scores may be compared with, from `provenance.comparison_key`.
    """
    if not client.search_registered_models(f"name = '{REGISTERED_MODEL}'"):
        client.create_registered_model(
            REGISTERED_MODEL, description="Crystal system from the image of a powder pattern"
        )
    client.create_model_version(REGISTERED_MODEL, uri, run_id, tags={KEY_TAG: key}, model_id=model_id)


def crown(client: Any, run_id: str, score: float) -> str:  # noqa: ANN401 - MlflowClient
    """Move the aliases `champion-<key>` and `champion` to a run's model where it has earned them.

    `champion-<key>` is the best model of each comparison key. `champion` goes to the first model scored, and from then
    on to a better one of the same key; a model of other data never takes it. A tie moves nothing.

    Args:
        client: MLflow's client.
        run_id: The run of the model.
        score: Its macro F1 on the validation part.

    Returns:
        The sentence that tells what became of it.
    """
    versions = client.search_model_versions(f"run_id = '{run_id}'")
    key = versions[0].tags.get(KEY_TAG) if versions else None
    if key is None:
        return f"MLflow: {CHAMPION} stays as it is: this model is not registered by xrdsym, or no longer."
    version = str(versions[0].version)
    client.set_model_version_tag(REGISTERED_MODEL, version, SCORE, repr(score))
    best = _challenge(client, f"{CHAMPION}-{key}", version, score)
    holder = _holder(client, CHAMPION)
    if holder is None:
        client.set_registered_model_alias(REGISTERED_MODEL, CHAMPION, best)
    elif holder.tags.get(KEY_TAG) != key:
        return (
            f"MLflow: {CHAMPION} stays version {holder.version} of {REGISTERED_MODEL}, which was scored on other data "
            f"or another split; the best one here is version {best}, alias {CHAMPION}-{key}."
        )
    best = _challenge(client, CHAMPION, version, score)
    if best == version:
        return f"MLflow: version {version} of {REGISTERED_MODEL} is {CHAMPION} (validation macro F1 {score:.4f})."
    return (
        f"MLflow: {CHAMPION} stays version {best} of {REGISTERED_MODEL}: version {version} is no better ({score:.4f})."
    )


def _holder(client: Any, alias: str) -> Any | None:  # noqa: ANN401 - ModelVersion
    """The version that has an alias, with its tags."""
    aliases = client.get_registered_model(REGISTERED_MODEL).aliases
    return client.get_model_version(REGISTERED_MODEL, aliases[alias]) if alias in aliases else None


def _challenge(client: Any, alias: str, version: str, score: float) -> str:  # noqa: ANN401 - MlflowClient
    """Give the alias to a version that is better than its holder; the version that has it then."""
    holder = _holder(client, alias)
    if holder is not None and score <= float(holder.tags.get(SCORE, "-inf")):
        return str(holder.version)
    client.set_registered_model_alias(REGISTERED_MODEL, alias, version)
    return version
