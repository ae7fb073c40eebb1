# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Status lists that are odd, and those that no bundle may carry: STA."""

from tools.verifier_vectors.book import Book, Held, held
from tools.verifier_vectors.editable import (
    edit,
)
from tools.verifier_vectors.scene import moment

from vcred.status.token_status_list import MEDIA_TYPE

STATUS = "Token Status List section 8.3; docs/spec/verdict.md, step 10"
BUNDLE = "docs/spec/trust-bundle.md, Import"
HOUR = moment(hours=1)


def add_status_lists(book: Book) -> None:
    """All of them."""
    _add_status_lists(book)
    _add_refused_lists(book)


def _add_status_lists(book: Book) -> None:
    for name in ("small", "1-bits", "4-bits", "8-bits"):
        book.accept_too(
            "live",
            f"status-list-{name}",
            f"A list of another shape that says the same: {name.replace('-', ' ')}.",
            bundles=held(f"status-{name}"),
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
            bundles=held(f"status-{name}"),
            spec=STATUS,
            covers=f"{covers} V15",
        )
    book.leave_open(
        "live",
        "sta-11-no-lists",
        "The bundle carries no status list.",
        "status_missing",
        bundles=held("without-status"),
        spec=STATUS,
        covers="STA-11 V15",
    )
    for name, comment in (("short", "valid"), ("short-revoked", "revoked")):
        book.leave_open(
            "after-an-hour",
            f"sta-12-{name}",
            f"The list, which says {comment}, has expired half an hour ago: it says nothing.",
            "stale",
            bundles=held(f"status-{name}"),
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
            bundles=held(f"status-{name}"),
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
