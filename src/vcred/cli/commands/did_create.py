# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred did create` and `vcred did show`: an organisation makes its own name."""

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.did_changes import next_options
from vcred.cli.did_words import control_json, history_json, history_lines
from vcred.cli.homes import home_of
from vcred.cli.inputs import names_by_language
from vcred.cli.known_ledger import ledger_option, state_of_home
from vcred.cli.operations import hand_over, out_option
from vcred.cli.output import print_json, print_line, say
from vcred.cli.token_options import hsm_option, read_tokens
from vcred.cli.unlocking import existing_unlock, new_unlock, unlock_options
from vcred.codec.json_types import JsonObject
from vcred.desk.did_plan import check_next
from vcred.desk.engines.key_maker import HeldKey
from vcred.desk.engines.late_keys import give_keys, has_keys
from vcred.desk.party import Party
from vcred.did.operations import NextKeys
from vcred.errors import UsageError
from vcred.files import read_capped
from vcred.home import Home, Role
from vcred.keys.custody import KeyRole, Unlock
from vcred.keys.home_keys import KEY_FILE
from vcred.ledger.network_file import parse_network_file
from vcred.limits import MAX_NETWORK_FILE_BYTES

# What --hsm is for where it names no role: the keys that sign every day.
_IN_TOKEN = {Role.ISSUER: (KeyRole.ISSUING, KeyRole.STATUS)}


@command(
    "create",
    example='vcred did create --name "Guangdong Health Code Centre" --name zh-Hant=廣東健康碼中心 \\\n'
    "  --status-base https://status.example/gd/ --sponsor did:vcred:7bQ... \\\n"
    "  --home issuer-gd --out create.json\n"
    'vcred did create --name "Guangdong Health Code Centre" --sponsor did:vcred:7bQ... --pin-file PIN \\\n'
    '  --hsm "pkcs11:token=health?module-path=/usr/lib/softhsm/libsofthsm2.so" --out create.json\n'
    'vcred did create --name "Hospital Conde" --sponsor did:vcred:7bQ... --home gate-mo --out gate.json',
)
@click.option(
    "--name", "names", multiple=True, required=True, metavar="[LANG=]TEXT", help="Name, once a language."
)
@click.option(
    "--status-base", metavar="URI", help="Where its status lists will be: the base of their addresses."
)
@click.option("--sponsor", required=True, metavar="DID", help="The authority that will endorse it.")
@next_options
@hsm_option
@out_option
@unlock_options
@json_option
def create(
    context: click.Context,
    *,
    names: tuple[str, ...],
    status_base: str | None,
    sponsor: str,
    next_keys: tuple[str, ...],
    next_threshold: int | None,
    hsm: tuple[str, ...],
    out: str,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Make the name and keys of an organisation

    Writes the operation, which the sponsor endorses ("vcred ledger endorse") and the ledger
    appends ("vcred ledger append"). The same again gives the same operation. With --next-key
    several homes hold the DID from then on: of their keys and this one's, K must sign an update.
    A verifier needs a DID only if it asks ("vcred request"); its keys are made here.

    With --hsm the keys of an issuer that sign credentials and status lists are made in a token, and
    never leave it; see docs/operate/hsm.md.
    """
    check_next(next_keys, next_threshold)
    home = home_of(context, Role.ISSUER, Role.AUTHORITY, Role.VERIFIER)
    if home.role is Role.VERIFIER:
        _check_verifier(status_base, hsm)
    tokens = read_tokens(hsm, bare=_IN_TOKEN.get(home.role, ()))
    network = _network_of(home)
    unlock = _unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    with Party.open(home, unlock=unlock, clock=clock_of(context)) as party:
        operation = party.create_did(
            name=names_by_language(names),
            status_base=status_base,
            network=network,
            sponsor=sponsor,
            beside=NextKeys(threshold=next_threshold or 1, hashes=next_keys),
            tokens=tokens,
        )
        did = party.did
    if home.role is Role.ISSUER:
        # With it come the store and its mark: a home that was copied from now on is known for a copy.
        from vcred.issuer.engines.runs.issuer_keys import read_issuer_keys

        read_issuer_keys(home, unlock)
    hand_over(operation, out)
    if as_json and out != "-":
        print_json({"did": did, "out": out})
    else:
        say(f"made {did}; next: the sponsor endorses the operation")


@command("show", example="vcred did show --home issuer-gd\nvcred did show --json --home issuer-gd")
@ledger_option
@unlock_options
@json_option
def show(
    context: click.Context,
    *,
    ledger: str | None,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Show the DID of this home

    And its keys, as far as this home knows the ledger, and the update that is on its way there.
    """
    home = home_of(context, Role.ISSUER, Role.AUTHORITY, Role.VERIFIER)
    if not has_keys(home):
        raise UsageError("this home has no DID yet", hint='make one with "vcred did create"')
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    clock = clock_of(context)
    with Party.open(home, unlock=unlock, clock=clock) as party:
        did = party.did
        state = state_of_home(home, ledger, clock)
        pending = party.did_desk.pending(state)
        keys = party.keys()
    organisation = None if state is None else state.organisations.get(did)
    if as_json:
        print_json(
            {
                "did": did,
                "on_ledger": None if state is None else organisation is not None,
                "control": None if organisation is None else control_json(organisation),
                "methods": [] if organisation is None else history_json(organisation)["methods"],
                "keys": [_key_json(key) for key in keys],
                "pending": None if pending is None else {"hash": pending.hash, "request": pending.request},
            }
        )
        return
    print_line(did)
    if organisation is not None:
        for line in history_lines(organisation):
            say(line)
    elif state is not None:
        say("not on the ledger that this home knows")
    for key in keys:
        say(f"key {key.name}: {'in this home' if key.token is None else key.token}")
    if pending is not None:
        say(f"an update is on its way to the ledger: {pending.hash}")


def _check_verifier(status_base: str | None, hsm: tuple[str, ...]) -> None:
    if status_base is not None:
        raise UsageError("a verifier has no status lists", hint="leave out --status-base")
    if hsm:
        raise UsageError(
            "a verifier's first keys are made in its home",
            hint='then put the one that asks into a token: "vcred did rotate --key authentication --hsm URI"',
        )


def _unlock(home: Home, *, key_file: str | None, passphrase_fd: int | None) -> Unlock | None:
    """Return what opens the keys of the home; a verifier's home gets its keyring here."""
    if has_keys(home):
        return existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    unlock = new_unlock(passphrase=False, key_file=key_file, passphrase_fd=passphrase_fd)
    give_keys(home, unlock)
    if unlock is None:
        say(f"note: whoever can read {home.path / KEY_FILE} can use its keys; keep a copy elsewhere")
    return unlock


def _key_json(key: HeldKey) -> JsonObject:
    return {"name": key.name, "role": key.role, "where": "home" if key.token is None else key.token.encode()}


def _network_of(home: Home) -> str:
    path = home.settings.network
    if path is None:
        raise UsageError(
            "this home has no network file", hint=f'make it with "vcred init {home.role} --network FILE"'
        )
    return parse_network_file(read_capped(path, max_bytes=MAX_NETWORK_FILE_BYTES)).network_id
