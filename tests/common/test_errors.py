from __future__ import annotations

import pickle  # as multiprocessing does

from xrdsym.common.errors import MaterialError


def test_a_material_error_survives_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(MaterialError("empty", "mp-1: no atoms")))  # noqa: S301
    assert (error.reason, str(error)) == ("empty", "mp-1: no atoms")
