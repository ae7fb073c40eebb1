# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A process that is a new witness and cosigns twice: `python -m tests.unit.witness.cosigner FOLDER`.

Prints the size of each cosignature that has left, and before it the operation that was handed over.
"""

import sys
from pathlib import Path

from tests.unit.witness.watching import Post, extension
from vcred.witness.engines.store import HandedOperation

STEPS = ((0, 3), (3, 8))


def main() -> None:
    post = Post(Path(sys.argv[1]))
    with post.store() as store:
        store.hand(HandedOperation(hash="waits", handed_at=int(post.world.now.timestamp()), operation=b"{}"))
    print("handed", flush=True)
    with post.open() as witness:
        for old, new in STEPS:
            witness.add_checkpoint(extension(post.world, old, new))
            print(new, flush=True)


if __name__ == "__main__":
    main()
