# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Disclosures that must not be believed: SDJ-09 to SDJ-22."""

from hashlib import sha256, sha512

from tools.verifier_vectors.book import Book
from tools.verifier_vectors.editable import (
    DROP,
    SALT,
    Change,
    Editable,
    digests_of,
    disclosing,
    edit,
    encode_disclosure,
    moving,
)

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.securing.sd_jwt.disclosure import digest_of

STEP_3 = "RFC 9901 section 7.1 step 3"

# A disclosed one is refused by its place; the check that needs it finds nothing in the payload.
_MOVED = {
    "exp": "disclosure_invalid",
    "status": "disclosure_invalid policy_unmet",
    "cnf": "disclosure_invalid key_binding_invalid",
}


def add_disclosures(book: Book) -> None:
    """All of them."""
    _add_malformed(book)
    _add_names(book)
    _add_controls(book)
    _add_hashes(book)
    _add_deep(book)


def _add_malformed(book: Book) -> None:
    objects: dict[str, JsonValue] = {
        "two-elements-for-a-claim": [SALT, "green"],
        "four-elements": [SALT, "extra", "green", 1],
        "one-element": [SALT],
        "empty-array": [],
        "an-object": {"salt": SALT, "name": "extra", "value": "green"},
        "a-string": "abc",
        "a-number": 3,
        "null": None,
        "salt-is-a-number": [1, "extra", "green"],
        "salt-is-null": [None, "extra", "green"],
        "name-is-a-number": [SALT, 1, "green"],
        "name-is-a-list": [SALT, ["extra"], "green"],
        "name-is-null": [SALT, None, "green"],
    }
    for name, value in objects.items():
        book.refuse(
            "live",
            f"sdj-10-{name}",
            f"A disclosure that the issuer's digest refers to, and is none: {name.replace('-', ' ')}.",
            "disclosure_invalid",
            change=disclosing(value),
            spec=STEP_3,
            covers="SDJ-10 V6",
        )

    def three_for_an_element(parts: Editable) -> None:
        element = encode_disclosure([SALT, "row", "first"])
        parts.disclosures.append(element)
        parts.payload["rows"] = [{"...": digest_of(element)}]

    book.refuse(
        "live",
        "sdj-09-three-elements-in-an-array",
        "A disclosure with a name for an element of an array.",
        "disclosure_invalid",
        change=three_for_an_element,
        spec=STEP_3,
        covers="SDJ-09 V6",
    )


def _add_names(book: Book) -> None:
    names = {
        "sdj-11-sd": ("_sd", ["digest"], "SDJ-11"),
        "sdj-11-dots": ("...", "digest", "SDJ-11"),
        "sdj-13-sd-alg": ("_sd_alg", "sha-256", "SDJ-13"),
        "sdj-13-shown-claim": ("colour", "red", "SDJ-13"),
        "sdj-13-disclosed-claim": ("match", {"name": "李小明"}, "SDJ-13"),
        "sdj-13-iss": ("iss", "did:vcred:other", "SDJ-13"),
        "sdj-13-nbf": ("nbf", 1, "SDJ-13"),
        "sdj-13-aud": ("aud", "https://elsewhere.example", "SDJ-13 V10"),
        "sdj-13-vct-integrity": ("vct#integrity", "sha256-AAAA", "SDJ-13"),
    }
    for name, (claim, value, covers) in names.items():
        book.refuse(
            "live",
            name,
            f"A disclosure of a claim named {claim}, which stands there already or may not be disclosed.",
            "disclosure_invalid",
            change=disclosing([SALT, claim, value]),  # type: ignore[list-item]
            spec="RFC 9901 section 7.1 step 3c; SD-JWT VC, registered claims",
            covers=f"{covers} V7",
        )
    for claim in ("exp", "status", "cnf"):
        book.refuse(
            "live",
            f"sdj-13-{claim}-moved",
            f"The issuer has put {claim} into a disclosure instead of the payload.",
            _MOVED[claim],
            change=moving(claim),
            spec="SD-JWT VC, registered claims",
            covers="SDJ-13 SDJ-19 V10",
        )


def _add_controls(book: Book) -> None:
    digest = digest_of("nothing")
    payloads: dict[str, JsonObject] = {
        "sd-is-text": {"inner": {"_sd": digest}},
        "sd-is-an-object": {"inner": {"_sd": {"0": digest}}},
        "sd-is-null": {"inner": {"_sd": None}},
        "sd-holds-a-number": {"inner": {"_sd": [1]}},
        "sd-holds-null": {"inner": {"_sd": [None]}},
        "dots-with-more": {"rows": [{"...": digest, "x": 1}]},
        "dots-in-an-object": {"inner": {"...": digest}},
        "dots-at-the-top": {"...": digest},
        "dots-is-a-number": {"rows": [{"...": 1}]},
        "dots-is-a-list": {"rows": [{"...": [digest]}]},
    }
    for name, members in payloads.items():
        book.refuse(
            "live",
            f"sdj-14-{name}",
            f"The issuer's payload uses a control name of SD-JWT wrongly: {name.replace('-', ' ')}.",
            "disclosure_invalid",
            change=lambda parts, more=members: parts.payload.update(more),  # type: ignore[misc]
            spec="RFC 9901 sections 4.2.4 and 7.1 step 3",
            covers="SDJ-14 V7",
        )
        book.refuse(
            "live",
            f"sdj-14-disclosed-{name}",
            f"The same inside a disclosed value: {name.replace('-', ' ')}.",
            "disclosure_invalid",
            change=disclosing([SALT, "extra", members]),
            spec="RFC 9901 sections 4.2.4 and 7.1 step 3",
            covers="SDJ-14 SDJ-15 V7",
        )


