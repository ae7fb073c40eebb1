# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred demo`: the whole story on one machine, told while it happens."""

import time
from pathlib import Path

import click

from vcred.cli.command import command, json_option
from vcred.cli.exits import DONE, REJECTED
from vcred.cli.output import print_json, print_line, say
from vcred.demo.clock import HERE
from vcred.demo.outcome import Outcome, Shown
from vcred.demo.story import play


@command("demo", example="vcred demo --out demo\nvcred demo --out demo --json")
@click.option("--out", default="demo", metavar="DIR", help="A new or empty folder for all homes and files.")
@json_option
def demo(context: click.Context, *, out: str, as_json: bool) -> int:  # noqa: ARG001
    """Play the whole story on this machine, in separate homes

    Two jurisdictions found a network; issuers turn rosters into credentials, holders show them,
    two gates decide, on what they hold. Exit code 1 means that a gate decided otherwise than
    the story says.
    """
    started = time.perf_counter()
    outcome = play(Path(out), say=lambda step: say(f"{time.perf_counter() - started:5.2f} s  {step}"))
    if as_json:
        print_json(outcome.to_json())
    else:
        _tell(outcome)
    return DONE if outcome.as_expected else REJECTED


def _tell(outcome: Outcome) -> None:
    print_line(f"{'at':<16}{'gate':<9}{'found':<32}{'bytes':>5}  {'symbol':<7} what")
    for item in outcome.shown:
        print_line(_line(item))
    as_expected = sum(item.as_expected for item in outcome.shown)
    say(f"{as_expected} of {len(outcome.shown)} verdicts as expected, in {outcome.seconds:.1f} s")
    first = outcome.shown[0]
    say(
        f"ask a gate yourself: vcred verify {_near(first.file)} --home {_near(outcome.homes[first.gate])} "
        f"--at {first.at.astimezone(HERE).isoformat()}"
    )


def _line(item: Shown) -> str:
    reason = f" ({item.found.reason})" if item.found.reason is not None else ""
    surprise = "" if item.as_expected else f"   expected {item.expected.decision}"
    at = item.at.astimezone(HERE).strftime("%d %b %H:%M:%S")
    size = "" if item.packed_bytes is None else str(item.packed_bytes)
    columns = f"{at:<16}{item.gate:<9}{item.found.decision + reason:<32}{size:>5}  {item.symbol or '':<7}"
    return f"{columns} {item.title}{surprise}"


def _near(path: Path) -> Path:
    """Return the path as one would type it here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
