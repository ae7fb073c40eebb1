# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the ledger, the bundle and the status lists say against a presentation: STA and BND."""

from collections.abc import Callable
from datetime import datetime

from tests.world import START, Organisation
from tools.verifier_vectors.book import BASIC, Book, Held
from tools.verifier_vectors.editable import DROP, Change, Editable, edit, rewrite
from tools.verifier_vectors.scene import MEANINGLESS, REVOKED, SUSPENDED, moment

from vcred.did.operations import Purpose
from vcred.qr.frame import encode_text
from vcred.qr.packing import pack
from vcred.status.token_status_list import MEDIA_TYPE

STATUS = "Token Status List section 8.3; docs/spec/verdict.md, step 10"
LEDGER = "docs/spec/ledger-entries.md; docs/spec/verdict.md, step 9"
BUNDLE = "docs/spec/trust-bundle.md, Import"
TIMELESS = "docs/spec/verdict.md, Timeless and absent"
HOUR = moment(hours=1)


def add_evidence(book: Book) -> None:
    """All of them."""
    _add_status_claims(book)
    _add_status_values(book)
    _add_status_lists(book)
    _add_refused_lists(book)
    _add_issuers(book)
    _add_recognition(book)
    _add_withdrawals(book)
    _add_ages(book)
    _add_bundles(book)


def _held(name: str, at: datetime = START) -> tuple[Held, ...]:
    return (Held(bundle=name, at=at),)


def _reference(**members: object) -> Change:
    def apply(parts: Editable) -> None:
        status = parts.payload["status"]
        assert isinstance(status, dict) and isinstance(status["status_list"], dict)
        changed = {**status["status_list"], **members}
        kept = {name: value for name, value in changed.items() if value is not DROP}
        parts.payload["status"] = {"status_list": kept}  # type: ignore[dict-item]

    return apply


def _add_status_claims(book: Book) -> None:
    world = book.scene.world
    cases: dict[str, Change] = {
        "index-of-the-size": _reference(idx=131_072),
        "index-far-outside": _reference(idx=2**53 - 1),
        "index-negative": _reference(idx=-1),
        "index-is-text": _reference(idx="7"),
        "index-is-a-fraction": _reference(idx=7.5),
        "index-is-true": _reference(idx=True),
        "index-missing": _reference(idx=DROP),
        "uri-missing": _reference(uri=DROP),
        "uri-is-a-list": _reference(uri=[world.status_uri()]),
        "other-mechanism": edit("payload", status={"bitstring": {"index": 7}}),
        "empty": edit("payload", status={}),
    }
    for name, change in cases.items():
        book.refuse(
            "live",
            f"sta-05-{name}",
            f"A status reference that refers to nothing: {name.replace('-', ' ')}.",
            "status_invalid",
            change=change,
            spec=STATUS,
            covers=("STA-11" if name in {"other-mechanism", "empty"} else "STA-05") + " V15",
        )
    book.refuse(
        "live",
        "sta-05-index-of-2-to-64",
        "An index that no JSON number can hold.",
        "malformed",
        change=rewrite("payload", lambda data: data.replace(b'"idx":7', b'"idx":18446744073709551616')),
        spec=STATUS,
        covers="STA-05 V15",
    )
    book.refuse(
        "live",
        "sta-11-missing",
        "No status reference, and the policy asks for one.",
        "policy_unmet",
        change=edit("payload", status=DROP),
        spec=STATUS,
        covers="STA-11 V15",
    )
    book.refuse(
        "live",
        "sta-11-null",
        "The status reference is null.",
        "malformed",
        change=edit("payload", status=None),
        spec=STATUS,
        covers="STA-11 V15",
    )

    def two(parts: Editable) -> None:
        _reference(idx=REVOKED)(parts)
        parts.payload["status"] = {**parts.payload["status"], "bitstring": {"index": 1}}  # type: ignore[dict-item]

    book.refuse(
        "live",
        "sta-11-two-mechanisms",
        "Two mechanisms, and by the one that can be asked here it is revoked.",
        "revoked",
        change=two,
        spec=STATUS,
        covers="STA-11 V15",
    )
    book.leave_open(
        "live",
        "sta-11-second-mechanism",
        "Two mechanisms: by one it is good, the other cannot be asked.",
        "status_invalid",
        change=_beside,
        spec=STATUS,
        covers="STA-11 V15",
    )
    book.leave_open(
        "live",
        "sta-11-another-list",
        "The reference is to a list of the issuer that the bundle does not carry.",
        "status_missing",
        change=_reference(uri=world.status_uri()[:-1] + "1"),
        spec=STATUS,
        covers="STA-11 V15",
    )
    book.refuse(
        "live",
        "sta-02-list-of-another-issuer",
        "The reference is to another issuer's list, which knows nothing of this credential.",
        "status_invalid",
        change=_reference(uri=world.status_uri(world.mo_issuer)),
        spec=STATUS,
        covers="STA-02 V15",
    )


