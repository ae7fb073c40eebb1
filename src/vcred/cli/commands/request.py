# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred request`: what a gate shows to a holder, so that the answer is for this gate and this once."""

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.homes import home_of
from vcred.cli.inputs import split_paths
from vcred.cli.language import language_option
from vcred.cli.names import name_in
from vcred.cli.output import print_json, say, write_data
from vcred.cli.request_phrases import ASKS, EXCESS, OTHER_PURPOSE, REGISTER_HINT, REGISTERED, UNKNOWN
from vcred.cli.times import time_text
from vcred.cli.unlocking import existing_unlock, unlock_options
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.desk.asker import Asked, Asker
from vcred.desk.engines.late_keys import has_keys
from vcred.errors import StoreError, UsageError
from vcred.home import Role
from vcred.limits import MAX_REQUEST_VALIDITY
from vcred.qr.engines.zxing import draw_png, draw_svg, draw_terminal
from vcred.qr.symbol import choose_symbol
from vcred.text.languages import choose_language

_LONGEST: Final = int(MAX_REQUEST_VALIDITY.total_seconds())
# A request is shown to whoever comes by: there is nothing in it to hide.
_FORMS: Final[dict[str, Callable[[Asked], bytes]]] = {
    ".png": lambda asked: draw_png(asked.text),
    ".svg": lambda asked: draw_svg(asked.text).encode("ascii"),
    ".txt": lambda asked: f"{asked.text}\n".encode("ascii"),
    ".json": lambda asked: encode_jcs({"request": asked.read.text}) + b"\n",
}


@command(
    "request",
    example='vcred request health-code --ask colour,match --purpose "Entry to the hospital" \\\n'
    "  --home gate-mo --out request.png\n"
    "vcred request health-code --ask match --purpose 進入醫院 --valid 60 --home gate-mo --out -\n"
    'vcred request health-code --ask match --purpose "Entry to the hospital" --home gate-mo \\\n'
    "  --out request.json --json\n"
    "vcred verify answer.png --home gate-mo",
)
@click.argument("type_", metavar="NAME|VCT")
@click.option("--ask", required=True, metavar="PATH,...", help="Claims; a group's name asks for all of it.")
@click.option(
    "--purpose", required=True, metavar="TEXT", help="What for: one line, as the ledger has it registered."
)
@click.option(
    "--valid",
    type=click.IntRange(1, _LONGEST),
    default=_LONGEST,
    show_default=True,
    metavar="SECONDS",
    help=f"How long it may be answered, at most {_LONGEST}.",
)
@click.option(
    "--out",
    required=True,
    metavar="FILE",
    help='.png, .svg, .txt or .json; "-" draws the code on a terminal, and is its text in a pipe.',
)
@language_option("words")
@unlock_options
@json_option
def request(
    context: click.Context,
    *,
    type_: str,
    ask: str,
    purpose: str,
    valid: int,
    out: str,
    lang: str | None,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Ask a holder for claims, in this verifier's name

    The home needs a DID ("vcred did create"). It remembers what it has asked: "vcred verify ANSWER" needs
    nothing more, and takes one answer. A wallet names the asker only if an authority has registered it
    on the ledger for this type ("vcred ledger register"), and marks claims and purposes that were not.
    """
    draw = _form(out)
    home = home_of(context, Role.VERIFIER)
    if not has_keys(home):
        raise UsageError(
            "this home has no DID yet, and a request is signed by one",
            hint='make one with "vcred did create --name TEXT --sponsor DID --out FILE"',
        )
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    with Asker.open(home, unlock=unlock, clock=clock_of(context)) as asker:
        asked = asker.ask(type_, split_paths(ask), purpose=purpose, valid=timedelta(seconds=valid))
    if as_json:
        print_json(_result(asked, out))
    if out != "-" or not as_json:
        write_data(draw(asked), out)
    _tell(asked, choose_language(lang or home.settings.language))


def _form(out: str) -> Callable[[Asked], bytes]:
    """Return what draws the request; refuse the file before anything is asked or remembered."""
    if out == "-":
        return _drawn if sys.stdout.isatty() else _FORMS[".txt"]
    draw = _FORMS.get(Path(out).suffix.lower())
    if draw is None:
        raise UsageError(f"--out: a file whose name ends in {', '.join(_FORMS)}, or -")
    if Path(out).exists():
        raise StoreError(f"{out} exists already", hint="choose another name, or move it away")
    return draw


def _drawn(asked: Asked) -> bytes:
    return draw_terminal(asked.text).encode("utf-8")


def _result(asked: Asked, out: str) -> JsonObject:
    """What was asked, all that a program needs. Spec: docs/spec/requests.md section 6."""
    request, symbol = asked.request, choose_symbol(asked.text)
    return {
        "out": out,
        "text": asked.text,
        "request": asked.read.text,
        "audience": request.audience,
        "nonce": request.nonce,
        "type": request.type,
        "claims": [*request.claims],
        "purpose": request.purpose,
        "issued_at": time_text(request.issued_at),
        "expires_at": time_text(request.expires_at),
        "standing": str(asked.read.standing),
        "excess": [*asked.read.excess],
        "purpose_registered": asked.read.is_purpose_registered,
        "symbol": {"version": symbol.version, "level": str(symbol.level)},
    }


def _tell(asked: Asked, language: str) -> None:
    """Say what is asked, and what wallets will say of it."""
    read = asked.read
    asks = ASKS[language].format(
        claims=", ".join(asked.request.claims), time=time_text(asked.request.expires_at)
    )
    say(asks)
    if read.registration is None:
        say(UNKNOWN[language])
        say(REGISTER_HINT[language])
        return
    place = name_in(dict(read.registration.jurisdiction_name), language) or read.registration.jurisdiction
    say(REGISTERED[language].format(name=name_in(dict(read.name), language), place=place))
    if read.excess:
        say(EXCESS[language].format(claims=", ".join(read.excess)))
    if not read.is_purpose_registered:
        registered = name_in(dict(read.registration.purpose), language)
        say(OTHER_PURPOSE[language].format(purpose=registered))
