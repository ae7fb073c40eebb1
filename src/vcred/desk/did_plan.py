# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the next operation of a DID will say: from the ledger, the keys at hand and what is asked.

Plans only; `ledger.kinds.did_update` judges. What would be refused there, or would leave the DID in
fewer hands than before without anybody having said so, is refused here, with what to do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vcred.codec.json_types import JsonObject
from vcred.desk.own_keys import METHOD_KEYS, committed_keys
from vcred.did.methods.vcred import commitment, parse_hash_text
from vcred.did.operations import Method, NextKeys, Profile, Purpose
from vcred.errors import DecodeError, UsageError
from vcred.keys.public import PublicKey
from vcred.ledger.state import Organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRequest:
    """What is to change. None leaves things as they are; with nothing, only the control keys move on.

    Args:
        rotate: Purposes whose keys are retired, a new key in their place.
        name: By language; other languages stay.
        status_bases: In the place of those there are; lists already published stay the DID's.
        sites: In the place of those there are.
        deactivate: End the DID; nothing else is then said.
        control_keys: Revealed control keys that are not of this home.
        next_hashes: Commitments beside that of this home's own next control key.
        next_threshold: How many of all these must sign the next time.
    """

    rotate: tuple[Purpose, ...] = ()
    name: JsonObject | None = None
    status_bases: tuple[str, ...] | None = None
    sites: tuple[str, ...] | None = None
    deactivate: bool = False
    control_keys: tuple[PublicKey, ...] = ()
    next_hashes: tuple[str, ...] = ()
    next_threshold: int | None = None

    def to_json(self) -> JsonObject:
        """As it is kept beside its operation: the same request has the same JSON."""
        return {
            "rotate": [*sorted(purpose.value for purpose in self.rotate)],
            "name": self.name,
            "status_bases": None if self.status_bases is None else [*self.status_bases],
            "sites": None if self.sites is None else [*self.sites],
            "deactivate": self.deactivate,
            "control_keys": [*sorted(key.to_multikey() for key in self.control_keys)],
            "next_hashes": [*sorted(self.next_hashes)],
            "next_threshold": self.next_threshold,
        }


def plan_reveal(
    organisation: Organisation, own: Mapping[str, PublicKey], others: Sequence[PublicKey]
) -> tuple[PublicKey, ...]:
    """Choose which control keys the operation reveals: those of others that are given, and enough own ones.

    A spare that is not needed stays unrevealed: nobody learns it.

    Args:
        organisation: As it is on the ledger.
        own: Control keys of this home, by name.
        others: Revealed keys of other homes.

    Raises:
        UsageError: The DID is deactivated, this home has no part in it, or too few keys are known.
    """
    next_keys = organisation.next_keys
    if next_keys is None:
        raise UsageError("the DID is deactivated: nothing can change it any more")
    if any(commitment(key) not in next_keys.hashes for key in others):
        raise UsageError(
            "a control key that is given is not one that the DID's last operation committed to",
            hint='each of the others sees the right one with "vcred did key"',
        )
    names = committed_keys(organisation, own)
    if not names:
        raise UsageError(
            "this home holds none of the control keys that the DID's last operation committed to",
            hint="was the home restored from an old backup, or the trust bundle not yet imported?",
        )
    needed = max(next_keys.threshold - len(others), 1)
    revealed = tuple(dict.fromkeys([*(own[name] for name in names[:needed]), *others]))
    if len(revealed) < next_keys.threshold:
        raise UsageError(
            f"{next_keys.threshold} control keys must be revealed, {len(revealed)} are known here",
            hint='name those of the others with --control-key; they show them with "vcred did key"',
        )
    return revealed


def plan_commitment(request: UpdateRequest, own: PublicKey) -> NextKeys:
    """Say what the operation commits to: the own next control key, and those of others that are given."""
    hashes = tuple(dict.fromkeys((commitment(own), *request.next_hashes)))
    return NextKeys(threshold=request.next_threshold or 1, hashes=hashes)


def plan_profile(
    organisation: Organisation, request: UpdateRequest, new_keys: Mapping[Purpose, PublicKey]
) -> Profile:
    """Say what the operation says of the organisation.

    Args:
        organisation: As it is on the ledger.
        request: What is to change.
        new_keys: One for each purpose in `request.rotate`.
    """
    kept = [
        Method(key=method.key, purpose=method.purpose)
        for method in organisation.methods
        if method.removed_at is None and method.purpose not in request.rotate
    ]
    added = [Method(key=new_keys[purpose], purpose=purpose) for purpose in sorted(request.rotate)]
    latest = organisation.latest
    methods = (*kept, *added)
    statement_keys = sum(method.purpose is Purpose.STATEMENT for method in methods)
    if latest.statement_threshold > max(statement_keys, 1):
        raise UsageError(
            f"{latest.statement_threshold} statement keys must sign; one cannot take their place"
        )
    return Profile(
        name=latest.name if request.name is None else latest.name | request.name,
        methods=(*kept, *added),
        statement_threshold=latest.statement_threshold,
        status_bases=latest.status_bases if request.status_bases is None else request.status_bases,
        sites=latest.sites if request.sites is None else request.sites,
    )


def check_request(organisation: Organisation, request: UpdateRequest) -> None:
    """Refuse what cannot be said of this organisation, before any key is made for it.

    Raises:
        UsageError: Keys that it has not are to be rotated, or several hands hold the DID and who
            shall hold it next is not said.
    """
    present = {method.purpose for method in organisation.methods if method.removed_at is None}
    for purpose in request.rotate:
        if purpose not in present or purpose not in METHOD_KEYS:
            raise UsageError(f"this DID has no key of the purpose {purpose.value} that can be rotated")
    if Purpose.STATEMENT in request.rotate and organisation.statement_threshold > 1:
        raise UsageError(
            f"{organisation.statement_threshold} statement keys must sign: one cannot replace them"
        )
    former = organisation.next_keys
    if request.deactivate or former is None:
        return
    if len(former.hashes) > 1 and request.next_threshold is None:
        # Silence must not turn two of three into one of one.
        raise UsageError(
            f"{former.threshold} of {len(former.hashes)} control keys hold this DID; say who does next",
            hint="give --next-threshold, and a --next-key for each of the others",
        )
    check_next(request.next_hashes, request.next_threshold)


def check_next(hashes: Sequence[str], threshold: int | None) -> None:
    """Refuse commitments of others that are none, and a threshold that they cannot reach.

    Args:
        hashes: Beside the one of this home's own key.
        threshold: Of how many must sign; None is 1.

    Raises:
        UsageError: One of them.
    """
    try:
        for text in hashes:
            parse_hash_text(text)
    except DecodeError as error:
        raise UsageError(f"--next-key: {error}", hint='"vcred did key" shows it, as commitment') from error
    if threshold is not None and not 1 <= threshold <= len(set(hashes)) + 1:
        raise UsageError(f"--next-threshold: from 1 to {len(set(hashes)) + 1}, the number of next keys")
