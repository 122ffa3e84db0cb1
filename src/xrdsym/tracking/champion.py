"""The registered model of each target and its champion: the version with the best validation macro F1.

Scores are compared only between models of the same data and split.
"""

from __future__ import annotations

from typing import Any

REGISTERED_MODEL = "xrdsym-crystal-system"
"""The registered model of the target `crystal_system`, as `registered_name` gives it."""
CHAMPION = "champion"
KEY_TAG = "comparison_key"
SCORE = "validation_macro_f1"


def registered_name(target: str) -> str:
    """The registered model of a target."""
    return f"xrdsym-{target.replace('_', '-')}"


def register(  # noqa: PLR0913, PLR0917 - all that MLflow records of a version
    client: Any,  # noqa: ANN401
    uri: str,
    run_id: str,
    model_id: str,
    key: str,
    target: str,
) -> None:
    """Register a logged model as the next version of its target's registered model.

    Args:
        client: MLflow's client.
        uri: The model's URI in MLflow.
        run_id: The run that logged the model.
        model_id: The model's id in MLflow.
        key: The comparison key of the model, from `provenance.comparison_key`.
        target: The target that the model predicts.
    """
    name = registered_name(target)
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name, description=f"{target.replace('_', ' ').capitalize()} of a powder pattern")
    client.create_model_version(name, uri, run_id, tags={KEY_TAG: key}, model_id=model_id)


def crown(client: Any, run_id: str, score: float) -> str:  # noqa: ANN401 - MlflowClient
    """Move the aliases `champion-<key>` and `champion` to a run's model if it scores best.

    `champion-<key>` is the best model of each comparison key. `champion` goes to the first model that is scored, then
    to any better model with the same key; a model of other data never gets it. A tie moves neither alias.

    Args:
        client: MLflow's client.
        run_id: The run of the model.
        score: The model's macro F1 on the validation part.

    Returns:
        A sentence that says which version is champion.
    """
    versions = client.search_model_versions(f"run_id = '{run_id}'")
    key = versions[0].tags.get(KEY_TAG) if versions else None
    if key is None:
        return f"MLflow: {CHAMPION} is unchanged, because no version of this model is registered."
    name, version = str(versions[0].name), str(versions[0].version)
    client.set_model_version_tag(name, version, SCORE, repr(score))
    best = _challenge(client, name, f"{CHAMPION}-{key}", version, score)
    holder = _holder(client, name, CHAMPION)
    if holder is None:
        client.set_registered_model_alias(name, CHAMPION, best)
    elif holder.tags.get(KEY_TAG) != key:
        return (
            f"MLflow: {CHAMPION} stays version {holder.version} of {name}, which was scored on other data "
            f"or another split. Version {best} is the best on these, alias {CHAMPION}-{key}."
        )
    best = _challenge(client, name, CHAMPION, version, score)
    if best == version:
        return f"MLflow: version {version} of {name} is {CHAMPION} (validation macro F1 {score:.4f})."
    return f"MLflow: {CHAMPION} stays version {best} of {name}; version {version} is not better ({score:.4f})."


def _holder(client: Any, name: str, alias: str) -> Any | None:  # noqa: ANN401 - ModelVersion
    """The version of a registered model that holds an alias, with its tags; None where no version does."""
    aliases = client.get_registered_model(name).aliases
    return client.get_model_version(name, aliases[alias]) if alias in aliases else None


def _challenge(client: Any, name: str, alias: str, version: str, score: float) -> str:  # noqa: ANN401 - MlflowClient
    """Give an alias to a version that is better than its holder; returns the version that holds it afterwards."""
    holder = _holder(client, name, alias)
    if holder is not None and score <= float(holder.tags.get(SCORE, "-inf")):
        return str(holder.version)
    client.set_registered_model_alias(name, alias, version)
    return version
