"""PNG files of images: lossless, 8 bits for each of red, green and blue."""

from __future__ import annotations

import errno
import os
import struct
import threading
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import XrdsymError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SUB, UP = 1, 2
ZLIB_HEADER = b"\x78\x01"
ADLER_BASE = 65521


def encode_png(image: NDArray[np.uint8]) -> bytes:
    """Encode an image as a PNG file (RFC 2083).

    Most images with the layout `stripes` have equal rows; the compressed rows after the first are then computed once
    for all of them.

    Args:
        image: uint8 (height, width, 3).
    """
    height, width, _ = image.shape
    rows = image.reshape(height, 3 * width)
    pixels = _equal_rows(rows) if np.array_equal(rows[1:], rows[:-1]) else _any_rows(rows)
    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _any_rows(rows: NDArray[np.uint8]) -> bytes:
    """Compress rows as differences from the pixel to the left, most of which are zero."""
    filtered = np.empty((rows.shape[0], rows.shape[1] + 1), dtype=np.uint8)
    filtered[:, 0] = SUB
    filtered[:, 1:4] = rows[:, :3]
    np.subtract(rows[:, 3:], rows[:, :-3], out=filtered[:, 4:])
    stream = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
    return stream.compress(filtered.data) + stream.flush()


def _equal_rows(rows: NDArray[np.uint8]) -> bytes:
    """Compress the first row, then differences of zero from the row above."""
    first = b"\0" + rows[0].tobytes()
    stream = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    head = stream.compress(first) + stream.flush(zlib.Z_SYNC_FLUSH)
    tail, tail_sum, tail_length = _unchanged(rows.shape[0] - 1, len(first))
    # combine the Adler-32 of both parts, as zlib's adler32_combine does
    high, low = divmod(zlib.adler32(first), 1 << 16)
    tail_high, tail_low = divmod(tail_sum, 1 << 16)
    high = (high + tail_high + tail_length * (low - 1)) % ADLER_BASE
    low = (low + tail_low - 1) % ADLER_BASE
    return ZLIB_HEADER + head + tail + struct.pack(">2H", high, low)


@lru_cache(maxsize=8)
def _unchanged(count: int, length: int) -> tuple[bytes, int, int]:
    """`count` filtered rows equal to the one above: compressed, their Adler-32 and their length in bytes."""
    rows = (bytes([UP]) + bytes(length - 1)) * count
    stream = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return stream.compress(rows) + stream.flush(), zlib.adler32(rows), len(rows)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(content, zlib.crc32(kind))
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def write_png(path: Path, image: NDArray[np.uint8]) -> None:
    """Write an image atomically.

    Args:
        path: The file, in an existing folder.
        image: uint8 (height, width, 3).

    Raises:
        XrdsymError: The disk is full, or the folder is missing or not writable.
    """
    # `files.atomic_path` is for large files; its system calls take longer than a small image
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        with temporary.open("wb") as stream:
            stream.write(encode_png(image))
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno == errno.ENOSPC:
            msg = f"the disk is full: cannot write {path}. Free some space and run the same command again."
            raise XrdsymError(msg) from error
        msg = f"cannot write {path}: {error.strerror}. Check that its folder exists and is writable."
        raise XrdsymError(msg) from error


def read_png(path: Path) -> NDArray[np.uint8]:
    """Read an image, uint8 (height, width, 3).

    Raises:
        XrdsymError: The file is missing, truncated, or not an image.
    """
    from PIL import Image

    try:
        with Image.open(path) as image:
            return np.array(image.convert("RGB"))
    except FileNotFoundError as error:
        msg = f"no image at {path}. Run `dvc repro images` to make it or `dvc pull` to fetch it."
        raise XrdsymError(msg) from error
    except (OSError, SyntaxError, ValueError) as error:
        msg = f"{path} cannot be read as an image ({error}). Delete it and run `dvc repro images`."
        raise XrdsymError(msg) from error
