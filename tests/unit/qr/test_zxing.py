# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Drawing, reading, and pictures made to hurt (QR-11, QR-13, QR-14, QR-15)."""

import io
import os
import re
import struct
import subprocess
import sys
import zlib

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import MAX_IMAGE_BYTES, MAX_IMAGE_SEARCHED_PIXELS
from vcred.qr.engines.zxing import draw_png, draw_svg, draw_terminal, read_picture

TEXT = "VC1:" + "AZ9$:/ 0" * 60
OTHER = "VC1:" + "BBB " * 20


def picture_of(*texts: str, mode: str = "L", margin: int = 40) -> Image.Image:
    """Put symbols side by side."""
    symbols = [Image.open(io.BytesIO(draw_png(text, module_pixels=4))).convert(mode) for text in texts]
    width = sum(symbol.width + margin for symbol in symbols) + margin
    picture = Image.new(mode, (width, max(symbol.height for symbol in symbols) + 2 * margin), "white")
    x = margin
    for symbol in symbols:
        picture.paste(symbol, (x, margin))
        x += symbol.width + margin
    return picture


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """Write a picture file into memory."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def drawn(symbol: zxingcpp.Barcode) -> Image.Image:
    """Make a picture of any symbol that the library can draw."""
    pixels = memoryview(symbol.to_image(scale=6))  # type: ignore[arg-type]
    assert pixels.shape is not None
    height, width = pixels.shape
    return Image.frombytes("L", (width, height), pixels.tobytes())


def chunk(kind: bytes, body: bytes) -> bytes:
    """Make a chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_header(width: int, height: int) -> bytes:
    """Begin a PNG in true colour."""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


class TestDrawing:
    """What is drawn is read again, on paper, on a page and in a terminal."""

    @pytest.mark.parametrize("pixels", [1, 2, 3, 8, 13])
    def test_png(self, pixels: int) -> None:
        data = draw_png(TEXT, module_pixels=pixels)
        assert Image.open(io.BytesIO(data)).mode == "1"
        assert read_picture(data) == TEXT

    def test_svg(self) -> None:
        svg = draw_svg(TEXT)
        assert "<script" not in svg
        side = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])  # type: ignore[index]
        picture = Image.new("L", (4 * side, 4 * side), 255)
        for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h", svg):
            picture.paste(0, (4 * int(x), 4 * int(y), 4 * (int(x) + int(length)), 4 * int(y) + 4))
        assert read_picture(saved(picture)) == TEXT

    def test_terminal(self) -> None:
        lines = draw_terminal(TEXT).splitlines()
        halves = {" ": (255, 255), "▀": (0, 255), "▄": (255, 0), "█": (0, 0)}
        rows: list[list[int]] = []
        for line in lines:
            assert line.startswith("\x1b[38;5;16;48;5;231m")
            assert line.endswith("\x1b[0m")
            cells = [
                halves[cell] for cell in line.removeprefix("\x1b[38;5;16;48;5;231m").removesuffix("\x1b[0m")
            ]
            rows += [[upper for upper, _ in cells], [lower for _, lower in cells]]
        picture = Image.frombytes(
            "L", (len(rows[0]), len(rows)), bytes(value for row in rows for value in row)
        )
        assert read_picture(saved(picture.resize((4 * picture.width, 4 * picture.height), 0))) == TEXT

    @pytest.mark.parametrize("draw", [draw_png, draw_svg, draw_terminal])
    def test_too_long_for_version_22(self, draw: object) -> None:
        assert callable(draw)
        assert draw("A" * 1_460)
        with pytest.raises(LimitExceededError, match="version 23"):
            draw("A" * 1_461)


