# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The quorum as a policy file, for the tools of others.

    log ledger.example/vcred+5fe8...+AV2...
    witness vcred/witness/7bQ... vcred/witness/7bQ...+8c11...+BOo...
    group jurisdiction/MO 1 vcred/witness/7bQ...
    group every-jurisdiction all jurisdiction/CN-44 jurisdiction/MO
    quorum every-jurisdiction

It is as trustworthy as the way it came: a gate of ours takes keys and quorum from the ledger.

Spec: C2SP tlog-policy; C2SP signed-note v1, verifier keys.
"""

from collections.abc import Collection
from typing import Final

from vcred.keys.public import PublicKey
from vcred.tlog.note import ED25519_COSIGNATURE, ED25519_NOTE, encode_base64, note_key_id
from vcred.tlog.quorum import Quorum, WitnessKey

_ALL: Final = "every-jurisdiction"


def encode_policy(
    *, origin: str, log_key: PublicKey, witnesses: Collection[WitnessKey], quorum: Quorum
) -> bytes:
    """Return the policy file of one log.

    Args:
        origin: The log's name.
        log_key: Ed25519.
        witnesses: All that count, each in a group of the quorum.
        quorum: How many of each group.
    """
    lines = [f"log {verifier_key(origin, log_key, ED25519_NOTE)}"]
    lines += [
        f"witness {witness.name} {verifier_key(witness.name, witness.key, ED25519_COSIGNATURE)}"
        for witness in witnesses
    ]
    groups = sorted(quorum.groups.items())
    for group, needed in groups:
        members = " ".join(witness.name for witness in witnesses if witness.group == group)
        lines.append(f"group {_name(group)} {needed} {members}")
    lines.append(f"group {_ALL} all " + " ".join(_name(group) for group, _ in groups))
    lines.append(f"quorum {_ALL}")
    return "".join(f"{line}\n" for line in lines).encode()


def verifier_key(name: str, key: PublicKey, signature_type: int) -> str:
    """Return a key as others write it: its name, its id in hexadecimal, its type and bytes in base64."""
    key_id = note_key_id(name, key, signature_type).hex()
    return f"{name}+{key_id}+{encode_base64(bytes([signature_type]) + key.raw)}"


def _name(group: str) -> str:
    # Witnesses and groups share one space of names; no witness of ours is named so.
    return f"jurisdiction/{group}"
