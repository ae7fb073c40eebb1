# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A party's home: one folder, one role, one `home.toml`.

The folder belongs to its owner alone. What else lies in it is the business of the rooms
that put it there; this file says whose home it is, so that no command ever works in the
home of another role.

    schema = 1
    role = "verifier"
    language = "zh-Hant"
    network = "/srv/vcred/network.json"      absent: none
    ledger = "/srv/vcred/ledger"             absent: none
    store = "postgresql:///vcred"            of a ledger or an issuer; absent: a file in the home
"""

import json
import os
import sys
import tomllib
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from vcred.errors import StoreError, UsageError
from vcred.files import make_private_folder, read_capped, write_atomic
from vcred.limits import MAX_HOME_FILE_BYTES

NETWORK_FILE: Final = "network.json"
PARTY_FILE: Final = "party.json"
_FILE_NAME: Final = "home.toml"
_SCHEMA: Final = 1
_KNOWN: Final = frozenset(("schema", "role", "language", "network", "ledger", "store"))


class Role(StrEnum):
    """What a party does; each home has one."""

    AUTHORITY = "authority"
    ISSUER = "issuer"
    HOLDER = "holder"
    VERIFIER = "verifier"
    LEDGER = "ledger"
    APPROVER = "approver"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `home.toml` says beside the role. A relative path starts from the home.

    `store` is the address of a shared store, of a ledger or an issuer; it carries no password.
    """

    network: Path | None = None
    ledger: Path | None = None
    store: str | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """An open home; the paths in `settings` are complete."""

    path: Path
    role: Role
    settings: Settings


def create_home(path: Path, role: Role, settings: Settings, *, network_file: bytes | None = None) -> Home:
    """Make a home.

    Args:
        path: The folder; made if missing.
        role: Whose home.
        settings: What `home.toml` says.
        network_file: Content of a network file. The home keeps a copy of its own: the original
            may be on a stick.

    Raises:
        StoreError: The folder is a home already, or cannot be made.
        UsageError: A path in `settings` cannot be written as text.
    """
    file = path / _FILE_NAME
    if file.exists():
        raise StoreError(f"{path} is a home already", hint="choose another folder with --home DIR")
    kept = settings if network_file is None else replace(settings, network=Path(NETWORK_FILE))
    content = _encode(role, kept)
    make_private_folder(path)
    if network_file is not None:
        write_atomic(path / NETWORK_FILE, network_file, mode=0o600)
    write_atomic(file, content, mode=0o600)
    return read_home(path)


def adopt_network(home: Home, network_file: bytes) -> Home:
    """Give a home that was made before the network its network file.

    Raises:
        StoreError: The home has one already, or the system refuses.
    """
    if home.settings.network is not None:
        raise StoreError(f"{home.path} has a network file already")
    write_atomic(home.path / NETWORK_FILE, network_file, mode=0o600)
    content = _encode(home.role, replace(home.settings, network=Path(NETWORK_FILE)))
    write_atomic(home.path / _FILE_NAME, content, mode=0o600, overwrite=True)
    return read_home(home.path)


def change_language(home: Home, language: str) -> Home:
    """Let a home speak another language from now on; the rest of `home.toml` stays as it is written.

    Args:
        home: Open; what others have changed in its file since then is kept.
        language: One of `vcred.text.languages.LANGUAGES`, which the caller has checked.

    Raises:
        StoreError: The file is damaged, or the system refuses; then nothing is changed.
    """
    file = home.path / _FILE_NAME
    document = _read_document(file)
    written = _decode(home.path, document)
    # Relative paths stay relative: a home is moved with what lies beside it.
    settings = Settings(
        network=_written_path(document.get("network")),
        ledger=_written_path(document.get("ledger")),
        store=written.settings.store,
        language=language,
    )
    write_atomic(file, _encode(written.role, settings), mode=0o600, overwrite=True)
    return read_home(home.path)


def open_home(path: Path, role: Role, *others: Role) -> Home:
    """Open the home of a party that has `role`, or one of `others`.

    Raises:
        StoreError: No home is there, or its `home.toml` is damaged.
        UsageError: It is the home of another role, which the message names.
    """
    home = read_home(path)
    if home.role not in (role, *others):
        wanted = " or ".join((role, *others))
        raise UsageError(
            f"{path} is a home of the role {home.role}; this takes a home of the role {wanted}",
            hint="name the right home with --home DIR or VCRED_HOME",
        )
    return home


def read_home(path: Path) -> Home:
    """Read whose home this is, whatever its role. Errors as `open_home`, without the last."""
    file = path / _FILE_NAME
    if not file.is_file():
        raise StoreError(f"{path} is not a home", hint=f'make one with "vcred init ROLE --home {path}"')
    return _decode(path, _read_document(file))


def default_home(role: Role) -> Path:
    """Say where a home of this role lies if nobody says otherwise; nothing is made."""
    return _data_folder() / "vcred" / role


def _data_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    named = Path(os.environ.get("XDG_DATA_HOME", ""))
    # The XDG specification: a relative path is to be ignored.
    return named if named.is_absolute() else Path.home() / ".local" / "share"


def _read_document(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(read_capped(file, max_bytes=MAX_HOME_FILE_BYTES).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StoreError(f"{file} is not TOML") from error


def _written_path(value: object) -> Path | None:
    return Path(value) if isinstance(value, str) else None


def _decode(path: Path, document: dict[str, object]) -> Home:
    file = path / _FILE_NAME
    if document.get("schema") != _SCHEMA:
        raise StoreError(f"{file} is of another schema than {_SCHEMA}", hint="use the vcred that made it")
    if not document.keys() <= _KNOWN:
        raise StoreError(f"{file} has an unknown setting; known are {', '.join(sorted(_KNOWN))}")
    role = document.get("role")
    if not isinstance(role, str) or role not in tuple(Role):
        raise StoreError(f"{file} names no role; roles are {', '.join(Role)}")
    settings = Settings(
        network=_place(path, document.get("network")),
        ledger=_place(path, document.get("ledger")),
        store=_text(file, document["store"]) if "store" in document else None,
        language=_text(file, document.get("language", "en")),
    )
    return Home(path=path, role=Role(role), settings=settings)


def _place(path: Path, value: object) -> Path | None:
    return None if value is None else path / _text(path / _FILE_NAME, value)


def _text(file: Path, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise StoreError(f"{file} has a setting that is not text")
    return value


def _encode(role: Role, settings: Settings) -> bytes:
    members = {"role": str(role), "language": settings.language}
    if settings.network is not None:
        members["network"] = os.fspath(settings.network)
    if settings.ledger is not None:
        members["ledger"] = os.fspath(settings.ledger)
    if settings.store is not None:
        members["store"] = settings.store
    lines = [f"schema = {_SCHEMA}", *(f"{name} = {_quote(text)}" for name, text in members.items())]
    try:
        return ("\n".join(lines) + "\n").encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError("a path in the settings is not UTF-8") from error


def _quote(text: str) -> str:
    """Write a TOML basic string: a JSON string, but DEL has to be escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
