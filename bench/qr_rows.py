# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Drawing and reading symbols, against zxing-cpp doing the same and nothing else."""

import io
import random
from collections.abc import Sequence
from functools import cache

import zxingcpp
from PIL import Image, ImageFilter

from bench.network import as_codes, health_codes
from bench.row import Against, Row, Work
from vcred.qr.engines.zxing import draw_png, read_picture
from vcred.qr.symbol import choose_symbol

_MODULE_PIXELS = 8
_FRAME = (1920, 1080)


@cache
def _text() -> str:
    return as_codes(health_codes(1, "match", "test"))[0]


def _draw() -> Sequence[Work]:

    text = _text()
    level = choose_symbol(text).level.value

    def peer() -> bytes:
        symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
        drawn = symbol.to_image(scale=_MODULE_PIXELS)
        file = io.BytesIO()
        Image.fromarray(drawn).save(file, "PNG")
        return file.getvalue()

    return (lambda: draw_png(text, module_pixels=_MODULE_PIXELS)), peer


def _reading(data: bytes) -> Sequence[Work]:

    only = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)

    def peer() -> str:
        picture = Image.open(io.BytesIO(data)).convert("L")
        pixels = memoryview(picture.tobytes()).cast("B", (picture.height, picture.width))
        return str(zxingcpp.read_barcodes(pixels, formats=only)[0].text)

    assert read_picture(data) == peer() == _text()
    return (lambda: read_picture(data)), peer


def _read_clean() -> Sequence[Work]:

    return _reading(draw_png(_text(), module_pixels=_MODULE_PIXELS))


def _read_frame() -> Sequence[Work]:
    file = io.BytesIO()
    _frame().save(file, "JPEG", quality=85)
    return _reading(file.getvalue())


def _frame() -> Image.Image:
    """Make a camera's frame: the code turned and blurred on grey, noise over all."""

    code = Image.open(io.BytesIO(draw_png(_text(), module_pixels=_MODULE_PIXELS))).convert("L")
    turned = (
        code.resize((700, 700)).rotate(11, expand=True, fillcolor=150).filter(ImageFilter.GaussianBlur(1.2))
    )
    frame = Image.new("L", _FRAME, 150)
    frame.paste(turned, (520, 90))
    noise = Image.frombytes("L", _FRAME, random.Random(1).randbytes(_FRAME[0] * _FRAME[1]))
    return Image.blend(frame, noise, 0.2)


ROWS = (
    Row(name="QR draw as PNG / zxing-cpp", goal=1.15, prepare=_draw, against=Against.PEER),
    Row(name="QR read, clean PNG / zxing-cpp", goal=1.1, prepare=_read_clean, against=Against.PEER),
    Row(name="QR read, noisy 1080p frame / zxing-cpp", goal=1.1, prepare=_read_frame, against=Against.PEER),
)
