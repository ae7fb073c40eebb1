# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a token's library answers, in our words: what a person has to do, not what a function returned."""

from typing import Final

from vcred.keys.hsm_errors import HsmError, HsmLockedError, HsmPinError

# Names in `pkcs11.exceptions`: that module is of an extra, and is loaded only where a token is used.
_LOST: Final = frozenset(
    (
        "DeviceError",
        "DeviceRemoved",
        "GeneralError",
        "KeyHandleInvalid",
        "ObjectHandleInvalid",
        "SessionClosed",
        "SessionHandleInvalid",
        "SlotIDInvalid",
        "TokenNotPresent",
        "TokenNotRecognised",
        "UserNotLoggedIn",
    )
)
_PIN: Final = frozenset(("PinIncorrect", "PinInvalid", "PinLenRange"))
_LOCKED: Final = frozenset(("PinLocked", "PinExpired", "UserPinNotInitialized"))
_FULL: Final = frozenset(("HostMemory", "DeviceMemory", "SessionCount"))
_NAMELESS: Final = "PKCS11Error"


class SessionLostError(HsmError):
    """The session is gone, or the token with it. Tried once more; a second time it is an error."""


def translate(error: Exception) -> HsmError:
    """Say what the library's answer means. A session that a new one may replace is `SessionLostError`."""
    name = type(error).__name__
    if name in _LOST:
        return SessionLostError(
            f"the session with the token was lost ({name})", hint="is the token still plugged in?"
        )
    if name in _PIN:
        return HsmPinError(
            "the token refuses the PIN", hint="it was tried once; too many wrong ones lock the token"
        )
    if name in _LOCKED:
        return HsmLockedError(
            "the token takes no PIN any more", hint="its security officer can unlock it, or set one"
        )
    if name in _FULL:
        return HsmError(f"the token has no room for that ({name})")
    # What has no name there, such as a code of the maker's own, is told by its number.
    return HsmError(f"the token refuses: {name if name != _NAMELESS else error}")