def _beside(parts: Editable) -> None:
    status = parts.payload["status"]
    assert isinstance(status, dict)
    parts.payload["status"] = {**status, "bitstring": {"index": 1}}


def _add_status_values(book: Book) -> None:
    for name, index, reason in (("revoked", REVOKED, "revoked"), ("suspended", SUSPENDED, "suspended")):
        book.refuse(
            "live",
            f"sta-10-{name}",
            f"The list says {name}.",
            reason,
            change=_reference(idx=index),
            spec=STATUS,
            covers="STA-10 V15",
        )
        book.refuse(
            "after-an-hour-updated",
            f"sta-10-{name}-since",
            f"The issuer has {name} it since, and the gate has the new list.",
            reason,
            bundles=_held(f"status-{name}", HOUR),
            spec=STATUS,
            covers="STA-10 V15",
        )
        book.refuse(
            "code-live",
            f"sta-10-code-{name}",
            f"The same as a code: {name}.",
            reason,
            bundles=BASIC,
            after=_as_code(book, _reference(idx=index)),
            spec=STATUS,
            covers="STA-10 V15",
        )
    book.leave_open(
        "live",
        "sta-10-meaningless",
        "The list says 3, which has no meaning.",
        "status_invalid",
        change=_reference(idx=MEANINGLESS),
        spec=STATUS,
        covers="STA-10 V15",
    )
    book.leave_open(
        "after-an-hour-updated",
        "sta-10-meaningless-since",
        "The new list says 3, which has no meaning.",
        "status_invalid",
        bundles=_held("status-meaningless", HOUR),
        spec=STATUS,
        covers="STA-10 V15",
    )

    def revoked_and_expired(parts: Editable) -> None:
        _reference(idx=REVOKED)(parts)
        parts.payload["exp"] = int(START.timestamp()) - 3_600

    book.refuse(
        "live",
        "sta-01-expired-and-revoked",
        "Expired and revoked: both are said, the expiry first.",
        "expired revoked",
        change=revoked_and_expired,
        spec=STATUS,
        covers="STA-01 V15",
    )

    def forged_and_revoked(parts: Editable) -> None:
        _reference(idx=REVOKED)(parts)
        parts.issuer_signature = lambda _, __: bytes(range(1, 65))

    book.refuse(
        "live",
        "sta-01-forged-and-revoked",
        "Not signed by the issuer: whether it is revoked is not asked.",
        "signature_invalid",
        change=forged_and_revoked,
        spec=STATUS,
        covers="STA-01 V15",
    )


def _as_code(book: Book, change: Change) -> Callable[[str], str]:
    def after(_: str) -> str:
        parts = book.editable("valid/live")
        change(parts)
        return encode_text(pack(parts.text(), book.scene.world.belief()))

    return after


