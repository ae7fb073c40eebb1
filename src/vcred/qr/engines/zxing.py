# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Draw and read symbols with zxing-cpp; Pillow opens and writes picture files.

A picture comes from a stranger. Its size in pixels and in memory is known from its header
and checked before any pixel is decoded; only PNG and JPEG are tried; of several different
codes none is chosen. The text found is data: see `vcred.qr.frame`.

Spec: docs/spec/qr.md sections 8 and 9; threats: QR-11, QR-13, QR-14, QR-15.
"""

import io
import itertools
import math
import struct
import warnings
import zlib
from typing import TYPE_CHECKING, Final

from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import (
    MAX_IMAGE_BYTES,
    MAX_IMAGE_MEMORY_BYTES,
    MAX_IMAGE_PIXELS,
    MAX_IMAGE_SCANS,
    MAX_IMAGE_SEARCHED_PIXELS,
)
from vcred.qr.symbol import QUIET_MODULES, SymbolSize, choose_symbol

if TYPE_CHECKING:
    from PIL import Image
    from zxingcpp import Barcode

_FORMATS: Final = ("PNG", "JPEG")
_INK: Final = 128
_ONE_BYTE_MODES: Final = ("1", "L", "P")
_START_OF_SCAN: Final = b"\xff\xda"
# Fixed colours of the 256-colour table: a theme may turn "black" and "white" into anything.
_BLACK_ON_WHITE: Final = "\x1b[38;5;16;48;5;231m"
_RESET: Final = "\x1b[0m"
_HALVES: Final = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
# What Pillow raises on damaged files, by format and by damage.
_DAMAGE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    struct.error,
    zlib.error,
)


def draw_png(text: str, *, module_pixels: int = 8) -> bytes:
    """Draw the symbol of a text as a PNG file, one bit a pixel, with its quiet zone.

    Args:
        text: See `choose_symbol`.
        module_pixels: The side of a module.

    Raises:
        LimitExceededError: Above version 22.
    """
    from PIL import Image

    symbol, size = _draw(text)
    # The library's type stub leaves out that its images are buffers.
    pixels = memoryview(symbol.to_image(scale=module_pixels))  # type: ignore[arg-type]
    side = (size.modules + 2 * QUIET_MODULES) * module_pixels
    picture = Image.frombytes("L", (side, side), pixels.tobytes())
    file = io.BytesIO()
    picture.convert("1", dither=Image.Dither.NONE).save(file, "PNG")
    return file.getvalue()


def draw_svg(text: str) -> str:
    """Draw the symbol of a text as an SVG document: one path on a white square, nothing active.

    Raises:
        LimitExceededError: Above version 22.
    """
    rows = draw_modules(text)
    side = len(rows)
    runs = [
        f"M{start} {y}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for start, length in _dark_runs(row)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/><path d="{"".join(runs)}"/></svg>\n'
    )


def draw_terminal(text: str) -> str:
    """Draw the symbol of a text in half blocks, two modules a character cell, both colours set.

    Raises:
        LimitExceededError: Above version 22.
    """
    rows = draw_modules(text)
    rows.append([False] * len(rows))
    lines = [
        "".join(_HALVES[upper, lower] for upper, lower in zip(rows[y], rows[y + 1], strict=True))
        for y in range(0, len(rows) - 1, 2)
    ]
    return "".join(f"{_BLACK_ON_WHITE}{line}{_RESET}\n" for line in lines)


def draw_modules(text: str) -> list[list[bool]]:
    """Return the modules of a symbol, True for dark, row by row with the quiet zone around.

    Raises:
        LimitExceededError: Above version 22.
    """
    symbol, size = _draw(text)
    # The library's type stub leaves out that its images are buffers.
    dark = [value < _INK for value in memoryview(symbol.to_image()).tobytes()]  # type: ignore[arg-type]
    side = size.modules + 2 * QUIET_MODULES
    return [dark[start : start + side] for start in range(0, side * side, side)]


def read_picture(data: bytes) -> str:
    """Return the text of the one QR code in a picture.

    Args:
        data: A PNG or JPEG file with one picture in it. The same code may stand there twice.

    Raises:
        LimitExceededError: Too many bytes, pixels or frames, or more memory than allowed.
        DecodeError: Another kind of file, a damaged one, no code that can be read, a code
            that is not ASCII text, or codes that differ.
    """
    if len(data) > MAX_IMAGE_BYTES:
        raise LimitExceededError(f"a picture of {len(data)} bytes, at most {MAX_IMAGE_BYTES} are read")
    texts = _read_codes(_open_grey(data))
    if not texts:
        raise DecodeError(
            "no QR code can be read in the picture", hint="sharper, straighter, or the whole code"
        )
    if len(texts) > 1:
        # To pick the one that verifies would let a stranger's valid code stand beside this person's.
        raise DecodeError(
            f"the picture shows {len(texts)} different QR codes",
            hint="cut the picture down to the one that counts",
        )
    return texts.pop()


def _open_grey(data: bytes) -> "Image.Image":
    """Decode a picture to 8-bit grey of at most the pixels that are searched."""
    from PIL import Image

    try:
        # Pillow warns about some damage and large sizes; here each is an error or of no account.
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(io.BytesIO(data), formats=_FORMATS) as picture,
        ):
            _check_frames(picture, data)
            pixels = picture.width * picture.height
            factor = math.sqrt(min(1.0, MAX_IMAGE_SEARCHED_PIXELS / pixels))
            size = max(1, int(picture.width * factor)), max(1, int(picture.height * factor))
            # A JPEG decodes to grey, and to a part of its size, by itself.
            picture.draft("L", size)
            _check_memory(picture, pixels)
            grey = picture.convert("L")
    except (Image.DecompressionBombError, MemoryError) as error:
        raise LimitExceededError("a picture of too many pixels") from error
    except _DAMAGE as error:
        raise DecodeError("not a PNG or JPEG picture, or a damaged one") from error
    return grey if factor == 1.0 else grey.resize(size, Image.Resampling.BOX)


def _check_frames(picture: "Image.Image", data: bytes) -> None:
    """Refuse what the header shows to be too much, before a pixel is decoded."""
    if picture.width * picture.height > MAX_IMAGE_PIXELS:
        raise LimitExceededError(
            f"a picture of {picture.width} by {picture.height} pixels, at most {MAX_IMAGE_PIXELS} are read"
        )
    if picture.format == "PNG" and getattr(picture, "is_animated", False):
        raise LimitExceededError("an animated picture", hint="save the one frame that shows the code")
    # Each scan of a progressive JPEG goes over the whole picture, and may cost its maker 20 bytes.
    if picture.format == "JPEG" and data.count(_START_OF_SCAN) > MAX_IMAGE_SCANS:
        raise LimitExceededError(f"a JPEG of more than {MAX_IMAGE_SCANS} scans")


def _check_memory(picture: "Image.Image", pixels: int) -> None:
    """Refuse a picture that would fill the memory while it is decoded and turned to grey."""
    if picture.info.get("progressive"):
        # All coefficients wait for the last scan, at full size whatever the draft.
        needed = 6 * pixels
    else:
        needed = (2 if picture.mode in _ONE_BYTE_MODES else 5) * picture.width * picture.height
    if needed > MAX_IMAGE_MEMORY_BYTES:
        raise LimitExceededError(
            f"a picture of {pixels} pixels of its kind needs too much memory", hint="cut it down to the code"
        )


def _read_codes(grey: "Image.Image") -> set[str]:
    """Return the texts of all QR codes found; micro and rectangular ones are not looked for."""
    import zxingcpp

    # A buffer of its own: handed a picture, the library would import numpy where that is installed.
    pixels = memoryview(grey.tobytes()).cast("B", (grey.height, grey.width))
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)
    found = zxingcpp.read_barcodes(pixels, formats=formats)
    return {_text(bytes(code.bytes)) for code in found}


def _text(content: bytes) -> str:
    # Bytes, not the library's text: that follows character set switches, and guesses.
    try:
        return content.decode("ascii")
    except UnicodeDecodeError as error:
        raise DecodeError("a QR code that does not hold ASCII text") from error


def _draw(text: str) -> "tuple[Barcode, SymbolSize]":
    import zxingcpp

    size = choose_symbol(text)
    return zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=size.level.value), size


def _dark_runs(row: list[bool]) -> list[tuple[int, int]]:
    """Return start and length of each run of dark modules."""
    runs: list[tuple[int, int]] = []
    for dark, group in itertools.groupby(enumerate(row), key=lambda place: place[1]):
        places = [x for x, _ in group]
        if dark:
            runs.append((places[0], len(places)))
    return runs
