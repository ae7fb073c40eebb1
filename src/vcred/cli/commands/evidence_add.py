# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred evidence add`: what has happened to certificates, one event or a file of them."""

from collections.abc import Iterator
from datetime import datetime

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.commands.evidence import read_issuer_jwt
from vcred.cli.homes import home_of
from vcred.cli.inputs import naming, parse_moment, read_input
from vcred.cli.names import counted
from vcred.cli.output import print_json, say
from vcred.codec.fields import optional_text, refuse_unknown
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.codec.times import parse_timestamp
from vcred.errors import DecodeError, UsageError
from vcred.home import Role
from vcred.issuer.evidence_book import EvidenceBook
from vcred.ledger.evidence.leaf import CertificateEvent, EventKind, credential_hash
from vcred.limits import MAX_HOLDERS_FILE_BYTES
from vcred.securing.sd_jwt.combined import split_sd_jwt

_LINE_MEMBERS = frozenset({"certificate", "event", "at", "credential", "note"})


@command(
    "add",
    example="vcred evidence add FT-2026-17 --event issued --credential certificate.sdjwt \\\n"
    "  --home issuer-fintech\n"
    "vcred evidence add FT-2026-17 --event suspended --at 2026-11-20T09:00:00+08:00 \\\n"
    '  --note "appeal pending" --home issuer-fintech\n'
    "vcred evidence add --from events.jsonl --home issuer-fintech",
)
@click.argument("certificate", required=False)
@click.option(
    "--event",
    "kind",
    type=click.Choice([str(kind) for kind in EventKind if kind is not EventKind.AUDITED]),
    help="What happened to it.",
)
@click.option("--at", metavar="TIME", help="When it happened: a time with its zone, or -2h; else now.")
@click.option("--credential", metavar="FILE", help="The credential that the event is about.")
@click.option("--note", metavar="TEXT", help="A few words, for whoever the holder shows it to.")
@click.option("--from", "file", metavar="FILE", help='Many events, a JSON object a line; "-" is stdin.')
@json_option
def add(
    context: click.Context,
    *,
    certificate: str | None,
    kind: str | None,
    at: str | None,
    credential: str | None,
    note: str | None,
    file: str | None,
    as_json: bool,
) -> None:
    """Add events of certificates, to be recorded

    CERTIFICATE is what the issuer calls it. They are kept in this home, durably, and leave it only
    in proofs. A line of --from has "certificate", "event", and if need be "at" (a time with its
    zone), "credential" (the SD-JWT) and "note". All lines are added, or none; the very same event
    again is no second one.
    """
    home = home_of(context, Role.ISSUER)
    clock = clock_of(context)
    single = (certificate, kind, at, credential, note)
    if file is not None:
        if any(value is not None for value in single):
            raise UsageError("--from stands alone: its lines say everything")
        events = list(_read_lines(file, now=clock()))
    else:
        events = [_one_event(certificate, kind, at, credential, note, now=clock())]
    with EvidenceBook.open(home, clock=clock) as book:
        added = book.add(events)
        queued = book.queued()
    if as_json:
        print_json({"added": added, "known": len(events) - added, "queued": queued})
        return
    say(f'added {counted(added, "event")}; {queued} to be recorded by "vcred evidence record"')
    if added < len(events):
        say(f"{counted(len(events) - added, 'event')} had been added before")


def _one_event(
    certificate: str | None,
    kind: str | None,
    at: str | None,
    credential: str | None,
    note: str | None,
    *,
    now: datetime,
) -> CertificateEvent:
    if certificate is None or kind is None:
        raise UsageError("a certificate and --event are needed, or --from FILE")
    when = now if at is None else parse_moment("--at", at, now=now)
    named = None if credential is None else credential_hash(read_issuer_jwt(credential))
    try:
        return CertificateEvent(
            certificate=certificate,
            kind=EventKind(kind),
            at=int(when.timestamp()),
            credential=named,
            note=note,
        )
    except DecodeError as error:
        raise UsageError(str(error)) from error


def _read_lines(name: str, *, now: datetime) -> Iterator[CertificateEvent]:
    data = read_input(name, max_bytes=MAX_HOLDERS_FILE_BYTES)
    with naming(name, hint="nothing has been added"):
        for number, line in enumerate(data.split(b"\n"), start=1):
            if not line.strip():
                continue
            try:
                yield _event_of(decode_json_object(line), now=now)
            except DecodeError as error:
                raise DecodeError(f"line {number}: {error}") from error


def _event_of(line: JsonObject, *, now: datetime) -> CertificateEvent:
    """Read an event as people write it: the time as text, the credential itself."""
    refuse_unknown(line, _LINE_MEMBERS)
    at, credential = optional_text(line, "at"), optional_text(line, "credential")
    when = now if at is None else parse_timestamp(at)
    members: JsonObject = line | {"at": int(when.timestamp())}
    if credential is not None:
        members["credential"] = credential_hash(split_sd_jwt(credential.strip()).issuer_jwt)
    return CertificateEvent.from_json(members)
