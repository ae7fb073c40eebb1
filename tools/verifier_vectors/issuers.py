# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Issuers and types that are not accredited, not recognised, or no longer: BND-05, 33, 34."""

from tests.world import START, Organisation
from tools.verifier_vectors.book import Book, Held, held
from tools.verifier_vectors.editable import (
    DROP,
    Change,
    Editable,
    edit,
    status_reference,
)
from tools.verifier_vectors.scene import moment

from vcred.did.operations import Purpose

LEDGER = "docs/spec/ledger-entries.md; docs/spec/verdict.md, step 9"
HOUR = moment(hours=1)


def add_issuers(book: Book) -> None:
    """All of them."""
    _add_issuers(book)
    _add_recognition(book)
    _add_withdrawals(book)


def _add_issuers(book: Book) -> None:
    scene = book.scene
    cases = {
        "unaccredited": (scene.unaccredited, "is on the ledger and accredited for nothing", "BND-33 V4"),
        "former": (scene.former, "was accredited until a minute ago", "BND-33 V4"),
        "coming": (scene.coming, "will be accredited in an hour", "BND-33 V4"),
    }
    for name, (organisation, comment, covers) in cases.items():
        book.refuse(
            "live",
            f"bnd-33-issuer-{name}",
            f"The issuer {comment}.",
            "issuer_not_accredited",
            change=_signed_by(organisation),
            spec=LEDGER,
            covers=covers,
        )
    book.refuse(
        "certificate",
        "bnd-33-other-type",
        "The issuer is accredited for other types, and not for this one.",
        "issuer_not_accredited",
        change=edit("payload", vct=scene.types["unaccredited-certificate"]),
        spec=LEDGER,
        covers="BND-33 V4",
    )
    book.refuse(
        "live",
        "bnd-33-extends",
        "The type that the issuer is accredited for, as the one that another type extends.",
        "issuer_not_accredited",
        change=_extending(scene.types["unaccredited-certificate"]),
        spec="SD-JWT VC, issuer authorization",
        covers="BND-33 V4",
    )

    def named(issuer: object) -> Change:
        def apply(parts: Editable) -> None:
            parts.payload["iss"] = issuer  # type: ignore[assignment]
            parts.header["kid"] = f"{issuer}#key"

        return apply

    strangers: dict[str, Change] = {
        "did": named("did:vcred:7bQvq3pZ1rWcU8yD2mT5nK9sXfLhJg4aEoVtYiBuRk6P"),
        "https": named("https://issuer.example"),
        "did-web": named("did:web:issuer.example"),
        "did-key": named("did:key:zDnaeXYZ"),
        "missing": edit("payload", iss=DROP),
    }
    for name, change in strangers.items():
        book.refuse(
            "live",
            f"bnd-05-issuer-{name}",
            f"An issuer whom this network does not know: {name.replace('-', ' ')}.",
            "issuer_unknown",
            change=change,
            spec="docs/spec/verdict.md, step 3",
            covers="BND-05 V3",
        )
    for name, value in (("is-a-list", [scene.world.issuer.did]), ("is-empty", ""), ("is-long", "d" * 4_097)):
        book.refuse(
            "live",
            f"bnd-05-issuer-{name}",
            f"iss is no name: {name.replace('-', ' ')}.",
            "malformed",
            change=edit("payload", iss=value),
            spec="RFC 7519 section 4.1.1",
            covers="V3",
        )


def _signed_by(organisation: Organisation) -> Change:
    """All that names the issuer names another one, and that one signs."""

    def apply(parts: Editable) -> None:
        parts.issuer = organisation.signer(Purpose.ASSERTION)
        parts.header["kid"] = organisation.key_id()
        parts.payload["iss"] = organisation.did
        status_reference(uri=organisation.status_base + "0")(parts)

    return apply


def _extending(vct: str) -> Change:
    def apply(parts: Editable) -> None:
        parts.payload["extends"] = parts.payload["vct"]
        parts.payload["aka_vcts"] = [parts.payload["vct"]]
        parts.payload["vct"] = vct

    return apply


def _add_recognition(book: Book) -> None:
    vct = book.scene.types["local-certificate"]
    book.refuse(
        "certificate",
        "bnd-33-not-recognised-here",
        "Guangdong has accredited the issuer for this type; Macao recognises other types.",
        "not_recognised",
        change=edit("payload", vct=vct),
        spec=LEDGER,
        covers="BND-33 V4",
    )
    book.refuse(
        "live",
        "bnd-33-jurisdiction-without-recognition",
        "A post of a jurisdiction that recognises nothing.",
        "not_recognised",
        policy={"jurisdiction": "HK"},
        spec=LEDGER,
        covers="BND-33",
    )
    book.refuse(
        "certificate",
        "bnd-33-recognised-for-challenge-only",
        "A live code of a type that Macao recognises for answers to a request only.",
        "not_recognised",
        change=edit("payload", vct=book.scene.types["challenge-certificate"]),
        spec=LEDGER,
        covers="BND-33",
    )
    book.refuse(
        "certificate",
        "bnd-33-required-claim-withheld",
        "Of a type that Macao recognises only with the award shown; it is withheld.",
        "not_recognised",
        change=edit("payload", vct=book.scene.types["award-certificate"]),
        spec=LEDGER,
        covers="BND-33 V20",
    )
    issued = int(START.timestamp()) - 3_601
    book.refuse(
        "recognised-recent",
        "bnd-33-issued-too-long-ago",
        "Of a type that Macao recognises for an hour after issuing; that was a second ago.",
        "not_recognised",
        change=edit("payload", iat=issued),
        spec=LEDGER,
        covers="BND-33",
    )
    book.refuse(
        "evidence-of-a-week",
        "bnd-33-recognition-over",
        "Of a type that Macao recognised until six days ago.",
        "not_recognised",
        change=edit("payload", vct=book.scene.types["ending-certificate"]),
        spec=LEDGER,
        covers="BND-33",
    )


def _add_withdrawals(book: Book) -> None:
    cases = {
        "accreditation-void": (
            "bnd-34",
            "The accreditation has been withdrawn, with effect void.",
            "issuer_not_accredited",
        ),
        "recognition-void": (
            "bnd-34",
            "The recognition has been withdrawn, with effect void.",
            "not_recognised",
        ),
    }
    for name, (row, comment, reason) in cases.items():
        book.refuse(
            "after-an-hour-updated",
            f"{row}-{name}",
            f"{comment} What was accepted before counts for nothing.",
            reason,
            bundles=(Held(bundle="basic"), Held(bundle=name, at=HOUR)),
            spec=LEDGER,
            covers="BND-34",
        )
    for name, what in (("accreditation-ceased", "accreditation"), ("recognition-ceased", "recognition")):
        book.accept_too(
            "after-an-hour-updated",
            f"withdrawn-{name}",
            f"The {what} has ceased; the credential was issued before that.",
            bundles=held(name, HOUR),
            spec=LEDGER,
            covers="BND-34",
        )
    book.accept_too(
        "live",
        "ignorable-entry",
        "The ledger has an entry of an unknown kind, marked ignorable.",
        bundles=held("ignorable-entry"),
        spec="docs/spec/ledger-entries.md, Unknown and invalid entries",
        covers="BND-33",
    )
    book.leave_open(
        "live",
        "bnd-33-unknown-entry",
        "The ledger has an entry that this version cannot judge.",
        "version_unsupported",
        bundles=held("unknown-entry"),
        spec="docs/spec/ledger-entries.md, Unknown and invalid entries",
        covers="BND-33",
    )
