# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Makes homes, each by the door of its role."""

from pathlib import Path

from vcred.cli.output import print_json, print_line, say
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, UsageError
from vcred.files import read_capped
from vcred.home import Home, Role, Settings, adopt_network, open_home, read_home
from vcred.keys.custody import Unlock
from vcred.keys.home_keys import KEY_FILE
from vcred.ledger.network_file import parse_network_file
from vcred.limits import MAX_NETWORK_FILE_BYTES


def network_content(name: str) -> bytes:
    """Read a network file, and refuse what is none.

    Raises:
        DecodeError: Not a network file.
        StoreError: It cannot be read.
    """
    content = read_capped(Path(name), max_bytes=MAX_NETWORK_FILE_BYTES, from_pipe=True)
    try:
        parse_network_file(content)
    except DecodeError as error:
        raise DecodeError(
            f"{name} is not a network file: {error}",
            hint='the authorities hand it out; "vcred ledger network" writes it',
        ) from error
    return content


def adopt(path: Path, role: Role, network_file: bytes | None) -> Home | None:
    """Give a home of the role that is there already, and has no network, its network file.

    Returns None where a new home is to be made; whether the folder is free, that says.
    """
    if network_file is None or not path.is_dir():
        return None
    home = open_home(path, role)
    return None if home.settings.network is not None else adopt_network(home, network_file)


def make_home(
    path: Path,
    role: Role,
    *,
    settings: Settings,
    network_file: bytes | None,
    jurisdiction: str,
    unlock: Unlock | None,
) -> Home:
    """Make a home by the door of its role.

    Raises:
        StoreError: The folder is a home already, or cannot be made; the shared store cannot be
            opened.
        UsageError: The jurisdiction of a verifier cannot be a code; the address of a shared store
            is none, carries a password, or was given to a role that has no shared store.
    """
    if settings.store is not None:
        _make_shared_store(role, settings.store)
    if role is Role.VERIFIER:
        from vcred.verifier.verifier import Verifier

        return Verifier.create(path, jurisdiction=jurisdiction, network_file=network_file, settings=settings)
    if role is Role.HOLDER:
        from vcred.wallet.wallet import Wallet

        with Wallet.create(path, network_file=network_file, settings=settings, unlock=unlock):
            return read_home(path)
    if role is Role.LEDGER:
        from vcred.ledger.ledger import Ledger

        return Ledger.create(path, settings=settings, unlock=unlock)
    if role is Role.APPROVER:
        from vcred.issuer.approver import Approver

        return Approver.create(path, network_file=network_file, settings=settings, unlock=unlock)
    from vcred.desk.party import Party

    return Party.create(path, role, network_file=network_file, settings=settings, unlock=unlock)


def _make_shared_store(role: Role, store: str) -> None:
    """Open the store before the home is made: an address that is wrong is never written down."""
    if role is Role.LEDGER:
        from vcred.ledger.engines.opening import open_shared_log

        open_shared_log(store).close()
    elif role is Role.ISSUER:
        from vcred.issuer.engines.store.store import open_shared_store

        open_shared_store(store).close()
    else:
        raise UsageError("only a ledger or an issuer has a shared store", hint="leave out --store")


def tell_adopted(home: Home, *, as_json: bool) -> None:
    """Say that a home that was there already has its network file now."""
    if as_json:
        print_json({"home": str(home.path), "role": str(home.role)})
    say(f"gave the home of the {home.role} at {home.path} its network file")


def tell_home(made: Home, unlock: Unlock | None, *, as_json: bool) -> None:
    """Say what was made, and who can use its keys; of an approver print the DID, for the issuer."""
    did = _approver_did(made, unlock) if made.role is Role.APPROVER else None
    if as_json:
        named: JsonObject = {} if did is None else {"did": did}
        print_json({"home": str(made.path), "role": str(made.role), **named})
    elif did is not None:
        print_line(did)
    say(f"made the home of the {made.role} at {made.path}")
    if (made.path / KEY_FILE).exists():
        say(f"note: whoever can read {made.path / KEY_FILE} can use its keys; keep a copy elsewhere")


def _approver_did(home: Home, unlock: Unlock | None) -> str:
    from vcred.issuer.approver import Approver

    with Approver.open(home, unlock=unlock) as approver:
        return approver.did
