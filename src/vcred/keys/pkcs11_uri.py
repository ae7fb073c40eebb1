# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Names of keys in hardware: `pkcs11:` URIs, as much of them as says which key, and nothing secret.

    pkcs11:token=health;object=issuing;id=%01%02?module-path=/usr/lib/softhsm/libsofthsm2.so
                                                &pin-source=file:/etc/vcred/pin

Taken are `token`, `serial`, `manufacturer`, `model`, `slot-id`, `object`, `id`, `type=private`,
and of the query `module-path` and `pin-source`. Everything else is refused, never overlooked: an
attribute that is not understood would select another key than the one that was meant. `pin-value`
is refused because command lines and files of settings are read by others.
"""

import re
from dataclasses import dataclass, replace
from typing import Final, Self

from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import MAX_PKCS11_URI_CHARS

_SCHEME: Final = "pkcs11:"
_TOKEN_TEXTS: Final = ("token", "serial", "manufacturer", "model")
_PATH_NAMES: Final = frozenset((*_TOKEN_TEXTS, "slot-id", "object", "id", "type"))
_QUERY_NAMES: Final = frozenset(("module-path", "pin-source"))
# The characters that may stand for themselves; the query has three more, the path one.
_PATH_VALUE: Final = re.compile(r"(?:[A-Za-z0-9\-._~:\[\]@!$'()*+,=&]|%[0-9A-Fa-f]{2})+")
_QUERY_VALUE: Final = re.compile(r"(?:[A-Za-z0-9\-._~:\[\]@!$'()*+,=/?|]|%[0-9A-Fa-f]{2})+")
_SLOT_ID: Final = re.compile(r"0|[1-9][0-9]{0,19}")
_FILE: Final = "file:"
_ENCODED: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
# What every URI may hold as it is, and what paths may in a query; all else is written %-encoded.
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SLASH: Final = frozenset(b"/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pkcs11Uri:
    """Which token, and which key pair in it. What is None selects nothing.

    `module_path` and `pin_source` are absolute paths: of the token's library, and of a file that
    holds its PIN. `id` is CKA_ID, `object` CKA_LABEL.

    Spec: RFC 7512 section 2.3.
    """

    token: str | None = None
    serial: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    slot_id: int | None = None
    object: str | None = None
    id: bytes | None = None
    module_path: str | None = None
    pin_source: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a URI strictly.

        Raises:
            DecodeError: Not a `pkcs11:` URI, an attribute twice, one that is not taken here, a
                value of the wrong form, or no token named. No message quotes a value.

        Spec: RFC 7512 sections 2.3 and 2.4.
        """
        if len(text) > MAX_PKCS11_URI_CHARS:
            raise LimitExceededError(f"pkcs11 URI: longer than {MAX_PKCS11_URI_CHARS} characters")
        if not text.startswith(_SCHEME):
            raise DecodeError('pkcs11 URI: does not begin with "pkcs11:"')
        path, mark, query = text.removeprefix(_SCHEME).partition("?")
        inside = _attributes(path, separator=";", form=_PATH_VALUE, known=_PATH_NAMES)
        asked = (
            _attributes(query, separator="&", form=_QUERY_VALUE, known=_QUERY_NAMES) if mark or query else {}
        )
        if inside.get("type", b"private") != b"private":
            raise DecodeError("pkcs11 URI: type is not private: only a private key signs")
        if inside.keys().isdisjoint((*_TOKEN_TEXTS, "slot-id")):
            raise DecodeError("pkcs11 URI: names no token", hint="give token=LABEL or serial=NUMBER")
        return cls(
            **{name: _text(name, inside.get(name)) for name in (*_TOKEN_TEXTS, "object")},
            slot_id=_slot_id(inside.get("slot-id")),
            id=inside.get("id"),
            module_path=_path("module-path", asked.get("module-path")),
            pin_source=_pin_source(asked.get("pin-source")),
        )

    def encode(self) -> str:
        """Write it so that `parse` gives the same value again. `id` is written %-encoded throughout.

        Spec: RFC 7512 section 2.3.
        """
        inside = [
            f"{name}={_quoted(value)}"
            for name, value in zip(_TOKEN_TEXTS, self._token_texts(), strict=True)
            if value is not None
        ]
        inside += [] if self.slot_id is None else [f"slot-id={self.slot_id}"]
        inside += [] if self.object is None else [f"object={_quoted(self.object)}"]
        inside += [] if self.id is None else ["id=" + "".join(f"%{byte:02X}" for byte in self.id)]
        asked = [] if self.module_path is None else [f"module-path={_quoted(self.module_path, _SLASH)}"]
        asked += [] if self.pin_source is None else [f"pin-source={_FILE}{_quoted(self.pin_source, _SLASH)}"]
        return _SCHEME + ";".join(inside) + ("?" + "&".join(asked) if asked else "")

    def __str__(self) -> str:
        return self.encode()

    @property
    def names_key(self) -> bool:
        """Whether it says which key, and not only which token."""
        return self.object is not None or self.id is not None

    def of_key(self, *, label: str, identifier: bytes) -> Self:
        """The URI of one key in the same token."""
        return replace(self, object=label, id=identifier)

    def of_token(self) -> Self:
        """The same token, without any key."""
        return replace(self, object=None, id=None)

    def selects(self, *, token: str, serial: str, manufacturer: str, model: str, slot_id: int) -> bool:
        """Whether a token that describes itself so is the one meant."""
        told = (token, serial, manufacturer, model)
        texts = zip(self._token_texts(), told, strict=True)
        return self.slot_id in (None, slot_id) and all(wanted in (None, found) for wanted, found in texts)

    def _token_texts(self) -> tuple[str | None, ...]:
        return (self.token, self.serial, self.manufacturer, self.model)


