# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a status list says against a presentation: STA."""

from collections.abc import Callable

from tests.world import START
from tools.verifier_vectors.book import BASIC, Book, held
from tools.verifier_vectors.editable import (
    DROP,
    Change,
    Editable,
    edit,
    rewrite,
    status_reference,
)
from tools.verifier_vectors.scene import MEANINGLESS, REVOKED, SUSPENDED, moment

from vcred.qr.frame import encode_text
from vcred.qr.packing import pack

STATUS = "Token Status List section 8.3; docs/spec/verdict.md, step 10"
HOUR = moment(hours=1)


def add_status(book: Book) -> None:
    """All of them."""
    _add_status_claims(book)
    _add_status_values(book)


def _add_status_claims(book: Book) -> None:
    world = book.scene.world
    cases: dict[str, Change] = {
        "index-of-the-size": status_reference(idx=131_072),
        "index-far-outside": status_reference(idx=2**53 - 1),
        "index-negative": status_reference(idx=-1),
        "index-is-text": status_reference(idx="7"),
        "index-is-a-fraction": status_reference(idx=7.5),
        "index-is-true": status_reference(idx=True),
        "index-missing": status_reference(idx=DROP),
        "uri-missing": status_reference(uri=DROP),
        "uri-is-a-list": status_reference(uri=[world.status_uri()]),
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
        status_reference(idx=REVOKED)(parts)
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
        change=status_reference(uri=world.status_uri()[:-1] + "1"),
        spec=STATUS,
        covers="STA-11 V15",
    )
    book.refuse(
        "live",
        "sta-02-list-of-another-issuer",
        "The reference is to another issuer's list, which knows nothing of this credential.",
        "status_invalid",
        change=status_reference(uri=world.status_uri(world.mo_issuer)),
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
            change=status_reference(idx=index),
            spec=STATUS,
            covers="STA-10 V15",
        )
        book.refuse(
            "after-an-hour-updated",
            f"sta-10-{name}-since",
            f"The issuer has {name} it since, and the gate has the new list.",
            reason,
            bundles=held(f"status-{name}", HOUR),
            spec=STATUS,
            covers="STA-10 V15",
        )
        book.refuse(
            "code-live",
            f"sta-10-code-{name}",
            f"The same as a code: {name}.",
            reason,
            bundles=BASIC,
            after=_as_code(book, status_reference(idx=index)),
            spec=STATUS,
            covers="STA-10 V15",
        )
    book.leave_open(
        "live",
        "sta-10-meaningless",
        "The list says 3, which has no meaning.",
        "status_invalid",
        change=status_reference(idx=MEANINGLESS),
        spec=STATUS,
        covers="STA-10 V15",
    )
    book.leave_open(
        "after-an-hour-updated",
        "sta-10-meaningless-since",
        "The new list says 3, which has no meaning.",
        "status_invalid",
        bundles=held("status-meaningless", HOUR),
        spec=STATUS,
        covers="STA-10 V15",
    )

    def revoked_and_expired(parts: Editable) -> None:
        status_reference(idx=REVOKED)(parts)
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
        status_reference(idx=REVOKED)(parts)
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
