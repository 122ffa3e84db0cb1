"""Did you mean …?"""

from __future__ import annotations

import difflib


def nearest(name: str, names: list[str]) -> str:
    """A hint at the name that was probably meant, or at all names where none is near."""
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(names)}"
