# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred ledger members`: who rules the network, who witnesses it, and within which limits."""

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.known_ledger import known_log, ledger_option
from vcred.cli.names import name_in
from vcred.cli.output import print_json, print_line
from vcred.cli.times import age_text, duration_text
from vcred.cli.unlocking import unlock_options
from vcred.codec.json_types import JsonObject
from vcred.ledger.published import Published
from vcred.ledger.state import State
from vcred.text.sanitise import sanitise
from vcred.tlog.note import parse_note
from vcred.tlog.quorum import cosignature_times


@command(
    "members",
    example="vcred ledger members --home ledger\n"
    "vcred ledger members --ledger https://ledger.example --home authority-mo",
)
@ledger_option
@unlock_options
@json_option
def members(
    context: click.Context,
    *,
    ledger: str | None,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Show who rules the network, who witnesses it, and its limits

    As the entries have it now: of a ledger, or of the trust bundle of the home. With each witness
    stands how long ago it cosigned what is published.
    """
    now = int(clock_of(context)().timestamp())
    known = known_log(context, ledger, key_file=key_file, passphrase_fd=passphrase_fd)
    state, published = known.state, known.published
    shown = _members(state, published)
    if as_json:
        print_json(shown)
    else:
        _tell(state, published, now=now)


def _members(state: State, published: Published | None) -> JsonObject:
    network = state.require_network()
    times = _cosigned(state, published)
    return {
        "network": network.id,
        "last_change": network.last_change,
        "origin": network.origin,
        "log_key": network.log_key.to_multikey(),
        "authorities": [
            {"did": did, "jurisdiction": code} for did, code in sorted(network.authorities.items())
        ],
        "threshold": network.threshold,
        "witnesses": [
            {
                "name": witness.name,
                "jurisdiction": witness.group,
                "key": witness.key.to_multikey(),
                "cosigned_at": times.get(witness.name),
            }
            for witness in network.witnesses
        ],
        "quorum": dict(network.quorum.groups),
        "limits": {"entry_bytes": network.entry_bytes, "max_merge_delay": network.max_merge_delay},
    }


def _tell(state: State, published: Published | None, *, now: int) -> None:
    network = state.require_network()
    times = _cosigned(state, published)
    print_line(f"network     {network.id}")
    print_line(f"log         {network.origin}  {network.log_key.to_multikey()}")
    for did, code in sorted(network.authorities.items(), key=lambda item: item[1]):
        name = sanitise(name_in(state.organisations[did].name, "en"))
        print_line(f"authority   {code:<6} {name}  {did}")
    print_line(f"threshold   {network.threshold} authorities, one of every jurisdiction among them")
    for witness in network.witnesses:
        at = times.get(witness.name)
        when = "has not cosigned what is published" if at is None else f"{age_text(now - at, 'en')} ago"
        print_line(f"witness     {witness.group:<6} {witness.name}  {when}")
    for code, needed in sorted(network.quorum.groups.items()):
        print_line(f"quorum      {code:<6} {needed}")
    delay = duration_text(network.max_merge_delay)
    print_line(f"limits      {network.entry_bytes} bytes an entry, {delay} merge delay")


def _cosigned(state: State, published: Published | None) -> dict[str, int]:
    return (
        {}
        if published is None
        else cosignature_times(parse_note(published.note), state.require_network().witnesses)
    )
