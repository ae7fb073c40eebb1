# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A process that rotates the keys of an authority: `python -m tests.unit.desk.rotator FOLDER`.

Reads the ledger from a file that `keep_leaves` has written: whatever it writes itself, the desk
writes. Prints the operation, in the one line that leaves the desk.
"""

import sys
from pathlib import Path

from tests.unit.ledger.homes import Network
from vcred.codec.jcs import encode_jcs
from vcred.desk.did_plan import UpdateRequest
from vcred.did.operations import Purpose
from vcred.ledger.rules import replay

NAME = "gd"
LEAVES = "leaves.txt"
REQUEST = UpdateRequest(rotate=(Purpose.STATEMENT,))


def keep_leaves(network: Network) -> None:
    """Write what the rotator reads."""
    with network.ledger() as ledger:
        leaves = ledger.leaves(0, ledger.state.size)
    (network.folder / LEAVES).write_text("\n".join(leaf.hex() for leaf in leaves), encoding="ascii")


def rotate(folder: Path) -> str:
    """Rotate, and return what leaves the desk."""
    network = Network(folder)
    state = replay(map(bytes.fromhex, (folder / LEAVES).read_text(encoding="ascii").split()))
    with network.party(NAME) as party:
        return encode_jcs(party.update_did(REQUEST, state=state)).decode()


if __name__ == "__main__":
    print(rotate(Path(sys.argv[1])), flush=True)
