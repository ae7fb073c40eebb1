# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Requests that are read: from whom, and how far a registration carries them."""

from dataclasses import replace
from datetime import timedelta

from tools.request_vectors.book import NOW, PARKING, Book, draft

KNOWN: dict[str, object] = {
    "standing": "registered",
    "name": {"en": "Hospital Conde"},
    "signature_verified": True,
    "purpose_registered": True,
}


def add_valid(book: Book) -> None:
    """Add every request that a wallet shows."""
    _registered(book)
    _unknown(book)
    _boundaries(book)


def _registered(book: Book) -> None:
    known = dict(KNOWN)
    town = book.town
    book.add("registered", "Asked as it is registered.", draft(town).text(), section=5, **known, excess=[])
    within = draft(town, claims=["match", "test.result"])
    book.add(
        "member-of-a-group", "A member is covered by its group.", within.text(), section=5, **known, excess=[]
    )
    shown = draft(town, claims=["colour", "valid_until", "match"])
    book.add(
        "always-shown",
        "What the type always shows is in no choice.",
        shown.text(),
        section=5,
        **known,
        excess=[],
    )
    more = draft(town, claims=["match", "identity", "vaccination"])
    excess = ["identity", "vaccination"]
    book.add(
        "excess", "More than is registered.", more.text(), section=5, covers="WAL-09", **known, excess=excess
    )
    parking = draft(town, claims=["match", "identity.region"], purpose=PARKING)
    book.add(
        "another-purpose-another-claims",
        "Claims that are registered for another purpose do not count for this one.",
        parking.text(),
        section=5,
        **known,
        excess=["match"],
    )
    wider = draft(town, claims=["identity"], purpose=PARKING)
    book.add(
        "group-of-a-registered-member",
        "A member does not cover its group.",
        wider.text(),
        section=5,
        **known,
        excess=["identity"],
    )
    chinese = draft(town, purpose="進入醫院")
    book.add(
        "purpose-in-chinese",
        "The purpose in another of its languages.",
        chinese.text(),
        section=5,
        **known,
        excess=[],
    )
    other = draft(town, purpose="Curiosity")
    book.add(
        "another-purpose",
        "A purpose that nobody registered.",
        other.text(),
        section=5,
        covers="WAL-09",
        **(known | {"purpose_registered": False}),
        excess=[],
    )


def _unknown(book: Book) -> None:
    unknown = {"standing": "unknown", "name": {}, "purpose_registered": False, "excess": ["match"]}
    town = book.town
    for name, by, verified, comment in (
        ("unregistered", town.nobody, True, "On the ledger, and registered for nothing."),
        ("withdrawn", town.former, True, "Its registration has ceased."),
        ("stranger", town.stranger, False, "Not on the ledger: nobody can tell who signed it."),
    ):
        book.add(
            name,
            comment,
            draft(town, by).text(),
            section=5,
            covers="WAL-09",
            **unknown,
            signature_verified=verified,
        )
    other = draft(town, type=town.world.vct.replace("health-code", "other-code"))
    comment = "Registered for another type."
    book.add("another-type", comment, other.text(), section=5, **unknown, signature_verified=True)
    key = draft(town, iss="did:web:gate.example")
    header = key.header | {"kid": "did:web:gate.example#key-1"}
    text = replace(key, header=header).text()
    book.add(
        "another-method", "A DID of another method.", text, section=5, **unknown, signature_verified=False
    )


def _boundaries(book: Book) -> None:
    known = dict(KNOWN)
    text = draft(book.town).text()
    for name, now, comment in (
        ("last-second", NOW + timedelta(seconds=299), "In its last second."),
        ("clock-behind", NOW - timedelta(seconds=60), "A wallet whose clock is 60 s behind."),
    ):
        book.add(name, comment, text, section=4, now=now, **known, excess=[])
    until = NOW + timedelta(days=1)
    at = int(until.timestamp())
    for name, iat, standing in (("until", at - 1, "registered"), ("until-over", at, "unknown")):
        asked = draft(book.town, iat=iat, exp=iat + 300)
        over = standing == "unknown"
        # The other registration, for another purpose, has no end.
        expected = known | {"purpose_registered": not over}
        book.add(
            name,
            "Asked in the second after its registration for this purpose." if over else "In its last second.",
            asked.text(),
            section=5,
            now=until,
            **expected,
            excess=["match"] if over else [],
        )
    limits = draft(book.town, claims=[f"a{n}" for n in range(32)], nonce="A" * 86, purpose="é" * 100)
    book.add(
        "many-claims",
        "32 claims, and a nonce of 64 bytes.",
        limits.text(),
        section=3,
        **(known | {"purpose_registered": False}),
        excess=[f"a{n}" for n in range(32)],
    )
