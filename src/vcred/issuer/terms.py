# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Under which name, key, type and accreditation this issuer may issue now: read from its belief.

A key tells whose it is: the organisation on the ledger that lists it as an assertion
method. Nothing is configured twice, and an issuer that the ledger does not know, or whose
accreditation is over, signs nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vcred.credential.type_definition import TypeDefinition, shipped_type_names
from vcred.desk.own_keys import signing_method
from vcred.did.operations import Purpose
from vcred.errors import RefusedError, UsageError
from vcred.keys.public import PublicKey
from vcred.ledger.state import Accreditation, MethodRecord, Organisation
from vcred.reasons import Reason
from vcred.trust.belief import Belief

HOUR_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerName:
    """Who signs: a DID and the method of its issuing key, in force since `key_added_at`."""

    did: str
    key_id: str
    key: PublicKey
    key_added_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuingTerms:
    """What a credential of one type says besides its claims. Times in seconds since 1970."""

    issuer: IssuerName
    vct: str
    definition: TypeDefinition
    status_base: str
    issued_at: int


def find_issuer(
    belief: Belief,
    keys: Collection[PublicKey],
    *,
    did: str | None,
    now: datetime,
    coming: Collection[PublicKey] = (),
) -> IssuerName:
    """Find whose issuing keys these are, and the one to sign with: the newest in force.

    Args:
        belief: Of the issuer's own trust bundle.
        keys: Issuing keys that this home holds.
        did: The DID that this home has made; None if its keys came from elsewhere: then they must
            stand under one DID only.
        now: Time of issuing.
        coming: Keys that an update of this home's DID names which may be on the ledger or not yet.

    Raises:
        RefusedError: ISSUER_UNKNOWN: no organisation lists one of the keys for issuing now, or
            KEY_NOT_AUTHORISED: which one is in force, or whose they are, cannot be known from what
            is held.
    """
    found = [
        (organisation, method)
        for organisation in belief.state.organisations.values()
        if did in (None, organisation.did)
        and (method := _signing_method(belief, organisation, keys, Purpose.ASSERTION, now)) is not None
    ]
    if len(found) > 1:
        # Anybody can list somebody else's key under his own DID.
        raise RefusedError(Reason.KEY_NOT_AUTHORISED, "several organisations list the keys of this home")
    for organisation, method in found:
        _refuse_overtaken(organisation, keys, coming)
        return IssuerName(
            did=organisation.did, key_id=method.id, key=method.key, key_added_at=method.added_at
        )
    raise RefusedError(
        Reason.ISSUER_UNKNOWN,
        "no organisation on the ledger has this issuing key",
        hint='make the DID ("vcred did create"), let an authority endorse and append it, then import a'
        ' newer bundle with "vcred trust import"',
    )


def find_status_key(
    belief: Belief,
    issuer: IssuerName,
    keys: Collection[PublicKey],
    *,
    now: datetime,
    coming: Collection[PublicKey] = (),
) -> MethodRecord:
    """Find under which method the issuer signs its status lists: the newest in force.

    Args as `find_issuer`.

    Raises:
        RefusedError: KEY_NOT_AUTHORISED: none of the keys is the issuer's for status lists, or
            which one is in force cannot be known from what is held.
    """
    organisation = belief.state.organisations[issuer.did]
    method = _signing_method(belief, organisation, keys, Purpose.STATUS, now)
    if method is None:
        raise RefusedError(Reason.KEY_NOT_AUTHORISED, "the ledger has no such status key for this issuer")
    _refuse_overtaken(organisation, keys, coming)
    return method


def _signing_method(
    belief: Belief, organisation: Organisation, keys: Collection[PublicKey], purpose: Purpose, now: datetime
) -> MethodRecord | None:
    # The log's clock may be a little ahead of this one.
    at = max(int(now.timestamp()), belief.state.logged_at)
    return signing_method(organisation.methods, keys, purpose=purpose, at=at)


def _refuse_overtaken(
    organisation: Organisation, keys: Collection[PublicKey], coming: Collection[PublicKey]
) -> None:
    """Refuse to sign with a key that may be retired: what it signs after that counts nowhere."""
    known = {method.key for method in organisation.methods}
    if set(keys) & (set(coming) - known):
        raise RefusedError(
            Reason.KEY_NOT_AUTHORISED,
            "new keys of this issuer are on their way to the ledger, and not in the bundle held here",
            hint='append the operation ("vcred did show" names it) unless that is done, publish the ledger'
            ' ("vcred ledger publish"), and import the newest bundle ("vcred trust import"); or give it up'
            ' with "vcred did rotate --discard"',
        )


def find_terms(belief: Belief, issuer: IssuerName, type_name: str, *, now: datetime) -> IssuingTerms:
    """Find under which terms the issuer may issue a type now.

    Args:
        type_name: The name of a type ("health-code"; the newest version that the issuer is
            accredited for), or a whole `vct`.

    Raises:
        RefusedError: TYPE_UNKNOWN, or ISSUER_NOT_ACCREDITED for it now.
        UsageError: Several publishers have a type of that name: the `vct` must be given.
    """
    candidates = [type_name] if ":" in type_name else belief.types_named(type_name)
    if not candidates:
        raise RefusedError(
            Reason.TYPE_UNKNOWN, "no type of that name is published", hint=_publish_hint(type_name)
        )
    granted = [
        (vct, accreditation)
        for vct in candidates
        if (accreditation := _accreditation(belief, issuer, vct, now)) is not None
    ]
    if not granted:
        raise RefusedError(
            Reason.ISSUER_NOT_ACCREDITED,
            "this issuer has no accreditation for the type now",
            hint='an authority grants it with "vcred ledger accredit"; then import a newer bundle',
        )
    if len({vct.rpartition("/")[0] for vct, _ in granted}) > 1:
        raise UsageError("several publishers have a type of that name", hint="give the whole vct")
    vct, accreditation = granted[-1]
    definition = belief.type_definition(vct)
    if definition is None:
        raise RefusedError(Reason.TYPE_UNKNOWN, "the definition of the type is not held")
    return IssuingTerms(
        issuer=issuer,
        vct=vct,
        definition=definition,
        status_base=_status_base(belief.organisation(issuer.did)),
        issued_at=issue_time(now, issuer, accreditation),
    )


def issue_time(now: datetime, issuer: IssuerName, accreditation: Accreditation) -> int:
    """Return the `iat` of credentials made now: the hour begun, so that it tells no two apart.

    Never before the accreditation or the key began: a verifier asks for both at `iat`.

    Spec: RFC 9901 section 10.1; threats ISS-14.
    """
    hour = int(now.timestamp()) // HOUR_SECONDS * HOUR_SECONDS
    return max(hour, accreditation.from_time, issuer.key_added_at)


def _publish_hint(type_name: str) -> str:
    if type_name in shipped_type_names():
        return f'an authority publishes it with "vcred type add {type_name}"; then import a newer bundle'
    return 'names are listed by "vcred type list"'


def _accreditation(belief: Belief, issuer: IssuerName, vct: str, now: datetime) -> Accreditation | None:
    at = int(now.timestamp())
    for accreditation in belief.accreditations(issuer.did, vct):
        if accreditation.covers(at) and accreditation.covers(issue_time(now, issuer, accreditation)):
            return accreditation
    return None


def _status_base(organisation: Organisation | None) -> str:
    if organisation is None or not organisation.latest.status_bases:
        raise RefusedError(
            Reason.STATUS_MISSING,
            "the issuer's DID document names no place for status lists",
            hint="nothing is issued that could not be taken back",
        )
    return organisation.latest.status_bases[-1]
