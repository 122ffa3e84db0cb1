"""Networks that a process keeps: trials of equal shape share one, so that it is compiled only once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xrdsym.models.networks.build import build

if TYPE_CHECKING:
    import keras

    from xrdsym.config.schema import TrainParams


class NetworkCache:
    """Gives networks as `build` makes them; the second of one shape comes already compiled.

    It is the first one with new first weights, so that the first must no longer be in use.
    """

    def __init__(self) -> None:
        self._networks: dict[tuple[object, ...], keras.Model] = {}

    def network(self, size: int, classes: int, params: TrainParams) -> keras.Model:
        """A network with the first weights, and the first state of its dropout, that `build` would give it now.

        Args:
            size: Height and width of the images in pixels, or the number of points of the profiles.
            classes: Number of classes.
            params: As for `build`.

        Raises:
            UsageError: See `build`.
            XrdsymError: See `build`.
        """
        fresh = build(size, classes, params)
        shape = (
            size,
            classes,
            params.model,
            params.alpha,
            params.pixel_scaling,
            params.dropout,
            params.batchnorm,
            params.batchnorm_momentum,
        )
        kept = self._networks.setdefault(shape, fresh)
        if kept is not fresh:
            for variable, value in zip(kept.variables, fresh.variables, strict=True):
                variable.assign(value)
        return kept
