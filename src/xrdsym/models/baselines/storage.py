"""Baselines on disk, none as a pickle: JSON, NumPy's archives, and skops for the estimators of scikit-learn."""

from __future__ import annotations

import dataclasses
import json
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.files import atomic_path, write_json
from xrdsym.config.model_specs import MODEL_SPECS
from xrdsym.encoding.features import feature_names
from xrdsym.models.baselines.library import STRONGEST, Library
from xrdsym.models.baselines.search_match import PatternGrid, SearchMatch
from xrdsym.models.baselines.simple import Majority, NearestNeighbour
from xrdsym.models.baselines.trees import Trees

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

VERSION = 1
ESTIMATORS = {
    "random_forest": "sklearn.ensemble._forest.RandomForestClassifier",
    "search_match": "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier",
    "boosted_trees": "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier",
}
TRUSTED = (
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
)
"""Types that may be loaded beside those that skops itself takes for harmless: numbers, arrays, scikit-learn's public
estimators. A file that holds any other is refused before anything of it is made."""


def save(classifier: Majority | NearestNeighbour | Trees | SearchMatch, path: Path) -> None:
    """Write a baseline, atomically.

    Raises:
        UsageError: The path does not end in the suffix of `MODEL_SPECS`.
    """
    if path.suffix != MODEL_SPECS[classifier.name].suffix:
        msg = f"{path}: {classifier.name} is stored in a file that ends in {MODEL_SPECS[classifier.name].suffix}"
        raise UsageError(msg)
    if isinstance(classifier, Majority):
        write_json(path, _head(classifier) | {"shares": [float(share) for share in classifier.shares]})
        return
    with atomic_path(path) as temporary:
        if isinstance(classifier, NearestNeighbour):
            head = np.array(json.dumps(_head(classifier)))
            np.savez_compressed(temporary, head=head, rows=classifier.rows, labels=classifier.labels)
        else:
            import skops.io

            content = _head(classifier) | _fitted(classifier)
            skops.io.dump(content, temporary, compression=zipfile.ZIP_DEFLATED)


def load(path: Path) -> Majority | NearestNeighbour | Trees | SearchMatch:
    """Read a baseline that `save` wrote.

    Raises:
        XrdsymError: There is no such file, it is no baseline, or it holds types that are not trusted.
        UsageError: It ends in no suffix of a baseline.
    """
    readers: dict[str, Callable[[Path], Majority | NearestNeighbour | Trees | SearchMatch]] = {
        ".json": _load_majority,
        ".npz": _load_neighbours,
        ".skops": _load_trees,
    }
    if path.suffix not in readers:
        msg = f"{path}: baselines are stored in files that end in {', '.join(readers)}"
        raise UsageError(msg)
    if not path.is_file():
        msg = f"no baseline at {path}. Train it first, or name another file."
        raise XrdsymError(msg)
    try:
        return readers[path.suffix](path)
    # what json, zipfile, NumPy and skops raise for files of another kind, and what is not as `save` wrote it
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, ImportError, EOFError) as error:
        raise XrdsymError(_no_baseline(path, error)) from error
    except (zipfile.BadZipFile, zlib.error, RecursionError, NotImplementedError) as error:
        raise XrdsymError(_no_baseline(path, error)) from error


def _load_majority(path: Path) -> Majority:
    head = json.loads(path.read_text(encoding="utf-8"))
    classes = _classes(head, "majority")
    shares = np.array(head["shares"], np.float32)
    _check(shares.shape == (len(classes),), "one share a class is missing")
    return Majority(classes, shares)


def _load_neighbours(path: Path) -> NearestNeighbour:
    with np.load(path, allow_pickle=False) as archive:
        classes = _classes(json.loads(str(archive["head"])), "nearest_neighbour")
        rows, labels = archive["rows"], archive["labels"]
    _check(rows.ndim == 2 and rows.dtype == np.float32 and len(rows) > 0, "the profiles are no table of float32")
    _check(labels.shape == rows.shape[:1] and labels.dtype == np.int64, "one label a profile is missing")
    _check(bool(labels.min() >= 0 and labels.max() < len(classes)), "a label is of no class")
    return NearestNeighbour(classes, rows, labels)


def _fitted(classifier: Trees | SearchMatch) -> dict[str, Any]:
    if isinstance(classifier, Trees):
        return {"estimator": classifier.estimator}
    library = {name: getattr(classifier.library, name) for name in ("lines", "labels")}
    return {"estimator": classifier.trees.estimator, "grid": dataclasses.asdict(classifier.grid), "library": library}


def _load_trees(path: Path) -> Trees | SearchMatch:
    import skops.io

    foreign = sorted(set(skops.io.get_untrusted_types(file=path)) - set(TRUSTED))
    if foreign:
        msg = f"{path} is not loaded: it holds types that no baseline has ({', '.join(foreign)})"
        raise XrdsymError(msg)
    content = skops.io.load(path, trusted=list(TRUSTED))
    name, estimator = content["name"], content["estimator"]
    kind = f"{type(estimator).__module__}.{type(estimator).__qualname__}"
    _check(ESTIMATORS.get(name) == kind, f"{name} cannot be a {kind}")
    classes = _classes(content, name)
    _check(bool(np.all(estimator.classes_ < len(classes))), "the estimator has more classes than are named")
    if name == SearchMatch.name:
        return _search_match(content, classes, estimator)
    return Trees(name, classes, estimator)


def _search_match(content: dict[str, Any], classes: tuple[str, ...], estimator: Any) -> SearchMatch:  # noqa: ANN401 - scikit-learn is not typed
    grid = PatternGrid(**content["grid"])
    lines, labels = content["library"]["lines"], content["library"]["labels"]
    _check(lines.dtype == np.uint16 and lines.shape[1:] == (STRONGEST,), "the library is no table of lines")
    _check(labels.dtype == np.uint8 and labels.shape == lines.shape[:1], "one label a structure is missing")
    _check(bool(len(labels) and labels.max() < len(classes)), "a label is of no class")
    _check(estimator.n_features_in_ == len(feature_names()), "the trees were fitted to other features")
    return SearchMatch(classes, grid, Library(*grid.ends, lines, labels), Trees("boosted_trees", classes, estimator))


def _head(classifier: Majority | NearestNeighbour | Trees | SearchMatch) -> dict[str, Any]:
    return {"version": VERSION, "name": classifier.name, "classes": list(classifier.classes)}


def _classes(head: dict[str, Any], name: str) -> tuple[str, ...]:
    _check(head["version"] == VERSION, f"it is of version {head['version']}, not {VERSION}")
    _check(head["name"] == name, f"it is {head['name']}, not {name}")
    return tuple(str(one) for one in head["classes"])


def _check(right: bool, otherwise: str) -> None:
    if not right:
        raise ValueError(otherwise)


def _no_baseline(path: Path, error: Exception) -> str:
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    return f"{path} is no baseline that was stored here ({reason}). Train it again, or name another file."
