# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Make a bundle, and hold it against the rule that will import it before anybody carries it.

Spec: docs/spec/trust-bundle.md.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from vcred.credential.type_definition import TypeDefinition
from vcred.tlog.checkpoint import parse_checkpoint_text
from vcred.tlog.note import parse_note
from vcred.trust.bundle import Bundle, encode_bundle
from vcred.trust.held import Held
from vcred.trust.network_file import NetworkFile
from vcred.trust.update import decide_update


def build_bundle(
    *,
    checkpoint: bytes,
    leaves: Sequence[bytes],
    status_tokens: Iterable[str],
    types: Iterable[TypeDefinition],
    network_file: NetworkFile,
    now: int,
) -> bytes:
    """A full bundle, as bytes.

    Args:
        checkpoint: The published note, with its cosignatures.
        leaves: All leaves below it.
        status_tokens: The newest of each list.
        types: The content of the published types.
        network_file: Of the network; the bundle is imported against it in memory.
        now: NumericDate.

    Raises:
        TrustBundleError: No verifier would import it; the reason says why.
    """
    bundle = Bundle(
        checkpoint=checkpoint,
        first=0,
        leaves=tuple(leaves),
        pending=(),
        status_tokens=tuple(status_tokens),
        types={sha256(item.encoded).digest(): item.encoded for item in types},
    )
    decide_update(Held(), bundle, network_file, now=now)
    return encode_bundle(bundle)


def make_network_file(*, network_id: str, checkpoint: bytes, date: int) -> NetworkFile:
    """The network file whose floor is this checkpoint."""
    head = parse_checkpoint_text(parse_note(checkpoint).text)
    return NetworkFile(network_id=network_id, floor_size=head.size, floor_root=head.root, floor_date=date)
