# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A holder's home as the vcred before the store made it: keys in the keyring, a history of lines."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.unit.trust.samples import fresh_world
from tests.world import START
from vcred.credential.presentation import Binding
from vcred.home import Role, Settings, create_home, open_home
from vcred.keys.algorithms import ES256
from vcred.keys.custody import KeyRole, Unlock
from vcred.keys.home_keys import create_home_keyring
from vcred.keys.software import SoftwareSigner
from vcred.ledger.network_file import encode_network_file
from vcred.trust.bundle import encode_bundle
from vcred.trust.store import TrustStore
from vcred.wallet.record import PresentationRecord, credential_fingerprint, encode_record

KEYS = 3
HISTORY = "history.jsonl"


@dataclass(frozen=True, kw_only=True)
class OlderHome:
    """The home, the thumbprints of its keys, its history, and a credential that lies beside it as a file."""

    path: Path
    thumbprints: frozenset[str]
    history: tuple[PresentationRecord, ...]
    credential: str


def make_older_home(path: Path, unlock: Unlock | None) -> OlderHome:
    """Make one by the doors that have stayed, and its history by hand; the last line is torn."""
    world = fresh_world()
    create_home(path, Role.HOLDER, Settings(), network_file=encode_network_file(world.network_file()))
    home = open_home(path, Role.HOLDER)
    with TrustStore.open(home, clock=lambda: START) as trust:
        trust.import_bundle(encode_bundle(world.bundle()))
    signers = [SoftwareSigner.generate(ES256) for _ in range(KEYS)]
    with create_home_keyring(home, unlock) as keyring:
        for signer in signers:
            keyring.add(f"holder-{signer.public_key.thumbprint()}", signer, role=KeyRole.HOLDER)
    credential = world.issue(holder_key=signers[0].public_key)
    history = tuple([_shown(credential, minutes) for minutes in range(4)])
    lines = b"".join([encode_record(record) + b"\n" for record in history])
    (path / HISTORY).write_bytes(lines + encode_record(history[0])[:30])
    (path / HISTORY).chmod(0o600)
    return OlderHome(
        path=path,
        thumbprints=frozenset(signer.public_key.thumbprint() for signer in signers),
        history=history,
        credential=credential,
    )


def _shown(credential: str, minutes: int) -> PresentationRecord:
    return PresentationRecord(
        at=START - timedelta(minutes=9 - minutes),
        binding=Binding.LIVE,
        audience="net#live",
        issuer="did:vcred:x",
        type="did:vcred:x/types/health-code/1",
        credential=credential_fingerprint(credential.partition("~")[0]),
        revealed=("match.name",),
    )
