# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Too early and too late, to the second: JOS-26, SDJ-19, SDJ-29, QR-06, QR-10."""

from tests.world import START
from tools.verifier_vectors.book import Book
from tools.verifier_vectors.editable import DROP, edit
from tools.verifier_vectors.positives import request
from tools.verifier_vectors.scene import moment

NOW = int(START.timestamp())
SKEW = 60
VALIDITY = "RFC 7519 section 4.1; docs/spec/verdict.md, step 7"
WINDOW = "RFC 9901 section 7.3 step 5; docs/spec/verdict.md, Binding"


def add_times(book: Book) -> None:
    """All of them; on each boundary the last second that is good, and the first that is not."""
    _add_validity(book)
    _add_live(book)
    _add_challenge(book)


def _add_validity(book: Book) -> None:
    # Expired when now - skew >= exp: the second that exp names is no longer good.
    good: dict[str, dict[str, object]] = {
        "exp-within-skew": {"exp": NOW - SKEW + 1},
        "nbf-within-skew": {"nbf": NOW + SKEW},
        "iat-within-skew": {"iat": NOW + SKEW},
    }
    for name, members in good.items():
        comment = f"At the last second at which the policy's clock skew of 60 s bears it: {name[:3]}."
        book.accept_too(
            "live", name, comment, change=edit("payload", **members), spec=VALIDITY, covers="JOS-26 V10"
        )
    bad: dict[str, tuple[dict[str, object], str]] = {
        "exp": ({"exp": NOW - SKEW}, "expired"),
        "exp-a-second-more": ({"exp": NOW - SKEW - 1}, "expired"),
        "exp-a-year": ({"exp": NOW - 31_536_000}, "expired"),
        "exp-zero": ({"exp": 0}, "expired"),
        "nbf": ({"nbf": NOW + SKEW + 1}, "not_yet_valid"),
        "nbf-a-year": ({"nbf": NOW + 31_536_000}, "not_yet_valid"),
        "iat": ({"iat": NOW + SKEW + 1}, "not_yet_valid"),
    }
    for name, (members, reason) in bad.items():
        book.refuse(
            "live",
            f"jos-26-{name}",
            f"Beyond the clock skew: {name.replace('-', ' ')}.",
            reason,
            change=edit("payload", **members),
            spec=VALIDITY,
            covers="JOS-26 SDJ-19 V10",
        )
    for name in ("exp", "iat"):
        book.refuse(
            "live",
            f"sdj-19-{name}-missing",
            f"A credential without {name}, of a type that has it.",
            "policy_unmet",
            change=edit("payload", **{name: DROP}),
            spec="RFC 9901 sections 7.1 step 6 and 9.7",
            covers="SDJ-19 V10",
        )


def _add_live(book: Book) -> None:
    for name, age in (("60-s-old", 60), ("30-s-ahead", -30)):
        book.accept_too(
            "live",
            f"live-{name}",
            f"A live code at the edge of its window: {name.replace('-', ' ')}.",
            change=edit("binding", iat=NOW - age),
            spec=WINDOW,
            covers="QR-06 QR-10 SDJ-29",
        )
    for name, age, reason in (
        ("61-s-old", 61, "replayed"),
        ("an-hour-old", 3_600, "replayed"),
        ("a-year-old", 31_536_000, "replayed"),
        ("of-1970", NOW, "replayed"),
        ("31-s-ahead", -31, "not_yet_valid"),
        ("a-year-ahead", -31_536_000, "not_yet_valid"),
    ):
        book.refuse(
            "live",
            f"qr-06-live-{name}",
            f"A live code outside its window, at a post with 60 s of skew: {name.replace('-', ' ')}.",
            reason,
            change=edit("binding", iat=NOW - age),
            spec=WINDOW,
            covers="QR-06 QR-10 SDJ-29 V12",
        )
    book.refuse(
        "live",
        "qr-06-live-shown-again-later",
        "A picture of a live code, shown a minute and a second later.",
        "replayed",
        now=moment(seconds=61),
        spec=WINDOW,
        covers="QR-06",
    )


def _add_challenge(book: Book) -> None:
    long = request(book.scene.world, expires_at=NOW + 600)
    book.accept_too(
        "challenge",
        "challenge-with-a-longer-request",
        "A request that lasts longer than the window of an answer.",
        request=long,
        spec=WINDOW,
        covers="QR-10",
    )
    base = "challenge"
    for name, age in (("300-s-old", 300), ("30-s-ahead", -30)):
        book.accept_too(
            base,
            f"challenge-{name}",
            f"An answer at the edge of its window: {name.replace('-', ' ')}.",
            change=edit("binding", iat=NOW - age),
            spec=WINDOW,
            covers="QR-10 SDJ-29",
        )
    for name, age, reason in (("301-s-old", 301, "replayed"), ("31-s-ahead", -31, "not_yet_valid")):
        book.refuse(
            base,
            f"qr-10-challenge-{name}",
            f"An answer outside its window: {name.replace('-', ' ')}.",
            reason,
            change=edit("binding", iat=NOW - age),
            spec=WINDOW,
            covers="QR-10 SDJ-29 V12",
        )
    issued_at = NOW - 300
    book.accept_too(
        base,
        "challenge-request-in-its-last-second",
        "The request ends in a second.",
        request=request(book.scene.world, issued_at=issued_at, expires_at=NOW + 1),
        spec=WINDOW,
        covers="QR-10",
    )
    book.refuse(
        base,
        "qr-10-request-over",
        "The request has ended with this second.",
        "request_expired",
        request=request(book.scene.world, issued_at=issued_at, expires_at=NOW),
        spec=WINDOW,
        covers="QR-10 V16",
    )
