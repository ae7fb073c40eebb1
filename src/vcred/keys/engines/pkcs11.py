# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Signing with keys that never leave a token, through PKCS #11.

The keyring has noted the public key; what the token signs is checked against it the first time in
each session, so that another key under the same name is noticed before anything is signed with it.
There is no way from here to a key in software.
"""

import hashlib
from typing import TYPE_CHECKING, NoReturn

from vcred.errors import SignatureError
from vcred.keys.algorithms import ES256, Algorithm
from vcred.keys.custody import PinSource
from vcred.keys.engines.pkcs11_objects import (
    check_kept,
    find_made,
    find_private,
    make_pair,
    read_public,
    sign_with,
)
from vcred.keys.engines.pkcs11_token import Seat, TokenSessions, generation, sessions_of
from vcred.keys.hsm_errors import HsmKeyError
from vcred.keys.pkcs11_uri import Pkcs11Uri
from vcred.keys.public import PublicKey

if TYPE_CHECKING:
    import pkcs11


class TokenSigner:
    """Signs with a private key in a token; opens its sessions when it first signs, in each process."""

    __slots__ = ("_generation", "_name", "_pin", "_public", "_sessions", "_uri")

    def __init__(self, uri: Pkcs11Uri, public: PublicKey, pin: PinSource | None) -> None:
        self._uri = uri
        self._name = uri.encode()
        self._public = public
        self._pin = pin
        self._sessions: TokenSessions | None = None
        self._generation = 0

    def __repr__(self) -> str:
        return f"TokenSigner({self._public.algorithm.jose}, {self._name})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key in a token is not pickled; open the keyring in the other process")

    @property
    def public_key(self) -> PublicKey:
        """The public half, as the keyring noted it."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Sign `message` and return r || s or R || S, 64 bytes.

        Raises:
            HsmError: Or one of its kin; nothing is signed by any other key.
            UsageError: A PIN is needed and there is none.

        Spec: RFC 7518 section 3.4; RFC 8032 section 5.1.6.
        """
        algorithm = self._public.algorithm
        data = hashlib.sha256(message).digest() if algorithm == ES256 else message

        def work(seat: Seat) -> bytes:
            private = seat.keys.get(self._name)
            if private is not None:
                return sign_with(private, algorithm, data)
            private = self._found(seat)
            signature = sign_with(private, algorithm, data)
            _check_signature(self._public, signature, message)
            seat.keys[self._name] = private
            return signature

        return self._open_sessions().run(work, pin=self._pin)

    def _open_sessions(self) -> TokenSessions:
        if self._sessions is None or self._generation != generation():
            self._sessions, self._generation = sessions_of(self._uri), generation()
        return self._sessions

    def _found(self, seat: Seat) -> "pkcs11.PrivateKey":
        session = seat.require_session()
        private = find_private(session, self._uri)
        if read_public(session, private) != self._public:
            raise _another_key()
        return private


def take_key(uri: Pkcs11Uri, pin: PinSource | None) -> PublicKey:
    """Return the public half of a key that is in a token already, and can stay nowhere else.

    Raises:
        HsmKeyError: No such key, or one that could leave the token.
        HsmError: Or one of its kin.
    """

    def work(seat: Seat) -> PublicKey:
        session = seat.require_session()
        return _checked(session, find_private(session, uri))

    return sessions_of(uri).run(work, pin=pin)


def make_key(uri: Pkcs11Uri, algorithm: Algorithm, pin: PinSource | None) -> PublicKey:
    """Make a key in a token under the label and id of `uri`, and return its public half.

    One that an interrupted attempt has made is taken: again makes no second one.

    Raises:
        HsmKeyError: The token would let the key go; it is then destroyed.
        HsmError: Or one of its kin.
    """
    label, identifier = uri.object, uri.id
    if label is None or identifier is None:
        raise ValueError("a new key needs a label and an id")
    sessions = sessions_of(uri)

    def work(seat: Seat) -> PublicKey:
        session = seat.require_session()
        private = find_made(session, uri)
        if private is None:
            # A session to write with, for this alone: it is not logged out when it is closed.
            writing = session.token.open(rw=True)
            try:
                _destroy_unless_kept(*make_pair(writing, algorithm, label=label, identifier=identifier))
            finally:
                writing.close()
            private = find_private(session, uri)
        return _checked(session, private)

    return sessions.run(work, pin=pin)


def _destroy_unless_kept(public: "pkcs11.PublicKey", private: "pkcs11.PrivateKey") -> None:
    try:
        check_kept(private)
    except HsmKeyError:
        private.destroy()
        public.destroy()
        raise


def _checked(session: "pkcs11.Session", private: "pkcs11.PrivateKey") -> PublicKey:
    """The public half, after a signature has shown that it belongs to this private one."""
    check_kept(private)
    public = read_public(session, private)
    # Not the form of anything that is ever signed: no token, no proof, no note.
    message = b"vcred: is this the key?"
    data = hashlib.sha256(message).digest() if public.algorithm == ES256 else message
    _check_signature(public, sign_with(private, public.algorithm, data), message)
    return public


def _check_signature(public: PublicKey, signature: bytes, message: bytes) -> None:
    try:
        public.verify(signature, message)
    except SignatureError as error:
        raise _another_key() from error


def _another_key() -> HsmKeyError:
    return HsmKeyError(
        "the key in the token is another one than the keyring noted",
        hint="is it the right token, and was the key made anew?",
    )