class TestPictures:
    """Kinds and sizes of pictures that people have."""

    @pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
    def test_png_modes(self, mode: str) -> None:
        grey = picture_of(TEXT)
        picture = (
            grey.point(lambda value: value * 257, "I").convert(mode) if mode == "I;16" else grey.convert(mode)
        )
        assert read_picture(saved(picture)) == TEXT

    @pytest.mark.parametrize("options", [{}, {"quality": 30}, {"progressive": True}, {"subsampling": 0}])
    @pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
    def test_jpeg(self, mode: str, options: dict[str, object]) -> None:
        assert read_picture(saved(picture_of(TEXT).convert(mode), "JPEG", **options)) == TEXT

    def test_jpeg_with_a_second_picture_inside(self) -> None:
        # As telephones save them: the first is the one that every program shows.
        data = saved(picture_of(TEXT), "MPO", save_all=True, append_images=[picture_of(OTHER)])
        assert read_picture(data) == TEXT

    @pytest.mark.parametrize("degrees", [0, 7, 45, 90, 180, 200])
    def test_turned(self, degrees: int) -> None:
        assert read_picture(saved(picture_of(TEXT).rotate(degrees, expand=True, fillcolor=255))) == TEXT

    def test_photograph_of_12_megapixels(self) -> None:
        noise = Image.frombytes("L", (1_000, 750), os.urandom(750_000)).resize((4_000, 3_000))
        symbol = Image.open(io.BytesIO(draw_png(TEXT, module_pixels=6))).convert("L")
        noise.paste(symbol.rotate(10, Image.Resampling.BILINEAR, expand=True, fillcolor=255), (1_500, 1_100))
        assert read_picture(saved(noise, "JPEG", quality=80)) == TEXT

    def test_same_code_twice(self) -> None:
        assert read_picture(saved(picture_of(TEXT, TEXT))) == TEXT


