# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The library of a token's maker: loaded once in a process, started again when its tokens are lost.

python-pkcs11 starts a library without leave to use it from several threads; libraries then fail at
random. So it is started here with CKF_OS_LOCKING_OK, and python-pkcs11 uses what it finds running.
"""

import ctypes
import os
from collections.abc import Iterator
from threading import Condition
from typing import TYPE_CHECKING, Any, Final

from vcred.errors import UsageError
from vcred.keys.hsm_errors import HsmMissingError, HsmSlowError
from vcred.keys.pkcs11_uri import Pkcs11Uri

if TYPE_CHECKING:
    from pkcs11 import Token

MODULE_VARIABLE: Final = "VCRED_PKCS11_MODULE"
_OS_LOCKING_OK: Final = 2
_OK: Final = 0
_Function = ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p)


class _InitializeArguments(ctypes.Structure):
    """CK_C_INITIALIZE_ARGS."""

    _fields_ = (
        ("create_mutex", ctypes.c_void_p),
        ("destroy_mutex", ctypes.c_void_p),
        ("lock_mutex", ctypes.c_void_p),
        ("unlock_mutex", ctypes.c_void_p),
        ("flags", ctypes.c_ulong),
        ("reserved", ctypes.c_void_p),
    )


class _FunctionList(ctypes.Structure):
    """The beginning of CK_FUNCTION_LIST. Not every library shows its functions by name."""

    _fields_ = (("version", ctypes.c_ubyte * 2), ("initialize", _Function), ("finalize", _Function))


class Module:
    """A running library. `epoch` counts its starts: what was opened in an earlier one is void."""

    def __init__(self, path: str, *, forked: bool) -> None:
        """Load and start it.

        Raises:
            HsmMissingError: No such library, or it does not start.
            UsageError: python-pkcs11 is not installed.
        """
        self._changed = Condition()
        self._busy = 0
        self._is_restarting = False
        self.epoch = 0
        self._wrapper = _wrapper_of(path, forked=forked)
        self._functions = _functions_of(path)
        self._start()

    def tokens(self) -> Iterator["Token"]:
        """Every token that is there now."""
        from pkcs11.exceptions import TokenNotPresent, TokenNotRecognised

        for slot in self._wrapper.get_slots(token_present=True):
            try:
                yield slot.get_token()
            except (TokenNotPresent, TokenNotRecognised):
                continue

    def enter(self) -> None:
        """Hold the library: it is not started again until `leave`."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_restarting)
            self._busy += 1

    def leave(self) -> None:
        """Let the library go again."""
        with self._changed:
            self._busy -= 1
            if self._is_restarting:
                self._changed.notify_all()

    def restart(self, epoch: int, *, seconds: float) -> None:
        """Start the library again, unless it was since `epoch`: some see a token's return only then.

        Raises:
            HsmSlowError: A call into it has not ended within `seconds`.
            HsmMissingError: It does not start; it may the next time.
        """
        with self._changed:
            self._is_restarting = True
            try:
                # Ending a library under a call that is in it is undefined.
                if not self._changed.wait_for(lambda: self._busy == 0, seconds):
                    raise HsmSlowError("calls to the token's library have not ended")
                if self.epoch == epoch:
                    self._functions.finalize(None)
                    self._start()
            finally:
                self._is_restarting = False
                self._changed.notify_all()

    def _start(self) -> None:
        arguments = _InitializeArguments(flags=_OS_LOCKING_OK)
        if (code := self._functions.initialize(ctypes.addressof(arguments))) != _OK:
            raise HsmMissingError(
                f"the token's library does not start: it answers {code:#x}",
                hint="is the token plugged in, and the library set up?",
            )
        self.epoch += 1


def module_path(uri: Pkcs11Uri) -> str:
    """Say where the library of a token is.

    Raises:
        UsageError: Neither the URI nor the environment says so.
    """
    path = uri.module_path or os.environ.get(MODULE_VARIABLE)
    if not path:
        raise UsageError(
            "where the library of the token is is not said",
            hint=f"add ?module-path=/usr/lib/... to the URI, or set {MODULE_VARIABLE}",
        )
    return path


def _wrapper_of(path: str, *, forked: bool) -> Any:
    try:
        import pkcs11
    except ImportError as error:
        raise UsageError("keys in a token need python-pkcs11", hint='pip install "vcred[hsm]"') from error

    if not os.path.exists(path):
        raise HsmMissingError(f"no library of a token at {path}", hint="install it, or name the right one")
    try:
        if forked:
            # What the parent had running does not run in the child, though its memory says so.
            _functions_of(path).finalize(None)
        wrapper = pkcs11.lib(path)
        wrapper.finalize()
    except (OSError, AttributeError, RuntimeError, pkcs11.PKCS11Error) as error:
        raise HsmMissingError(
            f"{path} is not a library of a token that starts here",
            hint="is the token plugged in, and the library set up?",
        ) from error
    return wrapper


def _functions_of(path: str) -> _FunctionList:
    functions = ctypes.POINTER(_FunctionList)()
    ctypes.CDLL(path).C_GetFunctionList(ctypes.byref(functions))
    return functions.contents