def _add_status_lists(book: Book) -> None:
    for name in ("small", "1-bits", "4-bits", "8-bits"):
        book.accept_too(
            "live",
            f"status-list-{name}",
            f"A list of another shape that says the same: {name.replace('-', ' ')}.",
            bundles=_held(f"status-{name}"),
            spec="Token Status List section 4",
            covers="STA-07 STA-13",
        )
    cases = {
        "bomb": ("64 MiB of zeros in a few bytes", "STA-14"),
        "trailing": ("something behind the compressed list", "STA-14"),
        "truncated": ("a list cut short", "STA-14"),
        "not-zlib": ("not compressed at all", "STA-14"),
    }
    for name, (comment, covers) in cases.items():
        book.leave_open(
            "live",
            f"sta-14-{name}",
            f"A genuine list that cannot be read: {comment}.",
            "status_invalid",
            bundles=_held(f"status-{name}"),
            spec=STATUS,
            covers=f"{covers} V15",
        )
    book.leave_open(
        "live",
        "sta-11-no-lists",
        "The bundle carries no status list.",
        "status_missing",
        bundles=_held("without-status"),
        spec=STATUS,
        covers="STA-11 V15",
    )
    for name, comment in (("short", "valid"), ("short-revoked", "revoked")):
        book.leave_open(
            "after-an-hour",
            f"sta-12-{name}",
            f"The list, which says {comment}, has expired half an hour ago: it says nothing.",
            "stale",
            bundles=_held(f"status-{name}"),
            spec=STATUS,
            covers="STA-01 STA-12 V15",
        )


def _add_refused_lists(book: Book) -> None:
    """Lists that nobody on the ledger may have signed: the whole bundle is refused."""
    cases = {
        "signature": ("its signature is broken", "STA-02"),
        "other-uri": ("it is for the list of another issuer", "STA-02"),
        "other-issuers-key": ("another issuer has signed it", "STA-02"),
        "credential-key": ("it is signed by the key for credentials", "STA-02"),
        "alg-none": ("it is not signed", "STA-03 JOS-01"),
        "typ-jwt": ("its typ is JWT", "STA-03 JOS-11"),
        "typ-credential": ("its typ is that of a credential", "STA-03 JOS-11"),
        "0-bits": ("it has 0 bits to an entry", "STA-06"),
        "3-bits": ("it has 3 bits to an entry", "STA-06"),
        "16-bits": ("it has 16 bits to an entry", "STA-06"),
    }
    for name, (comment, covers) in cases.items():
        book.refuse_import(
            "live",
            f"{covers.split()[0].lower()}-import-{name}",
            f"A bundle with a status list that is none: {comment}.",
            "status_invalid",
            bundles=_held(f"status-{name}"),
            spec=f"{BUNDLE} step 7",
            covers=f"{covers} V15",
        )
    book.refuse_import(
        "after-an-hour-updated",
        "sta-09-older-list",
        "An older genuine bundle after a newer one: revoked credentials would come back.",
        "rollback",
        bundles=(Held(bundle="next", at=HOUR), Held(bundle="basic", at=HOUR)),
        spec=f"{BUNDLE} steps 6 and 7",
        covers="STA-09",
    )
    header = edit("header", typ=MEDIA_TYPE)
    book.refuse(
        "live",
        "sta-03-credential-as-list",
        "A credential that says it is a status list.",
        "media_type_wrong",
        change=header,
        spec="RFC 8725 section 3.11",
        covers="STA-03 JOS-11",
    )


def _signed_by(organisation: Organisation) -> Change:
    """All that names the issuer names another one, and that one signs."""

    def apply(parts: Editable) -> None:
        parts.issuer = organisation.signer(Purpose.ASSERTION)
        parts.header["kid"] = organisation.key_id()
        parts.payload["iss"] = organisation.did
        _reference(uri=organisation.status_base + "0")(parts)

    return apply


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
            bundles=_held(name, HOUR),
            spec=LEDGER,
            covers="BND-34",
        )
    book.accept_too(
        "live",
        "ignorable-entry",
        "The ledger has an entry of an unknown kind, marked ignorable.",
        bundles=_held("ignorable-entry"),
        spec="docs/spec/ledger-entries.md, Unknown and invalid entries",
        covers="BND-33",
    )
    book.leave_open(
        "live",
        "bnd-33-unknown-entry",
        "The ledger has an entry that this version cannot judge.",
        "version_unsupported",
        bundles=_held("unknown-entry"),
        spec="docs/spec/ledger-entries.md, Unknown and invalid entries",
        covers="BND-33",
    )


