# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Evidence that is too old, from the future, or of somebody else: BND."""

from tools.verifier_vectors.book import Book, Held, held
from tools.verifier_vectors.scene import moment

BUNDLE = "docs/spec/trust-bundle.md, Import"
TIMELESS = "docs/spec/verdict.md, Timeless and absent"


def add_evidence(book: Book) -> None:
    """All of them."""
    _add_ages(book)
    _add_bundles(book)


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
        bundles=held("without-types"),
        spec="docs/spec/verdict.md, step 9",
        covers="BND-21",
    )
    book.refuse(
        "code-live",
        "bnd-21-code-type-content-missing",
        "The same as a code, which cannot even be unpacked without the type.",
        "type_unknown",
        bundles=held("without-types"),
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
            bundles=held(name),
            spec=f"{BUNDLE} step {step}",
            covers=row.upper(),
        )
