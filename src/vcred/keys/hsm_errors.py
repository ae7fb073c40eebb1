# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What goes wrong between vcred and a token that holds keys, by what a person has to do about it.

All are of the environment (exit code 4). None is answered by a key kept elsewhere: a signature that
the token did not make is not made. No message holds a PIN.
"""

from vcred.errors import StoreError


class HsmError(StoreError):
    """The token answers, but not as it should: a session lost twice, a fault of its own."""

    code = "hsm_failed"


class HsmMissingError(HsmError):
    """No library, no slot or no token where the URI says; or several, and it is not said which."""

    code = "hsm_missing"


class HsmLockedError(HsmError):
    """The token takes no PIN any more, because too many wrong ones were tried, or has none yet."""

    code = "hsm_locked"


class HsmPinError(HsmError):
    """The PIN is another one. It was tried once: a second try would bring the lock nearer."""

    code = "hsm_pin_wrong"


class HsmKeyError(HsmError):
    """The key is not in the token, is another one than the keyring noted, or could leave it."""

    code = "hsm_key_missing"


class HsmSlowError(HsmError):
    """No answer within the limit. What may still come of the call is thrown away."""

    code = "hsm_slow"


class KeyRoleError(StoreError):
    """One key stands in two roles: its signature of one kind could be presented as another."""

    code = "key_in_two_roles"