def _add_ages(book: Book) -> None:
    book.leave_open(
        "evidence-of-a-week",
        "bnd-13-trust-a-second-too-old",
        "The trust bundle is older than the policy allows by a second.",
        "stale",
        policy={"max_trust_age": "604799s", "max_status_age": {"default": "30d"}},
        spec=TIMELESS,
        covers="BND-13",
    )
    book.leave_open(
        "evidence-of-a-week",
        "bnd-13-status-a-second-too-old",
        "The status list is older than the policy allows by a second.",
        "stale",
        policy={"max_trust_age": "30d", "max_status_age": {"default": "604799s"}},
        spec=TIMELESS,
        covers="BND-13 STA-19",
    )
    book.leave_open(
        "after-a-day",
        "bnd-13-trust-a-day-old",
        "A bundle of a day, at a post that allows an hour.",
        "stale",
        policy={"max_trust_age": "1h"},
        spec=TIMELESS,
        covers="BND-13",
    )
    book.leave_open(
        "after-a-day",
        "sta-19-status-a-second-too-old",
        "The status list of a health code is older than the policy allows by a second.",
        "stale",
        policy={"max_status_age": {"default": "7d", "health-code": "86399s"}},
        spec=TIMELESS,
        covers="BND-13 STA-19",
    )
    for name, days in (("after-two-days", 2), ("after-a-year", 365)):
        book.leave_open(
            "after-a-day",
            f"bnd-14-clock-before-the-bundle-{name}",
            "The gate has imported a bundle that is newer than its clock: the clock has been set back.",
            "clock_unreliable",
            bundles=(Held(bundle="basic"), Held(bundle=name, at=moment(days=days))),
            spec="docs/spec/trust-bundle.md, Times",
            covers="BND-14",
        )
    book.refuse_import(
        "after-a-day",
        "bnd-15-bundle-ahead-of-the-clock",
        "A bundle dated a day ahead of the gate's clock; the time floor does not move.",
        "not_yet_valid",
        bundles=(Held(bundle="basic"), Held(bundle="after-two-days", at=moment(days=1))),
        spec=f"{BUNDLE} step 5",
        covers="BND-15",
    )


def _add_bundles(book: Book) -> None:
    book.refuse(
        "live",
        "bnd-21-type-content-missing",
        "The type is published, and the bundle does not carry its content.",
        "type_unknown policy_unmet",
        bundles=_held("without-types"),
        spec="docs/spec/verdict.md, step 9",
        covers="BND-21",
    )
    book.refuse(
        "code-live",
        "bnd-21-code-type-content-missing",
        "The same as a code, which cannot even be unpacked without the type.",
        "type_unknown",
        bundles=_held("without-types"),
        spec="docs/spec/qr.md; docs/spec/verdict.md, step 9",
        covers="BND-21",
    )
    cases = {
        "other-network": (
            "bnd-05",
            "The bundle of another network, with another genesis.",
            "issuer_unknown",
            "3",
        ),
        "one-witness": ("bnd-02", "Cosigned by the witness of one jurisdiction only.", "quorum_missing", "5"),
        "entry-missing": ("bnd-22", "The last entry is left out.", "bundle_inconsistent", "4"),
    }
    for name, (row, comment, reason, step) in cases.items():
        book.refuse_import(
            "live",
            f"{row}-import-{name}",
            comment,
            reason,
            bundles=_held(name),
            spec=f"{BUNDLE} step {step}",
            covers=row.upper(),
        )
