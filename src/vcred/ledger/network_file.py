# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The network file: the one thing a verifier must get out of band.

Spec: docs/spec/trust-bundle.md, Network file.
"""

from dataclasses import dataclass

from vcred.codec.fields import get_int, get_object, get_text, refuse_unknown
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.did.methods.vcred import parse_hash_text
from vcred.errors import DecodeError
from vcred.limits import MAX_LOG_SIZE, MAX_NETWORK_FILE_BYTES

VERSION = 1
ROOT_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFile:
    """Which network, and the least that any bundle of it must contain.

    `floor_root` is 32 bytes; `floor_date` a NumericDate.
    """

    network_id: str
    floor_size: int
    floor_root: bytes
    floor_date: int


def encode_network_file(network: NetworkFile) -> bytes:
    """Its RFC 8785 bytes and a newline."""
    floor: JsonObject = {
        "size": network.floor_size,
        "root": network.floor_root.hex(),
        "date": network.floor_date,
    }
    return encode_jcs({"version": VERSION, "network": network.network_id, "floor": floor}) + b"\n"


def parse_network_file(data: bytes) -> NetworkFile:
    """Read a network file.

    Raises:
        DecodeError: Not a network file of this version.
    """
    value = decode_json_object(data.strip(), max_bytes=MAX_NETWORK_FILE_BYTES)
    refuse_unknown(value, {"version", "network", "floor"})
    if get_int(value, "version") != VERSION:
        raise DecodeError("the network file is of another version")
    floor = get_object(value, "floor")
    refuse_unknown(floor, {"size", "root", "date"})
    network_id = get_text(value, "network")
    parse_hash_text(network_id)
    try:
        root = bytes.fromhex(get_text(floor, "root"))
    except ValueError as error:
        raise DecodeError("floor.root: not hexadecimal") from error
    size, date = get_int(floor, "size"), get_int(floor, "date")
    if len(root) != ROOT_BYTES or not 1 <= size <= MAX_LOG_SIZE or date < 0:
        raise DecodeError("floor: a size of at least 1, a root of 32 bytes and a date are needed")
    return NetworkFile(network_id=network_id, floor_size=size, floor_root=root, floor_date=date)
