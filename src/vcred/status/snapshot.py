# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A status list as of a time, from a token whose signature was verified.

It is held compressed until the first look at it. What may replace it: only a newer one.
"""

from collections.abc import Callable

from vcred.errors import DecodeError, LimitExceededError, RefusedError
from vcred.limits import MIN_STATUS_LIST_SIZE
from vcred.reasons import Reason
from vcred.status.bits import StatusList, check_bits, inflate_list


class StatusSnapshot:
    """One status list as its issuer signed it.

    Attributes:
        uri: The list's name; equals `uri` of the credentials in it.
        issued_at: POSIX seconds.
        expires_at: POSIX seconds, or None. Expired, it says nothing.
        ttl: Seconds after which a newer one should be looked for, or None.
        token_digest: SHA-256 over what was signed. Not over the signature, which a
            stranger can rewrite without invalidating it.
        bits: Bits to an entry.
        lookup: Give the value at a zero-based index (`values.status_reason` says what it
            means). Raises RefusedError, STATUS_INVALID: the index is not in the list, or
            the list cannot be read; LimitExceededError: it inflates to more than 16 MiB.
    """

    __slots__ = ("_list", "_lst", "bits", "expires_at", "issued_at", "lookup", "token_digest", "ttl", "uri")

    def __init__(
        self,
        *,
        uri: str,
        issued_at: int,
        expires_at: int | None,
        ttl: int | None,
        token_digest: bytes,
        bits: int,
        lst: str,
    ) -> None:
        check_bits(bits)
        self.uri = uri
        self.issued_at = issued_at
        self.expires_at = expires_at
        self.ttl = ttl
        self.token_digest = token_digest
        self.bits = bits
        self._lst = lst
        self._list: StatusList | None = None
        # An attribute and not a method: once inflated it is the list's own `get`, so that a
        # look costs one call.
        self.lookup: Callable[[int], int] = self._inflate_and_look

    @property
    def list(self) -> StatusList:
        """The list itself, inflated at the first use; raises as `lookup` does."""
        # Taken before the question: another thread may inflate it, and let go of the text, in between.
        lst = self._lst
        if self._list is None:
            self._list = _inflate(self.bits, lst)
            self._lst = ""
            self.lookup = self._list.get
        return self._list

    @property
    def is_small(self) -> bool:
        """Whether the list has fewer entries than hide a holder among others: worth a warning."""
        return self.list.size < MIN_STATUS_LIST_SIZE

    def is_expired(self, at: int) -> bool:
        """Tell whether the token had expired at POSIX second `at`."""
        return self.expires_at is not None and at >= self.expires_at

    def _inflate_and_look(self, index: int) -> int:
        return self.list.get(index)


def _inflate(bits: int, lst: str) -> StatusList:
    try:
        return inflate_list(bits, lst)
    except LimitExceededError:
        raise
    except DecodeError as error:
        raise RefusedError(Reason.STATUS_INVALID, "the status list cannot be read") from error
