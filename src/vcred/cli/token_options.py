# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Keys in a token on the command line: which token (`--hsm`), and where its PIN is (`--pin-file`).

A PIN is in a file, or a person types it. It is never an argument and never in the environment:
those are seen by other processes and kept in histories.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import click

from vcred.errors import DecodeError, UsageError
from vcred.home import Home
from vcred.keys.custody import AskedPin, KeyringUnlock, KeyRole, PinFile, PinSource
from vcred.keys.home_keys import has_token_keys, open_home_keyring
from vcred.keys.pkcs11_uri import Pkcs11Uri

_PIN_FILE: Final = "vcred.pin_file"
_NEW_TOKEN: Final = "vcred.new_token"
_SCHEME: Final = "pkcs11:"
_EXAMPLE: Final = 'such as --hsm "issuing=pkcs11:token=health?module-path=/usr/lib/softhsm/libsofthsm2.so"'
# Which keys of an organisation can be in a token.
ROLES: Final = (
    KeyRole.CONTROL,
    KeyRole.ISSUING,
    KeyRole.STATUS,
    KeyRole.STATEMENT,
    KeyRole.AUTHENTICATION,
)


def _keep_pin_file(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.meta[_PIN_FILE] = Path(value)


def _keep_tokens(context: click.Context, _: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    if value:
        context.meta[_NEW_TOKEN] = True
    return value


pin_file_option = click.option(
    "--pin-file",
    metavar="FILE",
    expose_value=False,
    callback=_keep_pin_file,
    help="File with the PIN of the token that holds keys of the home.",
)
hsm_option = click.option(
    "--hsm",
    "hsm",
    multiple=True,
    metavar="[ROLE=]URI",
    callback=_keep_tokens,
    help="Make the new keys in this token, a pkcs11: URI; with ROLE= the key of that role. "
    "With object= or id= in the URI the key that is there is taken.",
)


def read_tokens(texts: Iterable[str], *, bare: tuple[KeyRole, ...]) -> Mapping[KeyRole, Pkcs11Uri]:
    """Read `--hsm`: for each role the token in which its new key shall be.

    Args:
        texts: `ROLE=URI`, or a URI alone for the roles in `bare`.
        bare: What a URI without a role is for.

    Raises:
        UsageError: Not a URI that is taken, no such role, a role twice, or one key for several roles.
    """
    tokens: dict[KeyRole, Pkcs11Uri] = {}
    for text in texts:
        named, uri = _named(text)
        roles = bare if named is None else (named,)
        if not roles:
            raise UsageError("--hsm: say which key, with ROLE= before the URI", hint=_EXAMPLE)
        if uri.names_key and len(roles) > 1:
            # One key in two roles would be refused when the keyring is opened.
            raise UsageError("--hsm: one key of a token is for one role; say ROLE=", hint=_EXAMPLE)
        for role in roles:
            # A role by its name counts before a URI for all.
            if role in tokens and named is not None:
                raise UsageError(f"--hsm: {role} is there twice")
            tokens.setdefault(role, uri)
    return tokens


def given_pin(home: Home, unlock: KeyringUnlock | None) -> PinSource | None:
    """Return where the PIN comes from: the file that is named, or a person if one is needed and there.

    Args:
        home: Whose keys.
        unlock: What opens them.
    """
    context = click.get_current_context(silent=True)
    meta = {} if context is None else context.meta
    if (path := meta.get(_PIN_FILE)) is not None:
        return PinFile(path)
    if not _is_terminal():
        return None
    if meta.get(_NEW_TOKEN) or _needs_pin(home, unlock):
        return AskedPin(_ask)
    return None


def refuse_pin_file() -> None:
    """Say that a new home has no keys in a token.

    Raises:
        UsageError: `--pin-file` is given.
    """
    if _PIN_FILE in click.get_current_context().meta:
        raise UsageError(
            "--pin-file: a new home has no key in a token yet", hint='give it to "vcred did create --hsm URI"'
        )


def _named(text: str) -> tuple[KeyRole | None, Pkcs11Uri]:
    name, mark, rest = ("", "", text) if text.startswith(_SCHEME) else text.partition("=")
    if mark and name not in ROLES:
        raise UsageError(f"--hsm: the roles are {', '.join(ROLES)}", hint=_EXAMPLE)
    try:
        return (KeyRole(name) if mark else None), Pkcs11Uri.parse(rest if mark else text)
    except DecodeError as error:
        raise UsageError(f"--hsm: {error}", hint=error.hint or _EXAMPLE) from error


def _needs_pin(home: Home, unlock: KeyringUnlock | None) -> bool:
    if not has_token_keys(home):
        return False
    with open_home_keyring(home, unlock) as keyring:
        return keyring.needs_pin()


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _ask() -> bytes:
    from getpass import getpass

    return getpass("PIN of the token: ").encode("utf-8")
