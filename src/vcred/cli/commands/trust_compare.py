# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred trust compare`: were two posts told the same?"""

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.exits import DONE, INDETERMINATE, REJECTED
from vcred.cli.homes import any_home, open_trust
from vcred.cli.output import print_json, print_line, say
from vcred.errors import DecodeError, UsageError
from vcred.trust.gossip import Comparison, parse_gossip

_WORDS = {
    Comparison.SAME: "both posts hold the same ledger and status lists",
    Comparison.LISTS_DIFFER: "the same ledger; one of the two has newer status lists",
    Comparison.AHEAD: "the other post holds less, and nothing that contradicts this one",
    Comparison.BEHIND: "the other post holds more than can be compared here",
    Comparison.FORK: "the two posts were shown different ledgers: a fork",
}
_HINTS = {
    Comparison.LISTS_DIFFER: "import the newest bundle at both, then compare again",
    Comparison.AHEAD: "let the other post import a newer bundle",
    Comparison.BEHIND: 'import a newer bundle, then compare again; after a restored backup add "--floor"',
    Comparison.FORK: "rely on neither; keep both homes and tell the authorities of both sides",
}
_EXITS = {Comparison.FORK: REJECTED, Comparison.BEHIND: INDETERMINATE}


@command(
    "compare",
    example='vcred trust compare "14 nBxwq0m... 5dQ... 8f3a1c" --home gate-mo\n'
    'vcred trust compare "14 nBxwq0m... 5dQ... 8f3a1c" --floor --home gate-mo',
    takes_any_word=True,
)
@click.argument("line", metavar="LINE", nargs=-1, required=True)
@click.option(
    "--floor",
    is_flag=True,
    help="Believe nothing that is less than what the line says: after a backup was restored here.",
)
@json_option
def compare(context: click.Context, *, line: tuple[str, ...], floor: bool, as_json: bool) -> None:
    """Hold another post's gossip line against what is held here

    LINE is what "vcred trust show" prints at the other post. Exit 0: nothing contradicts; 1: a
    fork, kept as evidence; 3: what is held here is too little to tell.
    """
    try:
        theirs = parse_gossip(" ".join(line))
    except DecodeError as error:
        raise UsageError(
            f"LINE: {error}", hint='copy the whole line that "vcred trust show" prints as gossip'
        ) from error
    with open_trust(any_home(context), clock_of(context)) as store:
        mine = store.gossip()
        found = store.compare(theirs)
        if floor and found is not Comparison.FORK:
            store.enter_floor(theirs)
    if as_json:
        print_json({"result": str(found), "mine": str(mine), "theirs": str(theirs), "floor": floor})
    else:
        print_line(f"{found}   {_WORDS[found]}")
        if found in _HINTS:
            say(f"hint: {_HINTS[found]}")
    context.exit(_EXITS.get(found, DONE))