def _add_hashes(book: Book) -> None:
    def nested(parts: Editable) -> None:
        parts.payload["inner"] = {"_sd_alg": "sha-256"}

    for name, change in {
        "nested": nested,
        "disclosed": disclosing([SALT, "extra", {"_sd_alg": "sha-256"}]),
    }.items():
        book.refuse(
            "live",
            f"sdj-17-sd-alg-{name}",
            "_sd_alg below the top level.",
            "disclosure_invalid",
            change=change,
            spec="RFC 9901 section 4.1.1",
            covers="SDJ-17 V5",
        )
    for name in ("md5", "sha-1", "sha-512", "SHA-256", "sha256", ""):
        book.refuse(
            "live",
            f"sdj-18-sd-alg-{name.replace('SHA', 'upper-sha') or 'empty'}",
            f"Digests said to be made with {name or 'nothing'}.",
            "algorithm_not_allowed",
            change=edit("payload", _sd_alg=name),
            spec="RFC 9901 section 7.1 step 2e",
            covers="SDJ-18 V5",
        )
    for name, value in (("a-list", ["sha-256"]), ("null", None)):
        book.refuse(
            "live",
            f"sdj-18-sd-alg-{name}",
            "_sd_alg is not a text.",
            "algorithm_not_allowed",
            change=edit("payload", _sd_alg=value),
            spec="RFC 9901 section 7.1 step 2e",
            covers="SDJ-18 V5",
        )

    def sha_512(parts: Editable) -> None:
        digest = encode_base64url(sha512(parts.disclosures[0].encode()).digest())
        digests = digests_of(parts)
        digests[digests.index(digest_of(parts.disclosures[0]))] = digest

    def over_decoded(parts: Editable) -> None:
        digest = encode_base64url(sha256(decode_base64url(parts.disclosures[0])).digest())
        digests = digests_of(parts)
        digests[digests.index(digest_of(parts.disclosures[0]))] = digest

    for name, comment, change in (
        ("sha-512", "A digest made with SHA-512, under _sd_alg sha-256.", sha_512),
        ("over-the-json", "A digest over the JSON of a disclosure, not over its text.", over_decoded),
    ):
        book.refuse(
            "live",
            f"sdj-18-{name}",
            comment,
            "disclosure_invalid",
            change=change,
            spec="RFC 9901 section 4.2.3",
            covers="SDJ-18 V5 V9",
        )
    book.accept_too(
        "live",
        "sd-alg-absent",
        "Without _sd_alg the hash is SHA-256.",
        change=edit("payload", _sd_alg=DROP),
        spec="RFC 9901 section 4.1.1",
        covers="SDJ-18 V5",
    )


def _chain(length: int) -> Change:
    """Disclosures, each inside the one before."""

    def apply(parts: Editable) -> None:
        inner = encode_disclosure([SALT, "end", 1])
        chain = [inner]
        for number in range(length - 1):
            # The outermost is a claim that the type has.
            name = "vaccination" if number == length - 2 else f"level_{number}"
            inner = encode_disclosure([SALT, name, {"_sd": [digest_of(inner)]}])
            chain.insert(0, inner)
        digests_of(parts).append(digest_of(inner))
        parts.disclosures += chain

    return apply


def _add_deep(book: Book) -> None:
    book.accept_too(
        "live",
        "disclosures-8-deep",
        "Disclosures within disclosures, exactly as deep as the limit.",
        change=_chain(8),
        spec="RFC 9901 section 4.2.6",
        covers="SDJ-22",
    )
    for length in (9, 250):
        book.refuse(
            "live",
            f"sdj-22-{length}-deep",
            f"Disclosures within disclosures, {length} deep.",
            "limit_exceeded",
            change=_chain(length),
            spec="RFC 9901 section 4.2.6",
            covers="SDJ-22",
        )

    def many(parts: Editable) -> None:
        # Short texts that are no digests of anything: more than the limit of 2,048.
        parts.payload["rows"] = [{"...": f"{number:04}"} for number in range(2_048)]

    book.refuse(
        "live",
        "sdj-22-2049-digests",
        "More digests than the limit.",
        "limit_exceeded",
        change=many,
        spec="RFC 9901 section 7.1",
        covers="SDJ-22",
    )
