# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A wallet that is faulted: `python -m tests.faults.wallet_life NAME ARGUMENTS`.

    add HOME RECORD FILE...       receive credentials, one after the other
    show HOME RECORD NAME COUNT   show a credential, so many times
    rekey HOME RECORD             let another passphrase open it
    backup HOME RECORD FILE       write a backup
    restore HOME RECORD FILE      make a home of one
    open HOME RECORD              open it, which takes over an older home
    live HOME RECORD FILE...      receive one-time copies and show each but one, one after the other
    stubborn HOME RECORD NAME COUNT  show, and show again in the same open wallet after it was refused

RECORD is where is noted what was told. What vcred refuses ends a scenario with 4.
"""

import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.faults.record import Record
from tests.unit.trust.samples import fresh_world
from tests.world import START, World
from vcred.did.methods.key import resolve_did_key
from vcred.errors import VcredError
from vcred.files import write_atomic
from vcred.files.mark import read_mark, write_mark
from vcred.keys.argon2id import Argon2Cost
from vcred.keys.custody import Passphrase
from vcred.ledger.network_file import encode_network_file
from vcred.limits import MIN_ARGON2_MEMORY_KIB, MIN_ARGON2_PASSES
from vcred.trust.bundle import encode_bundle
from vcred.wallet.engines.opening import MARK_FILE
from vcred.wallet.record import credential_fingerprint
from vcred.wallet.wallet import Wallet

_CHEAP = Argon2Cost(passes=MIN_ARGON2_PASSES, memory_kib=MIN_ARGON2_MEMORY_KIB, lanes=1)
OLD = Passphrase(b"the passphrase of yesterday", cost=_CHEAP)
NEW = Passphrase(b"the passphrase of tomorrow", cost=_CHEAP)
COPIES = 4


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A holder's home with keys, and what was issued for them, not yet received.

    `single` is one credential, `copies` are one-time copies of another.
    """

    world: World
    home: Path
    single: str
    copies: tuple[str, ...]


def make_holder(folder: Path, *, copies: int = COPIES) -> Holder:
    """A wallet with a bundle and keys, under the passphrase OLD."""
    world, home = fresh_world(), folder / "holder"
    network_file = encode_network_file(world.network_file())
    with Wallet.create(home, network_file=network_file, unlock=OLD, clock=now) as wallet:
        wallet.trust.import_bundle(encode_bundle(world.bundle()))
        alone = wallet.apply(world.issuer.did, "code")
        applied = (alone, *wallet.apply_for_copies(world.issuer.did, "code", copies=copies))
    keys = [resolve_did_key(one.did).methods[0].key for one in applied]
    texts = [world.issue(holder_key=key, index=index) for index, key in enumerate(keys)]
    # Issued at another time: no copy of the others.
    single = world.issue(holder_key=keys[0], index=99, issued_at=int(START.timestamp()) - 60)
    return Holder(world=world, home=home, single=single, copies=tuple(texts[1:]))


def open_wallet(home: Path, unlock: Passphrase = OLD) -> Wallet:
    return Wallet.open(home, unlock=unlock, clock=now)


def now() -> datetime:
    return START


def copy_home(home: Path, to: Path) -> Path:
    """A copy to work in that passes for the original: else its one-time copies would be uncertain."""
    shutil.copytree(home, to)
    mark = read_mark(to / MARK_FILE)
    if mark is not None:
        write_mark(to / MARK_FILE, mark.size)
    return to


def fingerprint(text: str) -> str:
    """By what a wallet knows a credential, or a presentation of it."""
    return credential_fingerprint(text.partition("~")[0])


def add(home: Path, record: Record, *files: str) -> None:
    with open_wallet(home) as wallet:
        for file in files:
            receive_noted(wallet, record, file)


def receive_noted(wallet: Wallet, record: Record, file: str) -> None:
    text = Path(file).read_text("ascii")
    wallet.credentials.receive(text)
    record.add("received", credential=fingerprint(text))


def show(home: Path, record: Record, name: str, count: str) -> None:
    with open_wallet(home) as wallet:
        for _ in range(int(count)):
            show_noted(wallet, record, name)


def show_noted(wallet: Wallet, record: Record, name: str) -> None:
    code = wallet.show(name, ["match"]).code(now=now())
    record.add("shown", credential=fingerprint(code.sd_jwt))


def rekey(home: Path, record: Record) -> None:
    with open_wallet(home) as wallet:
        wallet.change_unlock(NEW)
        record.add("changed")


def backup(home: Path, record: Record, file: str) -> None:
    with open_wallet(home) as wallet:
        write_atomic(Path(file), wallet.backup(OLD), mode=0o600)
        record.add("backed up")


def restore(home: Path, record: Record, file: str) -> None:
    with Wallet.restore(home / "restored", Path(file).read_bytes(), OLD, unlock=OLD, clock=now):
        record.add("restored")


def open_home(home: Path, record: Record) -> None:
    with open_wallet(home):
        record.add("opened")


def live(home: Path, record: Record, first: str, *files: str) -> None:
    with open_wallet(home) as wallet:
        receive_noted(wallet, record, first)
        for file in files:
            receive_noted(wallet, record, file)
            show_noted(wallet, record, "health-code")


def stubborn(home: Path, record: Record, name: str, count: str) -> None:
    with open_wallet(home) as wallet:
        for _ in range(int(count)):
            try:
                show_noted(wallet, record, name)
            except VcredError:
                record.add("refused")


SCENARIOS: dict[str, Callable[..., None]] = {
    "add": add,
    "show": show,
    "rekey": rekey,
    "backup": backup,
    "restore": restore,
    "open": open_home,
    "live": live,
    "stubborn": stubborn,
}


def main(arguments: Sequence[str]) -> int:
    name, home, record, *rest = arguments
    try:
        SCENARIOS[name](Path(home), Record(Path(record)), *rest)
    except VcredError as error:
        print(f"vcred: error: {error}", file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
