# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred ledger log-key`: a new key for the log."""

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.homes import home_of
from vcred.cli.operations import hand_over, out_option
from vcred.cli.output import print_json, say
from vcred.cli.unlocking import existing_unlock, unlock_options
from vcred.home import Role
from vcred.keys.algorithms import EDDSA
from vcred.keys.home_keys import open_home_keyring
from vcred.keys.keyring import KeyRole
from vcred.ledger.drafts import log_key_json
from vcred.ledger.ledger import LOG_KEY, Ledger


@command("log-key", example="vcred ledger log-key --home ledger --out log-key.json")
@out_option
@unlock_options
@json_option
def log_key(
    context: click.Context, *, out: str, key_file: str | None, passphrase_fd: int | None, as_json: bool
) -> None:
    """Make a new log key, ready for a change of the network

    The same key again until the network names it ("vcred ledger change --log-key FILE"); from that
    entry on it signs the checkpoints. A server reads its keys when it starts: start it again first.
    """
    home = home_of(context, Role.LEDGER)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    with Ledger.open(home, unlock=unlock, clock=clock_of(context)) as ledger:
        network = ledger.state.network
        used = {ledger.log_key} if network is None else {network.log_key, *network.retired_keys}
    with open_home_keyring(home, unlock) as keyring:
        known = keyring.signers(KeyRole.LOG)
        spare = {name: signer.public_key for name, signer in known.items() if signer.public_key not in used}
        if not spare:
            name = f"{LOG_KEY}-{len(known) + 1}"
            spare = {name: keyring.create(name, EDDSA, role=KeyRole.LOG).public_key}
    name, key = next(iter(spare.items()))
    hand_over(log_key_json(key), out)
    if as_json and out != "-":
        print_json({"name": name, "key": key.to_multikey(), "out": out})
    else:
        say(f"log key {name}")
