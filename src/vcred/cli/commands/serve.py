# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred serve`: answer other machines, until told to stop."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from starlette.applications import Starlette

from vcred.cli.command import clock_of, command, home_option, json_option
from vcred.cli.groups import Deferred, LazyGroup
from vcred.cli.homes import home_of
from vcred.cli.inputs import parse_duration
from vcred.cli.ledger_places import (
    LEDGER_PLACE,
    WITNESS_HELP,
    WITNESS_PLACE,
    open_source,
    open_witnesses,
    published_note,
    show_head,
)
from vcred.cli.output import print_json, say
from vcred.cli.unlocking import existing_unlock, unlock_options
from vcred.clock import Clock
from vcred.desk.party import Party
from vcred.home import Home, Role
from vcred.keys.custody import Unlock
from vcred.ledger.ledger import Ledger
from vcred.ledger.published import Published
from vcred.server.ledger_app import make_ledger_app
from vcred.server.publishing import Publish, Publisher
from vcred.server.running import Place, run
from vcred.server.witness_app import make_witness_app
from vcred.tlog.witness import WitnessRefusedError
from vcred.witness.witness import LocalWitness

_MAX_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """What every server takes: where to listen, and what opens the keys."""

    host: str
    port: int
    tls_certificate: str | None
    tls_key: str | None
    behind_proxy: bool
    key_file: str | None
    passphrase_fd: int | None
    as_json: bool

    @property
    def place(self) -> Place:
        """Where to listen."""
        return Place(
            host=self.host,
            port=self.port,
            certificate=None if self.tls_certificate is None else Path(self.tls_certificate),
            key=None if self.tls_key is None else Path(self.tls_key),
            is_behind_proxy=self.behind_proxy,
        )


def serve_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that `ServeOptions` holds."""
    options = (
        click.option(
            "--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Address to listen at."
        ),
        click.option(
            "--port",
            type=click.IntRange(0, _MAX_PORT),
            default=8080,
            show_default=True,
            metavar="PORT",
            help="Port to listen at; 0 takes a free one.",
        ),
        click.option("--tls-certificate", metavar="FILE", help="PEM file of the certificate and its chain."),
        click.option("--tls-key", metavar="FILE", help="PEM file of the certificate's key."),
        click.option(
            "--behind-proxy", is_flag=True, help="A proxy in front has the certificate: listen without TLS."
        ),
        unlock_options,
        json_option,
    )
    for option in reversed(options):
        function = option(function)
    return function


@command(
    "ledger",
    example="vcred serve ledger --home ledger --witness https://witness-gd.example "
    "--witness https://witness-mo.example\n"
    "vcred serve ledger --home ledger --port 8080 --witness authority-gd --witness authority-mo --every 10s",
)
@click.option(
    "--witness",
    "witnesses",
    multiple=True,
    metavar=WITNESS_PLACE,
    help=f"{WITNESS_HELP} Without one nothing is published.",
)
@click.option(
    "--every", default="1h", show_default=True, metavar="DURATION", help="Publish anew at least so often."
)
@serve_options
def ledger(context: click.Context, *, witnesses: tuple[str, ...], every: str, **options: Any) -> None:
    """Take operations, publish, and give everything to read

    Whatever was appended is published as soon as the quorum of witnesses has cosigned; until then
    the checkpoint waits, and the reason is said.
    """
    given = ServeOptions(**options)
    given.place.validate()
    interval = timedelta(seconds=parse_duration("--every", every))
    home = home_of(context, Role.LEDGER)
    unlock = existing_unlock(home, key_file=given.key_file, passphrase_fd=given.passphrase_fd)
    clock = clock_of(context)
    publisher = None
    if witnesses:
        publisher = Publisher(_publishing(home, unlock, clock, witnesses), every=interval, say=say)
    app = make_ledger_app(lambda: Ledger.open(home, unlock=unlock, clock=clock), publisher=publisher)
    _run(app, given)


@command(
    "witness",
    example="vcred serve witness --home authority-mo --ledger https://ledger.example --port 8081\n"
    "vcred serve witness --home authority-mo --ledger ledger --port 8081",
)
@click.option(
    "--ledger",
    "ledger_place",
    required=True,
    metavar=LEDGER_PLACE,
    help="Where it reads the entries: the ledger's home on this machine, or its URL.",
)
@serve_options
def witness(context: click.Context, *, ledger_place: str, **options: Any) -> None:
    """Cosign checkpoints of the ledger, after looking at every entry

    It cosigns what extends all that it has cosigned before, and not while operations that its
    authority has handed over are missing for longer than the network allows.
    """
    given = ServeOptions(**options)
    given.place.validate()
    home = home_of(context, Role.AUTHORITY)
    unlock = existing_unlock(home, key_file=given.key_file, passphrase_fd=given.passphrase_fd)
    clock = clock_of(context)

    @contextmanager
    def opened() -> Iterator[LocalWitness]:
        with ExitStack() as stack:
            source, head = open_source(stack, ledger_place, clock)
            party = stack.enter_context(Party.open(home, unlock=unlock, clock=clock))
            witness = stack.enter_context(party.witness(source))
            show_head(witness, head)
            try:
                # So that the first request need not wait for the replay.
                witness.catch_up()
            except WitnessRefusedError as error:
                say(f"not ready yet: {error}")
            yield witness

    _run(make_witness_app(opened, say=say), given)


def _publishing(
    home: Home, unlock: Unlock | None, clock: Clock, witnesses: tuple[str, ...]
) -> Callable[[], AbstractContextManager[Publish]]:
    @contextmanager
    def opened() -> Iterator[Publish]:
        with ExitStack() as stack:
            ledger = stack.enter_context(Ledger.open(home, unlock=unlock, clock=clock))
            asked = open_witnesses(stack, witnesses, clock, source=ledger.leaves, head=published_note(ledger))

            def publish() -> Published | None:
                # Before genesis there is no network that could be published.
                return ledger.publish(asked) if ledger.leaves(0, 1) else None

            yield publish

    return opened


def _run(app: Starlette, options: ServeOptions) -> None:
    def tell(url: str) -> None:
        say(f"listening on {url}")
        if options.as_json:
            print_json({"url": url})

    run(app, options.place, on_listening=tell)


group = LazyGroup(
    "serve",
    help="Answer other machines over HTTP",
    params=[home_option()],
    table={
        "ledger": Deferred("serve", "ledger", "Take operations, publish, and give everything to read"),
        "witness": Deferred(
            "serve", "witness", "Cosign checkpoints of the ledger, after looking at every entry"
        ),
    },
)
