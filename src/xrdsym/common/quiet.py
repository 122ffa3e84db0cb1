"""Hide the start-up notes that native libraries write to standard error, past Python's logging."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

STDERR = 2
NOTE = re.compile(rb"WARNING: All log messages before absl|[IWE]\d{4} \d\d:\d\d:|[IWE]0000 \d")


@contextmanager
def without_native_notes() -> Iterator[None]:
    """Capture standard error within the block; afterwards write all of it but the notes of native libraries.

    TensorFlow 2.21 prints notes on oneDNN and missing GPU drivers when it is imported, whatever
    `TF_CPP_MIN_LOG_LEVEL` says.
    """
    sys.stderr.flush()
    with ExitStack() as stack:
        try:
            original = os.dup(STDERR)
            stack.callback(os.close, original)
            held = stack.enter_context(tempfile.TemporaryFile())
        except OSError:
            # this process has no standard error, or no temporary folder can be written
            yield
            return
        os.dup2(held.fileno(), STDERR)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(original, STDERR)
            held.seek(0)
            for line in held:
                if not NOTE.match(line):
                    os.write(STDERR, line)


def import_keras() -> Any:  # noqa: ANN401 - Keras is not typed
    """Import Keras and start its backend without the backend's notes."""
    with without_native_notes():
        import keras

        # TensorFlow looks for devices, and writes notes on them, at the first operation
        keras.ops.zeros(1)
    return keras
