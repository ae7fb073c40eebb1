# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Make a bundle, and hold it against the rule that will import it before anybody carries it.

Spec: docs/spec/trust-bundle.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256

from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.credential.type_definition import TypeDefinition
from vcred.ledger.network_file import NetworkFile
from vcred.tlog.checkpoint import parse_checkpoint_text
from vcred.tlog.note import parse_note
from vcred.trust.bundle import Bundle, encode_bundle
from vcred.trust.held import Held
from vcred.trust.update import decide_update, refuse_idle


def build_bundle(
    *,
    checkpoint: bytes,
    leaves: Sequence[bytes],
    status_tokens: Iterable[str],
    types: Iterable[TypeDefinition],
    network_file: NetworkFile,
    now: int,
    since: int = 0,
    pending: Iterable[JsonObject] = (),
) -> bytes:
    """A bundle, as bytes: full, or with what has come since an earlier size.

    Args:
        checkpoint: The published note, with its cosignatures.
        leaves: All leaves below it.
        status_tokens: The newest of each list.
        types: The content of the published types.
        network_file: Of the network; the bundle is imported against it in memory.
        now: NumericDate.
        since: Size that whoever imports it is known to hold; types published before are left out.
        pending: Operations that only subtract trust and are not on the log.

    Raises:
        TrustBundleError: No verifier would import it; the reason says why.
        ValueError: `since` is more than there is.
    """
    if not 0 <= since <= len(leaves):
        raise ValueError("the ledger is not as large as that")
    operations = tuple(pending)
    bundle = Bundle(
        checkpoint=checkpoint,
        first=0,
        leaves=tuple(leaves),
        pending=tuple(map(encode_jcs, operations)),
        status_tokens=tuple(status_tokens),
        types={sha256(item.encoded).digest(): item.encoded for item in types},
    )
    addition = decide_update(Held(), bundle, network_file, now=now)
    refuse_idle(operations, addition)
    return encode_bundle(since_size(bundle, Held().with_update(addition), since=since))


def since_size(bundle: Bundle, held: Held, *, since: int) -> Bundle:
    """What a full bundle adds for whoever holds the first `since` entries and the types they publish."""
    if since == 0:
        return bundle
    known = {published.digest for published in held.state.types.values() if published.index < since}
    types = {digest: content for digest, content in bundle.types.items() if digest not in known}
    return replace(bundle, first=since, leaves=bundle.leaves[since:], types=types)


def make_network_file(*, network_id: str, checkpoint: bytes, date: int) -> NetworkFile:
    """The network file whose floor is this checkpoint."""
    head = parse_checkpoint_text(parse_note(checkpoint).text)
    return NetworkFile(network_id=network_id, floor_size=head.size, floor_root=head.root, floor_date=date)
