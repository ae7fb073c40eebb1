# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Sessions with one token: found by its URI, logged in once, each call made within a limit of time.

    no session --find, login--> open --call--> open
                                  |  session lost: library started again, one more try
                                  v
                                error: HsmError and its kin, never another key

One process logs in once for each token, for that is how tokens count; a PIN that was refused is not
tried a second time.
"""

import os
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar

from vcred.errors import UsageError
from vcred.keys.custody import PinSource
from vcred.keys.engines.lanes import Lanes
from vcred.keys.engines.pins import read_pin
from vcred.keys.engines.pkcs11_errors import SessionLostError, translate
from vcred.keys.engines.pkcs11_module import Module, module_path
from vcred.keys.hsm_errors import HsmKeyError, HsmLockedError, HsmMissingError, HsmPinError
from vcred.keys.pkcs11_uri import Pkcs11Uri
from vcred.limits import MAX_TOKEN_SESSIONS, MAX_TOKEN_WAIT

if TYPE_CHECKING:
    import pkcs11

T = TypeVar("T")

_modules: Final[dict[str, Module]] = {}
_tokens: Final[dict[tuple[str, str], "TokenSessions"]] = {}
_lock = Lock()
_generation = 0


class Seat:
    """What one thread has open: a session, and the keys that it has found in it."""

    __slots__ = ("epoch", "keys", "session")

    def __init__(self) -> None:
        self.epoch = 0
        self.session: pkcs11.Session | None = None
        self.keys: dict[str, Any] = {}

    def require_session(self) -> "pkcs11.Session":
        """The session; only inside `TokenSessions.run`."""
        if self.session is None:
            raise RuntimeError("no session is open")
        return self.session


class TokenSessions:
    """The sessions of this process with one token. Safe for threads; void in a forked child."""

    def __init__(self, uri: Pkcs11Uri, path: str) -> None:
        self._uri = uri
        self._path = path
        self._lanes = Lanes(Seat, size=MAX_TOKEN_SESSIONS)
        self._opening = Lock()
        self._module: Module | None = None
        self._epoch = 0
        self._token: pkcs11.Token | None = None
        self._login: pkcs11.Session | None = None
        self._refused: str | None = None
        self._is_stale = False

    def run(self, work: Callable[[Seat], T], *, pin: PinSource | None) -> T:
        """Do something in a session that is logged in, once more if the session was lost.

        Args:
            work: Gets the seat with its open session. May be called twice.
            pin: Used only if this process is not logged in yet.

        Raises:
            HsmError: Or one of its kin.
            UsageError: A PIN is needed and none is given, or the library is not named.
        """
        try:
            return self._twice(work, pin)
        except (HsmMissingError, HsmKeyError, SessionLostError):
            # It may come back. Some libraries see that only when they are started again.
            self._is_stale = True
            raise

    def _twice(self, work: Callable[[Seat], T], pin: PinSource | None) -> T:
        if self._is_stale:
            self._restart()
        try:
            return self._once(work, pin)
        except SessionLostError:
            self._restart()
        return self._once(work, pin)

    def _once(self, work: Callable[[Seat], T], pin: PinSource | None) -> T:
        # Asked for here: a person may think longer than a token.
        known = None if self._login is not None else self._read_pin(pin)

        def job(seat: Seat) -> T:
            module = self._started()
            module.enter()
            try:
                self._open(seat, module, known)
                return work(seat)
            except _library_error() as error:
                raise translate(error) from error
            finally:
                module.leave()

        return self._lanes.call(job, seconds=MAX_TOKEN_WAIT.total_seconds())

    def _restart(self) -> None:
        module = self._module
        if module is not None:
            module.restart(self._epoch, seconds=MAX_TOKEN_WAIT.total_seconds())
        self._login = None
        self._is_stale = False

    def _read_pin(self, pin: PinSource | None) -> str:
        if pin is None:
            raise UsageError(
                "the key is in a token: its PIN is needed",
                hint="give --pin-file FILE, or answer at a terminal",
            )
        known = read_pin(pin)
        if known == self._refused:
            raise _wrong_pin()
        return known

    def _started(self) -> Module:
        with self._opening:
            if self._module is None:
                self._module = _module_of(self._path)
            return self._module

    def _open(self, seat: Seat, module: Module, pin: str | None) -> None:
        if seat.session is not None and seat.epoch == self._epoch == module.epoch:
            return
        with self._opening:
            if self._epoch != module.epoch or self._login is None or self._token is None:
                self._token = self._find(module)
                self._login = self._logged_in(self._token, pin)
                self._epoch = module.epoch
            token = self._token
        seat.keys = {}
        seat.session, seat.epoch = token.open(), module.epoch

    def _find(self, module: Module) -> "pkcs11.Token":
        found = [token for token in module.tokens() if _is_meant(token, self._uri)]
        if not found:
            raise HsmMissingError(
                f"no token is there for {self._uri.of_token()}", hint="is it plugged in, and the label right?"
            )
        if len(found) > 1:
            raise HsmMissingError(
                f"{len(found)} tokens are there for {self._uri.of_token()}",
                hint="add serial=NUMBER or slot-id=NUMBER to the URI",
            )
        return found[0]

    def _logged_in(self, token: "pkcs11.Token", pin: str | None) -> "pkcs11.Session":
        from pkcs11 import TokenFlag
        from pkcs11.exceptions import PKCS11Error, UserAlreadyLoggedIn

        if token.flags & TokenFlag.USER_PIN_LOCKED:
            raise HsmLockedError("the token takes no PIN any more", hint="its security officer can unlock it")
        if pin is None:
            # Logged in when the call began, and lost since: the next try brings the PIN.
            raise SessionLostError("the session with the token was lost")
        try:
            return token.open(user_pin=pin)
        except UserAlreadyLoggedIn:
            return token.open()
        except PKCS11Error as error:
            told = translate(error)
            if isinstance(told, HsmPinError):
                self._refused = pin
            raise told from error


def generation() -> int:
    """Counts the forks that led to this process: `TokenSessions` of another generation are void."""
    return _generation


def sessions_of(uri: Pkcs11Uri) -> TokenSessions:
    """Return this process's sessions with the token of a URI; nothing is opened yet.

    Raises:
        UsageError: The library is not named.
    """
    path, token = module_path(uri), uri.of_token()
    with _lock:
        key = (path, token.encode())
        if key not in _tokens:
            _tokens[key] = TokenSessions(token, path)
        return _tokens[key]


def _module_of(path: str) -> Module:
    with _lock:
        if path not in _modules:
            _modules[path] = Module(path, forked=_generation > 0)
        return _modules[path]


def _is_meant(token: "pkcs11.Token", uri: Pkcs11Uri) -> bool:
    return uri.selects(
        token=token.label,
        serial=token.serial.decode("utf-8", "replace"),
        manufacturer=token.manufacturer_id,
        model=token.model,
        slot_id=token.slot.slot_id,
    )


def _wrong_pin() -> HsmPinError:
    return HsmPinError("the token refused that PIN before; it is not tried again")


def _library_error() -> type[Exception]:
    from pkcs11.exceptions import PKCS11Error

    return PKCS11Error


def _forget() -> None:
    """In a forked child: sessions, logins and threads of the parent are not the child's."""
    global _generation, _lock
    _generation, _lock = _generation + 1, Lock()
    _modules.clear()
    _tokens.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
