# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A tile of the published tree, out of the ledger.

Spec: C2SP tlog-tiles v0.1, APIs.
"""

from vcred.errors import DecodeError
from vcred.ledger.engines.static_export import tile_content
from vcred.ledger.ledger import Ledger
from vcred.server.problems import not_found
from vcred.tlog.tiles import parse_tile_path, tile_width


def read_tile(ledger: Ledger, path: str, *, size: int) -> bytes:
    """Return a tile of hashes or a bundle of entries.

    Args:
        ledger: An open one.
        path: As "tile/0/x001/067.p/5"; may come from a stranger.
        size: The published size; what would reach beyond it is not there.

    Raises:
        RequestError: 404.
    """
    try:
        tile = parse_tile_path(path)
    except DecodeError as error:
        raise not_found("no tile has that name") from error
    if tile.width > tile_width(tile.level, tile.index, size=size):
        raise not_found("the published tree has no such tile")
    return tile_content(ledger, tile)
