# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred present`: one code that shows what was chosen, and nothing else."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from vcred.cli.answering import Answer, asked_json, require_agreement
from vcred.cli.command import clock_of, command
from vcred.cli.credential_choice import choose_credential
from vcred.cli.holding_words import Reader
from vcred.cli.homes import naming_role
from vcred.cli.inputs import split_paths
from vcred.cli.output import print_json, require_place, say, write_data
from vcred.cli.request_input import read_request_text
from vcred.cli.wallets import OpenWallet, open_wallet, wallet_options
from vcred.codec.json_types import JsonObject
from vcred.credential.presentation import Binding
from vcred.errors import UsageError
from vcred.home import Role
from vcred.qr.engines.zxing import draw_png, draw_svg, draw_terminal
from vcred.qr.symbol import choose_symbol
from vcred.text.words import Words
from vcred.verifier.asking import AskedRequest, read_request
from vcred.wallet.cost import ClaimCost
from vcred.wallet.wallet import PresentedCode

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
    example="vcred present health-code --disclose match,test --home holder-1 --out code.png\n"
    "vcred present HC0000001.sdjwt --disclose match,test --home holder-1 --out code.png\n"
    "vcred present health-code --disclose match --request request.png --home holder-1 --out answer.png",
)
@click.argument("credential", metavar="CREDENTIAL")
@click.option(
    "--disclose", metavar="PATH,...", required=True, help='Claims to show; "" shows what is always shown.'
)
@click.option(
    "--request", "asked", metavar="FILE", help="Answer what a verifier asks: a picture, .txt or .json."
)
@click.option(
    "--to-unknown",
    is_flag=True,
    help="Also to an asker, for a purpose, or with claims, that the ledger does not have registered.",
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
@wallet_options
def present(
    context: click.Context,
    *,
    credential: str,
    disclose: str,
    asked: str | None,
    to_unknown: bool,
    paper: bool,
    out: str,
    as_json: bool,
    **opening: Any,
) -> None:
    """Make a code that shows chosen claims of a credential

    CREDENTIAL is a name in the wallet, or the file that the issuer handed over. A live code works for
    about a minute: make it when it is asked for. Naming a group shows all of it. The answer to a
    request works for who has asked, once; first it is said who that is.
    """
    draw = _form(out)
    if to_unknown and asked is None:
        raise UsageError("--to-unknown is about a request", hint="give it with --request FILE")
    paths = split_paths(disclose)
    with open_wallet(context, **opening) as opened, naming_role(Role.HOLDER):
        opened.wallet.trust.network_id()
        chosen = choose_credential(opened.wallet, credential)
        request = None if asked is None else _agreed(context, opened, asked, paths, to_unknown=to_unknown)
        costs = chosen.costs(paths) if as_json else ()
        code = chosen.show(paths, request=None if request is None else request.request, paper=paper)
    if as_json:
        print_json(_result(code, out, costs, request))
    if out != "-" or not as_json:
        write_data(draw(code), out, mode=PRIVATE)
    tell_code(code, opened.words)


def _agreed(
    context: click.Context, opened: OpenWallet, file: str, paths: Sequence[str], *, to_unknown: bool
) -> AskedRequest:
    """Read a request, say who asks, and return it if the holder agrees to answer."""
    belief = opened.belief()
    asked = read_request(
        read_request_text(file),
        belief=belief,
        network_id=opened.wallet.trust.network_id(),
        now=clock_of(context)(),
    )
    outline = None if belief is None else belief.type_outline(asked.request.type)
    answer = Answer(
        asked=asked, paths=paths, always_shown=() if outline is None else tuple(outline.always_shown)
    )
    require_agreement(answer, Reader(words=opened.words, belief=belief), to_unknown=to_unknown)
    return asked


def _form(out: str) -> Callable[[PresentedCode], bytes]:
    """Return what draws the code; refuse the file before anything is shown or remembered."""
    if out == "-":
        return FORMS[".txt"] if not sys.stdout.isatty() else _drawn
    draw = FORMS.get(Path(out).suffix.lower())
    if draw is None:
        raise UsageError(f"--out: a file whose name ends in {', '.join(FORMS)}, or -")
    # A copy that is shown once would be spent on a mistyped folder.
    require_place(out)
    return draw


def _drawn(code: PresentedCode) -> bytes:
    return draw_terminal(code.text).encode("utf-8")


def _result(
    code: PresentedCode, out: str, costs: Sequence[ClaimCost], asked: AskedRequest | None
) -> JsonObject:
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
        "asked": None if asked is None else asked_json(asked),
    }


def tell_code(code: PresentedCode, words: Words) -> None:
    """Say what a code shows and withholds, and how large it is."""
    symbol = choose_symbol(code.text)
    shown = ", ".join(code.revealed) or words.gettext("what is always shown")
    say(words.gettext("shows %(claims)s") % {"claims": shown})
    withheld = ", ".join(code.withheld) or words.gettext("nothing")
    say(words.gettext("withholds %(claims)s") % {"claims": withheld})
    filled = {
        "bytes": code.size_bytes,
        "form": _form_words(code.binding, words),
        "version": f"{symbol.version}-{symbol.level}",
    }
    say(words.gettext("%(bytes)s bytes in the code, %(form)s, symbol version %(version)s") % filled)


def _form_words(binding: Binding, words: Words) -> str:
    if binding is Binding.NONE:
        return words.gettext("on paper")
    return words.gettext("live") if binding is Binding.LIVE else words.gettext("an answer to a request")
