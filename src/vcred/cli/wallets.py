# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Opens a holder's wallet for a command, and says which words it speaks: the home's, or `--lang`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from vcred.cli.command import clock_of, json_option
from vcred.cli.homes import home_of, naming_role
from vcred.cli.language import language_option
from vcred.cli.output import say
from vcred.cli.secret_input import can_ask
from vcred.cli.unlocking import existing_unlock, unlock_options
from vcred.errors import RefusedError
from vcred.home import Home, Role
from vcred.keys.home_keys import KEY_FILE
from vcred.text.languages import choose_language
from vcred.text.reasons import explain_reason
from vcred.text.words import Words, load_words
from vcred.trust.belief import Belief
from vcred.wallet.wallet import Wallet


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWallet:
    """An open wallet, the words to speak of it, and the time (NumericDate) of the command."""

    wallet: Wallet
    words: Words
    now: int

    def belief(self) -> Belief | None:
        """What the wallet relies on; None without a bundle. Raises StoreError."""
        with naming_role(Role.HOLDER):
            return self.wallet.trust.belief()


def wallet_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--lang`, what opens the wallet, and `--json`: what `open_wallet` takes, and one more."""
    return language_option("words")(unlock_options(json_option(function)))


@contextmanager
def open_wallet(
    context: click.Context, *, lang: str | None, key_file: str | None, passphrase_fd: int | None
) -> Iterator[OpenWallet]:
    """Open the wallet of the home. What it refuses meanwhile is said in its language.

    Raises:
        StoreError: No home is there, it does not open, or another process has it.
        UsageError: The home is of another role, or nobody is there to be asked for the passphrase.
    """
    home = home_of(context, Role.HOLDER)
    words = words_of(home, lang)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    with saying_refusals(words), Wallet.open(home, unlock=unlock, clock=clock_of(context)) as wallet:
        yield OpenWallet(wallet=wallet, words=words, now=int(clock_of(context)().timestamp()))


def words_of(home: Home, lang: str | None) -> Words:
    """The words of a language, else of the home's own."""
    return load_words(choose_language(lang or home.settings.language))


@contextmanager
def saying_refusals(words: Words) -> Iterator[None]:
    """Let a refusal be said in the language. In English its own message says more."""
    try:
        yield
    except RefusedError as error:
        if words.language != "en":
            sentence, error.hint = explain_reason(error.reason, words.language)
            error.args = (sentence,)
        raise


def wants_passphrase(*, passphrase: bool, key_file: str | None, passphrase_fd: int | None) -> bool:
    """Whether to ask for the passphrase of a new wallet.

    Whoever sits at a terminal and says nothing is asked: the other way lets everybody in who can
    read the folder. A script that says nothing gets a key file, and a note that says so.
    """
    return passphrase or (key_file is None and passphrase_fd is None and can_ask())


def tell_key_file(home: Path, words: Words) -> None:
    """Say who can use the keys of a new home that has a key file of its own."""
    file = home / KEY_FILE
    if file.exists():
        say(
            words.gettext("note: whoever can read %(file)s can use its keys; keep a copy elsewhere")
            % {"file": file}
        )
