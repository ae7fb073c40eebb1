# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which of its keys an issuer signs with, when there are several or the ledger may have moved on."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.issuer.stage import DID, START, Stage
from vcred.did.operations import Purpose
from vcred.errors import RefusedError
from vcred.issuer.terms import IssuerName, find_issuer, find_status_key
from vcred.keys.algorithms import ES256
from vcred.keys.public import PublicKey
from vcred.keys.software import SoftwareSigner
from vcred.ledger.state import MethodRecord
from vcred.reasons import Reason
from vcred.trust.belief import Belief

OLD, NEW = (SoftwareSigner.generate(ES256) for _ in range(2))
KEYS = frozenset((OLD.public_key, NEW.public_key))
ROTATED_AT = START - timedelta(days=1)


def believed(purpose: Purpose, *, rotated: bool = True, **changes: object) -> Belief:
    """An issuer whose one key of a purpose was rotated, as its bundle has it or does not have it yet."""
    belief = Stage(Path(), issuing=OLD, status=OLD).belief()
    organisation = belief.state.organisations[DID]
    at = int(ROTATED_AT.timestamp())
    methods = [
        replace(method, removed_at=at) if rotated and method.purpose is purpose else method
        for method in organisation.methods
    ]
    if rotated:
        record = MethodRecord(id=f"{DID}#new", key=NEW.public_key, purpose=purpose, added_at=at)
        methods.append(replace(record, **changes))  # type: ignore[arg-type]
    state = replace(
        belief.state, organisations={DID: replace(organisation, methods=tuple(methods))}, logged_at=at
    )
    return replace(belief, state=state)


def issuer(
    belief: Belief, *, coming: frozenset[PublicKey] = frozenset(), now: datetime = START
) -> IssuerName:
    return find_issuer(belief, KEYS, did=None, now=now, coming=coming)


def test_the_new_key_issues_from_its_first_second_on() -> None:
    belief = believed(Purpose.ASSERTION)
    assert issuer(belief).key == NEW.public_key
    assert issuer(belief, now=ROTATED_AT).key_added_at == int(ROTATED_AT.timestamp())
    # The log's clock may be ahead of the issuer's: what it has logged is in force.
    assert issuer(belief, now=ROTATED_AT - timedelta(minutes=3)).key == NEW.public_key


def test_a_distrusted_key_issues_nothing() -> None:
    with pytest.raises(RefusedError) as caught:
        issuer(believed(Purpose.ASSERTION, distrusted_from=0))
    assert caught.value.reason is Reason.ISSUER_UNKNOWN


def test_with_a_rotation_on_its_way_nothing_is_issued_until_the_bundle_has_it() -> None:
    """The old key may be retired already: a gate that knows would refuse what it signs."""
    before, after = (believed(Purpose.ASSERTION, rotated=rotated) for rotated in (False, True))
    coming = frozenset((NEW.public_key,))
    assert issuer(before).key == OLD.public_key
    with pytest.raises(RefusedError) as caught:
        issuer(before, coming=coming)
    assert caught.value.reason is Reason.KEY_NOT_AUTHORISED
    assert issuer(after, coming=coming).key == NEW.public_key
    # New keys that this home does not hold are of another purpose.
    assert find_issuer(before, (OLD.public_key,), did=None, now=START, coming=coming).key == OLD.public_key


def test_the_status_key_follows_the_same_rule() -> None:
    before, after = (believed(Purpose.STATUS, rotated=rotated) for rotated in (False, True))
    coming = frozenset((NEW.public_key,))
    name = issuer(before)
    assert find_status_key(before, name, KEYS, now=START).key == OLD.public_key
    assert find_status_key(after, name, KEYS, now=START, coming=coming).key == NEW.public_key
    with pytest.raises(RefusedError) as caught:
        find_status_key(before, name, KEYS, now=START, coming=coming)
    assert caught.value.reason is Reason.KEY_NOT_AUTHORISED
    with pytest.raises(RefusedError) as caught:
        find_status_key(believed(Purpose.STATUS, distrusted_from=0), name, KEYS, now=START)
    assert caught.value.reason is Reason.KEY_NOT_AUTHORISED
