"""Read YAML: one kind of error for whatever is wrong with it, and bounds for small files that expand to large ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

MAX_BYTES = 4 * 2**20
"""Far more than any file of parameters, studies or DVC's has; ruamel reads about 100 kB a second."""
MAX_ENTRIES = 200_000
"""Largest number of entries after aliases are expanded; nine lists of nine aliases each make half a billion."""
MAX_DEPTH = 100
"""Largest number of lists and mappings within each other."""


def load_yaml(source: Path | str) -> Any:  # noqa: ANN401 - any YAML value
    """Load the plain values of a YAML document.

    Args:
        source: A file, or the text itself.

    Returns:
        Dictionaries, lists, texts, numbers, truth values, dates and None.

    Raises:
        ValueError: It is not YAML, holds something that its tag does not fit, or is too large; in one line.
        OSError: The file cannot be read.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if isinstance(source, Path) and (size := source.stat().st_size) > MAX_BYTES:
        msg = f"it has {size} bytes, expected {MAX_BYTES} at most"
        raise ValueError(msg)
    try:
        content = YAML(typ="safe").load(source)
    except RecursionError as error:
        raise ValueError(_too_deep()) from error
    except YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
    # what ruamel's constructors raise for dates that do not exist, `!!int abc` and the like
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, OverflowError) as error:
        msg = f"a value does not fit its tag ({' '.join(str(error).split())})"
        raise ValueError(msg) from error
    if _entries(content, {}, 0) > MAX_ENTRIES:
        msg = f"it expands to more than {MAX_ENTRIES} entries through its aliases (&name and *name); write fewer"
        raise ValueError(msg)
    return content


def _entries(node: Any, known: dict[int, int], depth: int) -> int:  # noqa: ANN401
    """The number of entries of a document with its aliases expanded; each anchor is counted once and multiplied."""
    if not isinstance(node, dict | list | set | tuple):
        return 1
    if id(node) in known:
        if known[id(node)] == 0:
            msg = "it contains itself through an alias (*name)"
            raise ValueError(msg)
        return known[id(node)]
    if depth > MAX_DEPTH:
        raise ValueError(_too_deep())
    known[id(node)] = 0
    inner = [*node.keys(), *node.values()] if isinstance(node, dict) else node
    known[id(node)] = 1 + sum(_entries(entry, known, depth + 1) for entry in inner)
    return known[id(node)]


def _too_deep() -> str:
    return f"more than {MAX_DEPTH} lists or mappings within each other"
