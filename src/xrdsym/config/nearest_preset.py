"""What is special about parameters: the preset that they are nearest to, and how they differ from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xrdsym.common.errors import XrdsymError
from xrdsym.common.formatting import flat
from xrdsym.config.params_file import params_from
from xrdsym.config.presets import preset_content, preset_names, preset_path
from xrdsym.config.schema import Params, content_of
from xrdsym.config.short_names import short_setting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_NAMED = 3
"""Differences in a short text; of more it gives the number."""
NOT_COMPARED = ("evaluate.", "structures.files.")
"""How a model is scored, and where files lie, do not make another experiment."""


@dataclass(frozen=True)
class Nearest:
    """The preset with the fewest differences.

    Attributes:
        preset: Its name, e.g. `embedded` or `paper-local + best`.
        differences: Dotted name to value of each parameter that differs from it.
    """

    preset: str
    differences: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The differences in a few letters: `σ=3, class_weight=balanced`; empty without any."""
        named = [short_setting(name, value) for name, value in list(self.differences.items())[:MOST_NAMED]]
        more = len(self.differences) - len(named)
        return ", ".join(named) + (f" and {more} more" if more else "")

    @property
    def name(self) -> str:
        """What to call a run with these parameters: its differences, or the preset where nothing differs."""
        return self.text or self.preset


def nearest_preset(params: Params, root: Path) -> Nearest:
    """The preset of a project, or the pair of a whole one and one on top of it, that is nearest to parameters.

    Args:
        params: The parameters.
        root: The root of the project; one without presets has the defaults as its only preset.
    """
    own = _compared(params)
    found = [
        Nearest(name, {key: value for key, value in own.items() if preset.get(key) != value})
        for name, preset in _combinations(root)
    ]
    return min(found, key=lambda one: len(one.differences))


def _combinations(root: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and parameters of the defaults, of every preset that names all sections, and of the others on top of it."""
    contents = {}
    for name in preset_names(root):
        try:
            contents[name] = preset_content(preset_path(root, name))
        except XrdsymError:
            # a preset that its owner is still writing is nobody's nearest
            continue
    sections = set(content_of(Params()))
    whole = [name for name, content in contents.items() if set(content) == sections]
    pairs: list[tuple[str, dict[str, Any]]] = [(name, {}) for name in whole]
    pairs += [
        (f"{name} + {other}", content) for name in whole for other, content in contents.items() if other not in whole
    ]
    for name, overlay in pairs:
        try:
            resolved = params_from({**contents[name.partition(" + ")[0]], **overlay}, name)
        except XrdsymError:
            # these two contradict each other
            continue
        yield name, _compared(resolved)
    if not whole:
        yield "defaults", _compared(Params())


def _compared(params: Params) -> dict[str, Any]:
    """Parameters by their dotted names, those that are compared."""
    return {name: value for name, value in flat(content_of(params)).items() if not name.startswith(NOT_COMPARED)}
