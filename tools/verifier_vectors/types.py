# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Credentials of no type, of another, or strange to their own: SDJ-21, SDJ-35."""

from tools.verifier_vectors.book import Book
from tools.verifier_vectors.editable import (
    DROP,
    SALT,
    Change,
    Editable,
    disclosing,
    edit,
    index_of,
    moving,
)


def add_types(book: Book) -> None:
    """All of them."""
    _add_types(book)
    _add_strange(book)


def _add_types(book: Book) -> None:
    vct = book.scene.types["health-code"]
    unknown: dict[str, str] = {
        "upper-case": vct.upper(),
        "trailing-slash": vct + "/",
        "next-version": vct[:-1] + "2",
        "https": "https://types.example/health-code",
        "other-publisher": vct.replace(book.scene.world.gd.did, book.scene.world.mo.did),
    }
    for name, value in unknown.items():
        book.refuse(
            "live",
            f"sdj-35-vct-{name}",
            f"A type that nobody has published: {name.replace('-', ' ')}.",
            "type_unknown policy_unmet",
            change=edit("payload", vct=value),
            spec="SD-JWT VC, vct; docs/spec/ledger-entries.md",
            covers="SDJ-35 V14",
        )
    for name, odd in {"missing": DROP, "list": [vct], "empty": "", "number": 1}.items():
        book.refuse(
            "live",
            f"sdj-35-vct-{name}",
            f"No type: vct is {name}.",
            "policy_unmet",
            change=edit("payload", vct=odd),
            spec="SD-JWT VC, vct",
            covers="SDJ-35 V14",
        )
    book.refuse(
        "live",
        "sdj-35-vct-not-taken-here",
        "A good health code at a post that takes certificates only.",
        "policy_unmet",
        policy={"accept": [{"type": ["professional-certificate"], "require": ["match"]}]},
        spec="docs/spec/verdict.md, step 11",
        covers="SDJ-35 V14",
    )
    book.refuse(
        "live",
        "sdj-21-withheld",
        "The post asks for a claim that the holder has withheld.",
        "policy_unmet",
        policy={"accept": [{"require": ["match", "vaccination"]}]},
        spec="RFC 9901 section 9.7; docs/spec/verdict.md, step 11",
        covers="SDJ-21 V10 V20",
    )
    book.refuse(
        "live",
        "sdj-21-match-withheld",
        "The holder withholds what the officer compares with a face and a document.",
        "policy_unmet",
        change=_without_match,
        spec="docs/spec/verdict.md, step 11",
        covers="SDJ-21",
    )
    book.refuse(
        "live",
        "sdj-21-other-value",
        "The post takes yellow and red only.",
        "policy_unmet",
        policy={"accept": [{"claims": {"colour": ["yellow", "red"]}}]},
        spec="docs/spec/verdict.md, step 11",
        covers="SDJ-21",
    )


def _add_strange(book: Book) -> None:
    """Rightly signed by an issuer who is accredited for the type, and no credential of it."""
    expires_at = book.editable("valid/live").payload["exp"]
    assert isinstance(expires_at, int)
    cases: dict[str, tuple[str, Change]] = {
        "claim": ("A claim that the type does not have.", edit("payload", religion="none")),
        "disclosed-claim": (
            "A disclosed claim that the type does not have.",
            disclosing([SALT, "religion", "none"]),
        ),
        "shown-claim-missing": (
            "A claim that the type always shows is missing.",
            edit("payload", colour=DROP),
        ),
        "shown-claim-withheld": ("A claim that the type always shows was to be withheld.", moving("colour")),
        "exp-after-the-claim": (
            "exp is later than the claim that says until when it is good.",
            edit("payload", exp=expires_at + 1),
        ),
        "claim-of-expiry-unreadable": (
            "The claim that gives exp is no time.",
            edit("payload", valid_until="soon"),
        ),
    }
    for name, (comment, change) in cases.items():
        book.refuse(
            "live",
            f"bnd-33-strange-{name}",
            comment,
            "policy_unmet",
            change=change,
            spec="docs/spec/verdict.md, step 11; docs/spec/types.md",
            covers="BND-33 V4",
        )
    book.accept_too(
        "live",
        "exp-before-the-claim",
        "exp is earlier than the claim that says until when it is good: that takes nothing from anybody.",
        change=edit("payload", exp=expires_at - 1),
        spec="docs/spec/verdict.md, step 11",
        covers="BND-33",
    )


def _without_match(parts: Editable) -> None:
    del parts.disclosures[index_of(parts, "match")]
