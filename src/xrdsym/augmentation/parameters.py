"""The section `effects` of `params.yaml`: one parameter for each row of the table of effects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from xrdsym.augmentation.effects import EFFECTS
from xrdsym.common.checking import checked_dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xrdsym.augmentation.effects import Effect


class _Effects:
    """What an instrument and a sample add to each pattern of the training part, with new values in every epoch.

    Values are drawn evenly from the ranges; null, 0 and false turn an effect off. `xrdsym.augmentation.effects` has the
    parameters.
    """

    @property
    def on(self) -> tuple[str, ...]:
        """The names of the effects that are not turned off."""
        return tuple(effect.name for effect in self._on())

    @property
    def ideal(self) -> bool:
        """Whether patterns stay as they are calculated: the structure alone is changed."""
        return all(effect.where == "structure" for effect in self._on())

    @property
    def below_peaks(self) -> bool:
        """Whether anything lies below the peaks that is taken away before a network sees the pattern."""
        return any(effect.where in {"background", "noise"} for effect in self._on())

    @property
    def move_peaks(self) -> bool:
        """Whether peaks may move into the range from beyond its end."""
        return any(effect.moves_peaks for effect in self._on())

    @property
    def need_symmetry(self) -> bool:
        """Whether an effect needs the rotations of the space group."""
        return any(effect.needs_symmetry for effect in self._on())

    def _on(self) -> Iterator[Effect]:
        return (effect for effect in EFFECTS.values() if getattr(self, effect.name))


def _type(effect: Effect) -> Any:  # noqa: ANN401 - a type
    low, high = effect.bounds
    number, usual = Annotated[float, Field(ge=low, le=high)], effect.default_range
    if isinstance(usual, bool):
        return bool
    if isinstance(usual, float):
        return number
    pair = tuple[number, number]  # type: ignore[valid-type]
    return (tuple[(pair,) * len(usual)] if isinstance(usual[0], tuple) else pair) | None  # type: ignore[misc]


def _field(effect: Effect) -> Any:  # noqa: ANN401 - what pydantic makes of a field
    usual = f"default range: {json.dumps(effect.default_range)} ({effect.source})"
    return Field(default=effect.off, description=f"{effect.description}; {usual}")


IN_EVALUATION = Field(
    default=False, description="Validation and test part get the effects, too, with the same values each time"
)

if TYPE_CHECKING:

    class EffectsParams(_Effects):
        """The section, as type checkers see it: the table decides which parameters it has."""

        __dataclass_fields__: ClassVar[dict[str, Any]]
        in_evaluation: bool

        def __init__(self, **effects: object) -> None: ...
        def __getattr__(self, name: str) -> Any: ...  # noqa: ANN401

else:
    EffectsParams = checked_dataclass(
        type(
            "EffectsParams",
            (_Effects,),
            {
                "__annotations__": {effect.name: _type(effect) for effect in EFFECTS.values()}
                | {"in_evaluation": bool},
                "__doc__": _Effects.__doc__,
                "__module__": __name__,
                **{effect.name: _field(effect) for effect in EFFECTS.values()},
                "in_evaluation": IN_EVALUATION,
            },
        )
    )

DEFAULT_RANGES = EffectsParams(**{effect.name: effect.default_range for effect in EFFECTS.values()})
"""Every effect with its default range."""
