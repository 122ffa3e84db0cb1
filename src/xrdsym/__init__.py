"""Crystal symmetry from powder X-ray diffraction, experiment-tracked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from xrdsym.common.numba_cache import ensure_numba_cache

if TYPE_CHECKING:
    from xrdsym.diffraction.peaks import simulate
    from xrdsym.measured.scan import Scan
    from xrdsym.measured.scan_files import read_scan
    from xrdsym.models.predictor import load_model

__version__ = "0.2.0"
__all__ = ["Scan", "__version__", "load_model", "read_scan", "simulate"]

NO_CACHE = ensure_numba_cache(Path(__file__).parent)
"""Why numba, and with it most of this package, will not work here; None where it will."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever is asked for
    """Import what is asked for only then, so that `import xrdsym` stays quick."""
    if name == "simulate":
        from xrdsym.diffraction.peaks import simulate

        return simulate
    if name == "Scan":
        from xrdsym.measured.scan import Scan

        return Scan
    if name == "read_scan":
        from xrdsym.measured.scan_files import read_scan

        return read_scan
    if name == "load_model":
        from xrdsym.models.predictor import load_model

        return load_model
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return __all__