def _attributes(
    text: str, *, separator: str, form: re.Pattern[str], known: frozenset[str]
) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in text.split(separator):
        name, _, value = part.partition("=")
        if name == "pin-value":
            raise DecodeError(
                "pkcs11 URI: pin-value is not taken: others see command lines and settings",
                hint="put the PIN into a file that only you can read, and give --pin-file FILE",
            )
        if name not in known:
            raise DecodeError("pkcs11 URI: an attribute that is not taken here", hint=_hint(known))
        if name in found:
            raise DecodeError(f"pkcs11 URI: {name} stands there twice")
        if not form.fullmatch(value):
            raise DecodeError(f"pkcs11 URI: {name} is empty, or has a character that must be %-encoded")
        found[name] = _ENCODED.sub(lambda match: bytes.fromhex(match[1].decode()), value.encode("ascii"))
    return found


def _quoted(text: str, also: frozenset[int] = frozenset()) -> str:
    allowed = _UNRESERVED | also
    return "".join(chr(byte) if byte in allowed else f"%{byte:02X}" for byte in text.encode("utf-8"))


def _hint(known: frozenset[str]) -> str:
    return f"taken are {', '.join(sorted(known))}"


def _text(name: str, value: bytes | None) -> str | None:
    if value is None:
        return None
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        raise DecodeError(f"pkcs11 URI: {name} is not UTF-8") from None
    # It is shown on terminals: what moves a cursor or turns a line round must not come from there.
    if not text.isprintable():
        raise DecodeError(f"pkcs11 URI: {name} has a character that cannot be shown")
    return text


def _slot_id(value: bytes | None) -> int | None:
    if value is None:
        return None
    text = value.decode("latin-1")
    if not _SLOT_ID.fullmatch(text):
        raise DecodeError("pkcs11 URI: slot-id is not a number")
    return int(text)


def _path(name: str, value: bytes | None) -> str | None:
    text = _text(name, value)
    # A relative path would load another library in another folder; after "//" stands a host.
    if text is not None and (not text.startswith("/") or text.startswith("//")):
        raise DecodeError(f"pkcs11 URI: {name} is not an absolute path")
    return text


def _pin_source(value: bytes | None) -> str | None:
    text = _text("pin-source", value)
    if text is None:
        return None
    # "|command" would let whoever writes the URI run a program.
    if not text.startswith(_FILE):
        raise DecodeError("pkcs11 URI: pin-source is not a file: URI")
    path = text.removeprefix(_FILE)
    return _path("pin-source", (path.removeprefix("//") if path.startswith("///") else path).encode("utf-8"))
