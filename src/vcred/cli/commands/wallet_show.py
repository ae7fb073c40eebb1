# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred wallet show`: one credential with all its claims, for its holder alone."""

from datetime import UTC, date, datetime
from typing import Any

import click

from vcred.cli.command import command
from vcred.cli.holding_words import Reader, holding_json, tell_holding
from vcred.cli.output import print_json, print_line
from vcred.cli.wallets import open_wallet, wallet_options
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.credential.paths import RESERVED_NAMES, iter_leaves, join_path
from vcred.text.sanitise import sanitise
from vcred.text.scripts import is_mixed_script
from vcred.text.words import Words
from vcred.wallet.detail import ClaimRow, Shown, sections_of
from vcred.wallet.holding import HeldCredential


@command(
    "show",
    example="vcred wallet show health-code --home holder-1\n"
    "vcred wallet show health-code --lang zh-Hant --home holder-1",
)
@click.argument("name", metavar="NAME")
@wallet_options
def show(context: click.Context, *, name: str, as_json: bool, **opening: Any) -> None:
    """Show all that one credential says, to its holder

    Nothing leaves the wallet by this command; "vcred present" makes the code for a gate.
    """
    with open_wallet(context, **opening) as opened:
        held = opened.wallet.credentials.get(name)
        if as_json:
            print_json(_as_json(held))
            return
        tell_holding(held.holding, Reader(words=opened.words, belief=opened.belief()))
    _tell_claims(held, opened.words)


def _as_json(held: HeldCredential) -> JsonObject:
    """Claims by path as they are, and which of them every showing shows."""
    selectable = {path for path, _ in held.stored.leaves}
    stored = held.stored.processed.claims
    leaves = iter_leaves({name: value for name, value in stored.items() if name not in RESERVED_NAMES})
    claims: JsonObject = {join_path(path): value for path, value in leaves}
    always: list[JsonValue] = [path for path in claims if path not in selectable]
    return {**holding_json(held.holding), "claims": claims, "always_shown": always}


def _tell_claims(held: HeldCredential, words: Words) -> None:
    """Print the claims by group. A group's claims leave the wallet only if they are chosen."""
    for section in sections_of(held, words.language):
        label = section.label
        print_line(words.gettext("Always shown") if label is None else sanitise(label))
        for row in section.rows:
            print_line(_line(row, words))


def _line(row: ClaimRow, words: Words) -> str:
    text = _text(row.value, words)
    filled = {"label": sanitise(row.label), "value": sanitise(text)}
    if is_mixed_script(text):
        # CLI-07.
        return (
            words.gettext("  %(label)s: %(value)s (mixes scripts: letters may not be what they look like)")
            % filled
        )
    return words.gettext("  %(label)s: %(value)s") % filled


def _text(value: Shown, words: Words) -> str:
    if isinstance(value, datetime):
        return words.datetime(value, value.astimezone().tzinfo or UTC)
    if isinstance(value, date):
        return words.date(value)
    return value if isinstance(value, str) else str(value).lower()
