# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred ledger publish` and `vcred ledger network`: what leaves the ledger for everybody."""

from collections.abc import Collection
from contextlib import ExitStack

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.commands.ledger import open_ledger
from vcred.cli.ledger_places import WITNESS_HELP, WITNESS_PLACE, is_url, open_witnesses, published_note
from vcred.cli.names import counted, name_in
from vcred.cli.operations import out_option
from vcred.cli.output import print_json, say, write_data
from vcred.cli.unlocking import unlock_options
from vcred.errors import QuorumError, StoreError
from vcred.ledger.ledger import Ledger
from vcred.ledger.network_file import encode_network_file
from vcred.ledger.published import Published
from vcred.ledger.state import Network
from vcred.tlog.note import parse_note
from vcred.tlog.quorum import verify_quorum
from vcred.tlog.witness import RefusalKind
from vcred.trust.build import make_network_file
from vcred.witness.refusals import refused


@command(
    "publish",
    example="vcred ledger publish --witness authority-gd --witness authority-mo --home ledger\n"
    "vcred ledger publish --witness https://witness-gd.example --witness authority-mo --home ledger",
)
@click.option(
    "--witness",
    "witnesses",
    multiple=True,
    required=True,
    metavar=WITNESS_PLACE,
    help=WITNESS_HELP,
)
@unlock_options
@json_option
def publish(
    context: click.Context,
    *,
    witnesses: tuple[str, ...],
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Have the head cosigned, and publish it

    Without the quorum of witnesses nothing is published: the checkpoint waits.
    """
    clock = clock_of(context)
    with ExitStack() as stack:
        ledger = stack.enter_context(open_ledger(context, key_file=key_file, passphrase_fd=passphrase_fd))
        asked = open_witnesses(stack, witnesses, clock, source=ledger.leaves, head=published_note(ledger))
        try:
            published = ledger.publish(asked)
        except QuorumError as error:
            hint = error.hint or _what_is_withheld(error)
            if not any(map(is_url, witnesses)):
                # A witness behind a URL says its name in its answer only.
                names = {witness.name for witness in asked}
                hint = hint or _who_is_missing(ledger.state.require_network(), names)
            raise QuorumError(f"nothing is published: {error}", hint=hint) from error
    if as_json:
        print_json({"size": published.size, "root": published.root.hex()})
    else:
        say(f"published {counted(published.size, 'entry')}, root {published.root.hex()}")


def _what_is_withheld(error: QuorumError) -> str | None:
    # A quorum that is missed has a cause of each witness, in its words alone: here, and behind a URL.
    if str(refused(RefusalKind.WITHHELD, recorded_size=0)) not in str(error):
        return None
    return 'append what is missing: "vcred ledger handed --home AUTHORITY" lists it for that authority'


def _who_is_missing(network: Network, asked: Collection[str]) -> str | None:
    """Name the places whose quorum needs more witnesses than were asked."""
    found = dict.fromkeys(network.quorum.groups, 0)
    for witness in network.witnesses:
        found[witness.group] += witness.name in asked
    missing = [
        f"{name_in(network.jurisdictions.get(code, {}), 'en') or code} ({code})"
        for code, needed in sorted(network.quorum.groups.items())
        if found[code] < needed
    ]
    if not missing:
        return None
    return f'the witness of {" and of ".join(missing)} is missing: add "--witness DIR" of that authority'


@command("network", example="vcred ledger network --home ledger --out network.json")
@out_option
@unlock_options
@json_option
def network(
    context: click.Context, *, out: str, key_file: str | None, passphrase_fd: int | None, as_json: bool
) -> None:
    """Write the network file that verifiers start from

    Its floor is the newest published checkpoint: no older one will be believed. Hand it over
    by a way that you trust; all the rest may come by any way.
    """
    now = int(clock_of(context)().timestamp())
    with open_ledger(context, key_file=key_file, passphrase_fd=passphrase_fd) as ledger:
        published = published_head(ledger)
        known = ledger.state.require_network()
    date = verify_quorum(parse_note(published.note), known.quorum, known.witnesses, not_after=now)
    file = make_network_file(network_id=known.id, checkpoint=published.note, date=date)
    write_data(encode_network_file(file), out)
    if as_json and out != "-":
        print_json({"network": known.id, "size": published.size, "out": out})
    else:
        say(f"network {known.id}, floor {counted(published.size, 'entry')}")


def published_head(ledger: Ledger) -> Published:
    """Return the newest published checkpoint.

    Raises:
        StoreError: Nothing has been published.
    """
    published = ledger.published()
    if published is None:
        raise StoreError("nothing is published yet", hint='publish with "vcred ledger publish"')
    return published
