# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred present`: one code that shows what was chosen, and nothing else."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.homes import home_of, open_trust
from vcred.cli.inputs import read_input, split_paths
from vcred.cli.output import print_json, say, write_data
from vcred.cli.unlocking import existing_unlock, unlock_options
from vcred.clock import Clock
from vcred.codec.json_types import JsonObject
from vcred.credential.presentation import Binding
from vcred.errors import DecodeError, StoreError, UsageError
from vcred.home import Home, Role
from vcred.limits import MAX_SEALED_CHARACTERS
from vcred.qr.engines.zxing import draw_png, draw_svg, draw_terminal
from vcred.qr.symbol import choose_symbol
from vcred.trust.belief import Belief
from vcred.wallet.cost import ClaimCost
from vcred.wallet.wallet import PresentedCode, Wallet

# A code works for a minute, and shows claims: nobody else should be able to read the file.
PRIVATE = 0o600
FORMS: dict[str, Callable[[PresentedCode], bytes]] = {
    ".png": lambda code: draw_png(code.text),
    ".svg": lambda code: draw_svg(code.text).encode("ascii"),
    ".txt": lambda code: f"{code.text}\n".encode("ascii"),
    ".sdjwt": lambda code: f"{code.sd_jwt}\n".encode("ascii"),
}


@command(
    "present",
    example="vcred present HC0000001.sdjwt --disclose match,test --home holder-1 --out code.png",
)
@click.argument("credential", metavar="CREDENTIAL")
@click.option(
    "--disclose", metavar="PATH,...", required=True, help='Claims to show; "" shows what is always shown.'
)
@click.option(
    "--paper", is_flag=True, help="For print: without the holder's proof, where the type allows it."
)
@click.option(
    "--out",
    required=True,
    metavar="FILE",
    help='.png, .svg, .txt or .sdjwt; "-" draws the code on a terminal, and is its text in a pipe.',
)
@unlock_options
@json_option
def present(
    context: click.Context,
    *,
    credential: str,
    disclose: str,
    paper: bool,
    out: str,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Make a code that shows chosen claims of a credential

    CREDENTIAL is the file that the issuer handed over. A live code works for about a minute:
    make it when it is asked for. Naming a group shows all of it.
    """
    draw = _form(out)
    home = home_of(context, Role.HOLDER)
    clock = clock_of(context)
    text = _credential_text(credential)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    network_id, belief = _network(home, clock)
    with Wallet.open(home, unlock=unlock, clock=clock) as wallet:
        paths = split_paths(disclose)
        code = wallet.present(text, paths, belief=belief, network_id=network_id, paper=paper)
        costs = wallet.costs(text, paths, belief=belief, network_id=network_id) if as_json else ()
    if as_json:
        print_json(_result(code, out, costs))
    if out != "-" or not as_json:
        write_data(draw(code), out, mode=PRIVATE)
    tell_code(code)


def _form(out: str) -> Callable[[PresentedCode], bytes]:
    """Return what draws the code; refuse the file before anything is shown or remembered."""
    if out == "-":
        return FORMS[".txt"] if not sys.stdout.isatty() else _drawn
    draw = FORMS.get(Path(out).suffix.lower())
    if draw is None:
        raise UsageError(f"--out: a file whose name ends in {', '.join(FORMS)}, or -")
    if Path(out).exists():
        raise StoreError(f"{out} exists already", hint="choose another name, or move it away")
    return draw


def _credential_text(credential: str) -> str:
    try:
        return read_input(credential, max_bytes=MAX_SEALED_CHARACTERS).decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise DecodeError(
            f"{credential} is not a credential (an SD-JWT as text, or one that is sealed)"
        ) from error


def _network(home: Home, clock: Clock) -> tuple[str, Belief | None]:
    """Return the network's id, and the belief that makes the code small if a bundle is held."""
    with open_trust(home, clock) as store:
        belief = store.belief() if store.held.newest_checkpoint() is not None else None
        return store.network_file.network_id, belief


def _drawn(code: PresentedCode) -> bytes:
    return draw_terminal(code.text).encode("utf-8")


def _result(code: PresentedCode, out: str, costs: Sequence[ClaimCost]) -> JsonObject:
    """What was made.

    `costs` are bytes, by claim: what each one shown adds, and what each other would add; null is
    more than any code holds. Spec: docs/spec/qr.md, Costs.
    """
    symbol = choose_symbol(code.text)
    shown: JsonObject = {cost.path: cost.size_bytes for cost in costs if cost.is_chosen}
    others: JsonObject = {cost.path: cost.size_bytes for cost in costs if not cost.is_chosen}
    return {
        "out": out,
        "text": code.text if out == "-" else None,
        "binding": str(code.binding),
        "revealed": list(code.revealed),
        "withheld": list(code.withheld),
        "bytes": code.size_bytes,
        "symbol": {"version": symbol.version, "level": str(symbol.level)},
        "costs": {"shown": shown, "would_add": others},
    }


def tell_code(code: PresentedCode) -> None:
    """Say what a code shows and withholds, and how large it is."""
    symbol = choose_symbol(code.text)
    say(f"shows {', '.join(code.revealed) or 'what is always shown'}")
    say(f"withholds {', '.join(code.withheld) or 'nothing'}")
    form = "on paper" if code.binding is Binding.NONE else str(code.binding)
    say(f"{code.size_bytes} bytes in the code, {form}, symbol version {symbol.version}-{symbol.level}")