class TestRefusals:
    """One change to a picture that is read, then the refusal."""

    def test_two_codes(self) -> None:
        assert read_picture(saved(picture_of(TEXT))) == TEXT
        with pytest.raises(DecodeError, match="2 different"):
            read_picture(saved(picture_of(TEXT, OTHER)))
        with pytest.raises(DecodeError, match="2 different"):
            read_picture(saved(picture_of(TEXT, "https://example.org/")))

    def test_no_code(self) -> None:
        with pytest.raises(DecodeError, match="no QR code"):
            read_picture(saved(Image.new("L", (300, 300), 255)))

    def test_code_of_another_kind(self) -> None:
        for kind in (
            zxingcpp.BarcodeFormat.MicroQRCode,
            zxingcpp.BarcodeFormat.DataMatrix,
            zxingcpp.BarcodeFormat.Aztec,
        ):
            with pytest.raises(DecodeError, match="no QR code"):
                read_picture(saved(drawn(zxingcpp.create_barcode("VC1:A", kind))))

    @pytest.mark.parametrize("content", ["點茗", "é", b"\x00\xff\x1b[31m"])
    def test_code_that_is_no_ascii(self, content: str | bytes) -> None:
        symbol = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode)
        with pytest.raises(DecodeError, match="ASCII"):
            read_picture(saved(drawn(symbol)))

    @pytest.mark.parametrize("eci", ["eci=26", "eci=3", "gs1"])
    def test_character_sets_give_the_same_bytes(self, eci: str) -> None:
        symbol = zxingcpp.create_barcode(TEXT, zxingcpp.BarcodeFormat.QRCode, options=eci)
        assert read_picture(saved(drawn(symbol))) == TEXT

    @pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "WEBP", "PDF", "PPM", "ICO"])
    def test_other_kinds_of_file(self, kind: str) -> None:
        picture = picture_of(TEXT)
        assert read_picture(saved(picture)) == TEXT
        with pytest.raises(DecodeError, match="not a PNG or JPEG"):
            read_picture(saved(picture, kind))

    @pytest.mark.parametrize(
        "data", [b"", b"VC1:", b"<svg/>", draw_svg("A").encode(), b"%PDF-1.7", b"\x89PNG\r\n\x1a\n"]
    )
    def test_no_picture(self, data: bytes) -> None:
        with pytest.raises(DecodeError, match="not a PNG or JPEG"):
            read_picture(data)

    def test_animation(self) -> None:
        frames = [picture_of(TEXT), picture_of(OTHER).resize(picture_of(TEXT).size)]
        assert read_picture(saved(frames[0])) == TEXT
        with pytest.raises(LimitExceededError, match="animated"):
            read_picture(saved(frames[0], save_all=True, append_images=frames[1:]))

    def test_too_many_bytes(self) -> None:
        data = saved(picture_of(TEXT))
        assert read_picture(data + bytes(1_000)) == TEXT
        with pytest.raises(LimitExceededError, match="bytes"):
            read_picture(data + bytes(MAX_IMAGE_BYTES))

    @pytest.mark.parametrize(
        ("width", "height"), [(30_000, 30_000), (6_400, 6_400), (2**31 - 1, 2**31 - 1), (4_000, 4_000)]
    )
    def test_huge_header(self, width: int, height: int) -> None:
        with pytest.raises(LimitExceededError, match="pixels"):
            read_picture(png_header(width, height) + chunk(b"IDAT", b"") + chunk(b"IEND", b""))

    def test_huge_jpeg(self) -> None:
        data = bytearray(saved(picture_of(TEXT), "JPEG"))
        assert read_picture(bytes(data)) == TEXT
        frame = data.index(b"\xff\xc0")
        data[frame + 5 : frame + 9] = struct.pack(">HH", 6_400, 6_400)
        with pytest.raises(LimitExceededError, match="6400 by 6400"):
            read_picture(bytes(data))

    def test_bomb_of_pixels(self) -> None:
        body = zlib.compress(bytes(3 * 20_000 + 1) * 10, 9)
        with pytest.raises(LimitExceededError):
            read_picture(png_header(20_000, 20_000) + chunk(b"IDAT", body) + chunk(b"IEND", b""))

    def test_bomb_of_text(self) -> None:
        bomb = b"k\0\0" + zlib.compress(bytes(50_000_000), 9)
        with pytest.raises(DecodeError):
            read_picture(png_header(10, 10) + chunk(b"zTXt", bomb) + chunk(b"IEND", b""))

    def test_progressive_jpeg_keeps_all_of_itself_in_memory(self) -> None:
        picture = Image.new("RGB", (4_000, 3_000), "white")
        with pytest.raises(DecodeError, match="no QR code"):
            read_picture(saved(picture, "JPEG"))
        with pytest.raises(LimitExceededError, match="memory"):
            read_picture(saved(picture, "JPEG", progressive=True))

    def test_jpeg_of_many_scans(self) -> None:
        data = saved(picture_of(TEXT), "JPEG", progressive=True)
        assert read_picture(data) == TEXT
        last = data.rindex(b"\xff\xda")
        with pytest.raises(LimitExceededError, match="scans"):
            read_picture(data[:-2] + data[last:-2] * 80 + data[-2:])


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_few_pixels_are_searched(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A field of finder patterns of one pixel a module, 28 kB, costs 18 s of search at full size."""
    searched: list[int] = []

    def search(pixels: memoryview, **_: object) -> list[zxingcpp.Barcode]:
        searched.append(pixels.nbytes)
        return []

    monkeypatch.setattr(zxingcpp, "read_barcodes", search)
    for width, height in ((3_400, 3_400), (30_000, 10), (1_920, 1_080), (9, 9)):
        with pytest.raises(DecodeError, match="no QR code"):
            read_picture(saved(Image.new("L", (width, height), 255), kind))
    assert searched[2:] == [1_920 * 1_080, 81]
    assert max(searched) <= MAX_IMAGE_SEARCHED_PIXELS


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_pictures_are_read_or_refused(data: st.DataObject) -> None:
    picture = bytearray(data.draw(st.sampled_from(DAMAGED)))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(picture) - 1))
        picture[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(picture)))
    try:
        assert read_picture(bytes(picture if data.draw(st.booleans()) else picture[:cut]))
    except DecodeError:
        return


DAMAGED = [
    saved(picture_of("VC1:A")),
    saved(picture_of("VC1:A").convert("P")),
    saved(picture_of("VC1:A"), "JPEG"),
    saved(picture_of("VC1:A").convert("RGB"), "JPEG", progressive=True),
    saved(picture_of("VC1:A"), "MPO", save_all=True, append_images=[picture_of("VC1:B")]),
]


def test_numpy_is_never_loaded() -> None:
    code = (
        "import sys; from vcred.qr.engines.zxing import draw_png, read_picture;"
        "assert 'PIL' not in sys.modules and 'zxingcpp' not in sys.modules;"
        "assert read_picture(draw_png('VC1:A')) == 'VC1:A'; print('numpy' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
