# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred wallet history`: what was shown of what, when and to whom. Never a value."""

from typing import Any

import click

from vcred.cli.command import command
from vcred.cli.holding_words import Reader, moment, organisation_label
from vcred.cli.output import print_json, print_line
from vcred.cli.wallets import open_wallet, wallet_options
from vcred.codec.json_types import JsonObject
from vcred.codec.times import format_timestamp
from vcred.credential.presentation import Binding
from vcred.text.columns import pad, width
from vcred.text.reasons import say_binding
from vcred.text.sanitise import sanitise
from vcred.wallet.record import PresentationRecord


@command("history", example="vcred wallet history --home holder-1")
@wallet_options
def history(context: click.Context, *, as_json: bool, **opening: Any) -> None:
    """Show what was shown, when and to whom"""
    with open_wallet(context, **opening) as opened:
        records = opened.wallet.history()
        names = opened.wallet.credentials.names()
        if as_json:
            print_json([_as_json(record, names.get(record.credential)) for record in records])
            return
        reader = Reader(words=opened.words, belief=opened.belief())
    widest = max((width(_how(record, reader)) for record in records), default=0)
    for record in records:
        print_line(_line(record, names.get(record.credential), reader, columns=widest))


def _as_json(record: PresentationRecord, name: str | None) -> JsonObject:
    """One line; `credential` is its name in the wallet, null where it is not held any more."""
    return {
        "at": format_timestamp(record.at),
        "binding": str(record.binding),
        "audience": record.audience,
        "issuer": record.issuer,
        "type": record.type,
        "revealed": list(record.revealed),
        "credential": name,
    }


def _line(record: PresentationRecord, name: str | None, reader: Reader, *, columns: int) -> str:
    words = reader.words
    shown = ", ".join([sanitise(path) for path in record.revealed])
    parts = [
        moment(int(record.at.timestamp()), words),
        pad(_how(record, reader), columns),
        sanitise(name or record.type.rpartition("/types/")[2]),
        shown or words.gettext("what is always shown"),
    ]
    if record.binding is Binding.CHALLENGE:
        parts.append(words.gettext("to %(name)s") % {"name": _asker(record, reader)})
    return "  ".join(parts)


def _how(record: PresentationRecord, reader: Reader) -> str:
    return say_binding(str(record.binding), reader.words.language)


def _asker(record: PresentationRecord, reader: Reader) -> str:
    """The name of who asked, if they were registered then; else the DID: a name would vouch for them."""
    belief, at = reader.belief, int(record.at.timestamp())
    known = () if belief is None else belief.registrations(record.audience, record.type)
    if any(item.covers(at) for item in known):
        return organisation_label(record.audience, reader)
    return sanitise(record.audience)
