# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Base45, the text that fits the alphanumeric mode of a QR symbol.

Two bytes, as one number, are three digits to the base 45, least first; a last single
byte is two. All pairs of a text are worked at once: each number stands in a lane of its
own in one big integer, wide enough that no lane spills into the next, so that a
multiplication of that integer multiplies every lane. The loop then runs in C.
"""

from typing import Final

from vcred.errors import DecodeError

_ALPHABET: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_FOREIGN: Final = 0xFF
_TO_DIGIT: Final = bytes(_ALPHABET.find(octet) & _FOREIGN for octet in range(256))
_TO_CHARACTER: Final = _ALPHABET + bytes(256 - len(_ALPHABET))

# floor(n / d) == (n * ceil(2**32 / d)) >> 32 for each n below 2**16 and both divisors.
_RECIPROCAL_45: Final = -(-(2**32) // 45)
_RECIPROCAL_2025: Final = -(-(2**32) // 2025)


def encode_base45(data: bytes) -> str:
    """Encode any bytes.

    Spec: RFC 9285 section 4.
    """
    even = len(data) & ~1
    digits = _digits(data[:even])
    if even != len(data):
        digits += bytes((data[-1] % 45, data[-1] // 45))
    return digits.translate(_TO_CHARACTER).decode("ascii")


def decode_base45(text: str) -> bytes:
    """Decode; the empty text is the empty bytes.

    Raises:
        DecodeError: A character outside the alphabet (lower case too), three characters
            above 65535, two above 255, or a length of 1 modulo 3.

    Spec: RFC 9285 section 4.
    """
    if not text.isascii() or len(text) % 3 == 1:
        raise DecodeError("not base45: the length or a character is wrong")
    digits = text.encode("ascii").translate(_TO_DIGIT)
    if _FOREIGN in digits:
        raise DecodeError("not base45: a character outside its alphabet")
    whole = len(digits) - len(digits) % 3
    data = _pairs(digits[:whole])
    if whole == len(digits):
        return data
    octet = digits[whole] + 45 * digits[whole + 1]
    if octet > 0xFF:
        raise DecodeError("not base45: the last two characters are above 255")
    return data + bytes((octet,))


def _digits(data: bytes) -> bytearray:
    """Turn an even number of bytes into three digits a pair, in lanes of 8 bytes."""
    size = len(data) // 2
    spread = bytearray(8 * size)
    spread[6::8] = data[::2]
    spread[7::8] = data[1::2]
    numbers = int.from_bytes(spread, "big")
    high = (numbers * _RECIPROCAL_2025).to_bytes(8 * size, "big")[3::8]
    numbers -= 2025 * _lanes(high, width=8)
    middle = (numbers * _RECIPROCAL_45).to_bytes(8 * size, "big")[3::8]
    numbers -= 45 * _lanes(middle, width=8)
    digits = bytearray(3 * size)
    digits[::3] = numbers.to_bytes(8 * size, "big")[7::8]
    digits[1::3] = middle
    digits[2::3] = high
    return digits


def _pairs(digits: bytes) -> bytes:
    """Turn triples of digits into pairs of bytes, in lanes of 4 bytes."""
    low = _lanes(digits[::3], width=4)
    middle = _lanes(digits[1::3], width=4)
    high = _lanes(digits[2::3], width=4)
    size = len(digits) // 3
    numbers = (low + 45 * middle + 2025 * high).to_bytes(4 * size, "big")
    # Three digits reach 91124, one bit more than the two bytes they may fill.
    if any(numbers[1::4]):
        raise DecodeError("not base45: three characters are above 65535")
    data = bytearray(2 * size)
    data[::2] = numbers[2::4]
    data[1::2] = numbers[3::4]
    return bytes(data)


def _lanes(octets: bytes, *, width: int) -> int:
    """Put each byte at the low end of its own lane of `width` bytes."""
    spread = bytearray(width * len(octets))
    spread[width - 1 :: width] = octets
    return int.from_bytes(spread, "big")
