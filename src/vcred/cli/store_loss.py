# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What commands say that go on with a store that is gone, or was put back and not reconciled.

They read, or take back, what is there; but that nothing is found there is no news, and a log that
holds is not the whole one. Only issuing and publishing stop (`issuer/engines/statuses/safeguard.py`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from vcred.cli.output import say
from vcred.issuer.engines.statuses.safeguard import RESTORED_HINT
from vcred.issuer.engines.statuses.selecting import NothingIssuedError
from vcred.issuer.issuer import Issuer
from vcred.issuer.restored import Loss

_GONE = (
    "this store never had anything in it: if it stands for one that is gone, receipts bring nothing back,"
    " and what was issued can be taken back no more by its id"
)
_OLD_COPY_HINT = "the store is an old copy, or is gone: it may have been issued all the same;"


@contextmanager
def warned_of_loss(issuer: Issuer) -> Iterator[Loss | None]:
    """Say by what the store is known to be an old copy, before what it says; gives it, None if nothing is.

    Raises:
        NothingIssuedError: From within; its hint then says that the store is an old copy.
    """
    loss = issuer.lists.loss
    if loss is None:
        yield None
        return
    say(f"warning: {loss.value}: what was issued or changed since may be missing here")
    say(f"hint: {RESTORED_HINT}")
    try:
        yield loss
    except NothingIssuedError as error:
        raise NothingIssuedError(str(error), hint=f"{_OLD_COPY_HINT} {RESTORED_HINT}") from error


def warn_of_gone(issuer: Issuer) -> bool:
    """Warn where the store is not an old copy but a new one in the place of another; say whether it is.

    The ids of what was issued were made under a secret of the other one, and so are known to nobody.
    """
    # A store of an old vcred has issued without an entry in its log.
    is_empty = issuer.status.audit.head().seq == 0 and next(issuer.receipts(), None) is None
    is_gone = is_empty and issuer.lists.loss is not None
    if is_gone:
        say(f"warning: {_GONE}")
    return is_gone
