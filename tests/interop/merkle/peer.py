# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""PyPI `pymerkle` as a program: a request as a JSON line on stdin, its answer as a JSON line on stdout.

Runs in an environment of its own and imports nothing of vcred. Hashes travel as hex.

Its proofs carry more than those of RFC 6962 section 2.1, so they are cut to those: an inclusion
proof begins with the leaf itself; a consistency proof is the way of the first new leaf, so the
hashes below the first one of the old tree are of new leaves only and join into one.
"""

import json
import sys
from typing import Any

from pymerkle import InmemoryTree, InvalidProof
from pymerkle import verify_consistency as verify_their_consistency
from pymerkle import verify_inclusion as verify_their_inclusion

# The default security prefixes are those of RFC 6962. A threshold of 1 keeps every subtree's hash.
TREE = InmemoryTree(algorithm="sha256", threshold=1)


def append(request: dict[str, Any]) -> int:
    return TREE.append_entries([bytes.fromhex(entry) for entry in request["entries"]])


def root(request: dict[str, Any]) -> str:
    return TREE.get_root(request["size"]).hex()


def inclusion(request: dict[str, Any]) -> list[list[str]]:
    """Every inclusion proof of a size, by index."""
    size = request["size"]
    return [_hex(TREE.prove_inclusion(index + 1, size).path[1:]) for index in range(size)]


def consistency(request: dict[str, Any]) -> list[list[str]]:
    """Every consistency proof to a size, by the old size; none from 0, which pymerkle does not know."""
    size = request["size"]
    return [_hex(_cut(TREE.prove_consistency(old_size, size))) for old_size in range(1, size + 1)]


def verify_inclusion(request: dict[str, Any]) -> list[bool]:
    """Verify proofs that vcred made for index 0 and up, or for `index` alone."""
    verdicts = []
    for index, path in enumerate(request["paths"], start=request["index"]):
        if not 0 <= index < request["size"]:
            verdicts.append(False)
            continue
        proof = TREE.prove_inclusion(index + 1, request["size"])
        leaf = bytes.fromhex(request["leaves"][index - request["index"]])
        proof.path = [leaf, *map(bytes.fromhex, path)]
        given = (leaf, bytes.fromhex(request["root"]), proof)
        verdicts.append(_holds(verify_their_inclusion, *given, index=index + 1, size=request["size"]))
    return verdicts


def verify_consistency(request: dict[str, Any]) -> list[bool]:
    """Verify proofs that vcred made from old size `old_size` and up."""
    verdicts = []
    for old_size, path in enumerate(request["paths"], start=request["old_size"]):
        old_root = bytes.fromhex(request["old_roots"][old_size - request["old_size"]])
        proof = TREE.prove_consistency(old_size, request["size"])
        proof.path = _uncut(proof, old_root, [bytes.fromhex(item) for item in path])
        given = (old_root, bytes.fromhex(request["root"]), proof)
        sizes = {"prior_size": old_size, "later_size": request["size"]}
        verdicts.append(_holds(verify_their_consistency, *given, **sizes))
    return verdicts


def _cut(proof: Any) -> list[bytes]:
    """Put the hashes of a consistency proof into the form of RFC 6962 section 2.1.2."""
    first = proof.subset.index(1)
    if first == 0:
        return []
    # The old tree is one full subtree if a single hash leads to it; its root is known already.
    is_full = sum(proof.subset) == 1
    return [*([] if is_full else [proof.path[first]]), _joined(proof, first), *proof.path[first + 1 :]]


def _uncut(proof: Any, old_root: bytes, path: list[bytes]) -> list[bytes]:
    """Put a path of RFC 6962 back into pymerkle's form; [] if it does not lead over the same new leaves."""
    first = proof.subset.index(1)
    if first == 0:
        return [old_root, *path]
    oldest, *rest = [old_root, *path] if sum(proof.subset) == 1 else path
    if not rest or rest[0] != _joined(proof, first):
        return []
    return [*proof.path[:first], oldest, *rest[1:]]


def _joined(proof: Any, end: int) -> bytes:
    """Join the leading hashes, which grow to the right."""
    current: bytes = proof.path[0]
    for right in proof.path[1:end]:
        current = TREE.hash_pair(current, right)
    return current


def _holds(verify: Any, *given: Any, **sizes: int) -> bool:
    try:
        verify(*given, **sizes, algorithm="sha256")
    except InvalidProof:
        return False
    return True


def _hex(path: list[bytes]) -> list[str]:
    return [item.hex() for item in path]


VERBS = {
    verb.__name__: verb
    for verb in (append, root, inclusion, consistency, verify_inclusion, verify_consistency)
}


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(VERBS[request["do"]](request)), flush=True)


if __name__ == "__main__":
    main()
