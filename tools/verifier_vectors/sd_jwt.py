# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Disclosures that must not be believed: SDJ-01 to SDJ-22, 34 and 35."""

import json
from collections.abc import Callable
from hashlib import sha256, sha512

from tools.verifier_vectors.book import Book
from tools.verifier_vectors.editable import (
    DROP,
    SALT,
    Change,
    Editable,
    disclosed_name,
    edit,
    encode_disclosure,
)

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.securing.sd_jwt.disclosure import digest_of

STEP_3 = "RFC 9901 section 7.1 step 3"
STEP_4 = "RFC 9901 section 7.1 step 4"
STEP_5 = "RFC 9901 section 7.1 step 5"


def add_sd_jwt(book: Book) -> None:
    """All of them."""
    _add_signature(book)
    _add_shape(book)
    _add_unreferenced(book)
    _add_repeated(book)
    _add_malformed(book)
    _add_names(book)
    _add_controls(book)
    _add_hashes(book)
    _add_deep(book)
    _add_types(book)
    _add_strange(book)


def _add_signature(book: Book) -> None:
    signature = decode_base64url(book.vectors["valid/live"].presentation.split("~")[0].split(".")[2])

    def kept(change: Change) -> Change:
        """The holder can make a new key binding, but only keep the issuer's signature."""

        def apply(parts: Editable) -> None:
            parts.issuer_signature = lambda _, __: signature
            change(parts)

        return apply

    def reordered(parts: Editable) -> None:
        members = json.dumps(dict(reversed(parts.header.items())), separators=(",", ":"))
        parts.rewrites["header"] = lambda _: members.encode()

    for name, comment, change in (
        (
            "payload",
            "The holder has changed the payload and kept the issuer's signature.",
            kept(edit("payload", colour="yellow")),
        ),
        (
            "header",
            "The header says the same in another order under the issuer's signature.",
            kept(reordered),
        ),
    ):
        book.refuse(
            "live",
            f"sdj-01-{name}",
            comment,
            "signature_invalid",
            change=change,
            spec="RFC 9901 section 7.1 step 2; RFC 7515 section 5.2",
            covers="SDJ-01 V2",
        )
    book.refuse(
        "live",
        "sdj-01-other-issuers-signature",
        "Signed by another issuer's key under this issuer's kid.",
        "signature_invalid",
        change=_signed_by_macao(book),
        spec="RFC 9901 section 7.1 step 2",
        covers="SDJ-01 V2 V3",
    )


def _signed_by_macao(book: Book) -> Change:
    other, _ = book.signers["valid/domestic"]

    def apply(parts: Editable) -> None:
        parts.issuer = other

    return apply


def _add_shape(book: Book) -> None:
    def without_last(text: str) -> str:
        head, _, binding = text.rpartition("~")
        return head + binding

    cases: dict[str, Callable[[str], str]] = {
        "last-tilde-missing": lambda text: text.rpartition("~")[0],
        "binding-joined": without_last,
        "empty-disclosure": lambda text: text.replace("~", "~~", 1),
        "two-bindings": lambda text: f"{text}~{text.rpartition('~')[2]}",
        "binding-then-tilde": lambda text: text + "~",
        "no-issuer-part": lambda text: text[text.index("~") :],
        "only-a-tilde": lambda _: "~",
        "only-the-issuer-part": lambda text: text[: text.index("~")],
        "line-end": lambda text: text + "\n",
        "space-before": lambda text: " " + text,
    }
    for name, after in cases.items():
        book.refuse(
            "live",
            f"sdj-03-{name}",
            f"Not the shape of an SD-JWT+KB: {name.replace('-', ' ')}.",
            "malformed",
            after=after,
            spec="RFC 9901 section 4",
            covers="SDJ-03 V13",
        )
    book.refuse(
        "paper",
        "sdj-03-binding-where-none-belongs",
        "A key binding on a credential that is bound to no key.",
        "key_binding_invalid",
        after=lambda text: text + book.vectors["valid/live"].presentation.rpartition("~")[2],
        spec="RFC 9901 sections 4 and 7.3",
        covers="SDJ-03 V13 V11",
    )


def _add_unreferenced(book: Book) -> None:
    def stranger(parts: Editable) -> None:
        parts.disclosures.append(encode_disclosure([SALT, "colour_too", "green"]))

    def stranger_element(parts: Editable) -> None:
        parts.disclosures.append(encode_disclosure([SALT, "green"]))

    def childless(parts: Editable) -> None:
        del parts.disclosures[_index(parts, "identity")]

    def twice(parts: Editable) -> None:
        parts.disclosures.append(parts.disclosures[0])

    def respelt(parts: Editable) -> None:
        # The same array with a space in it: another text, which no digest refers to.
        array = decode_base64url(parts.disclosures[0]).replace(b",", b", ", 1)
        parts.disclosures[0] = encode_base64url(array)

    cases = (
        ("sdj-02-not-referenced", "live", stranger, "A disclosure that no digest refers to.", "SDJ-02 V9"),
        (
            "sdj-02-element-not-referenced",
            "live",
            stranger_element,
            "An element nobody refers to.",
            "SDJ-02 V9",
        ),
        ("sdj-02-respelt", "live", respelt, "A disclosure in another spelling than was hashed.", "SDJ-02 V9"),
        ("sdj-07-child-alone", "member-of-a-group", childless, "A child without its parent.", "SDJ-07 V9"),
        ("sdj-07-twice", "live", twice, "One disclosure sent twice.", "SDJ-07 V9 V8"),
    )
    for name, base, change, comment, covers in cases:
        book.refuse(base, name, comment, "disclosure_invalid", change=change, spec=STEP_5, covers=covers)


def _index(parts: Editable, name: str) -> int:
    return next(i for i, text in enumerate(parts.disclosures) if disclosed_name(text) == name)


def _digests(parts: Editable) -> list[JsonValue]:
    digests = parts.payload["_sd"]
    assert isinstance(digests, list)
    return digests


def _add_repeated(book: Book) -> None:
    def in_one_array(parts: Editable) -> None:
        _digests(parts).append(digest_of(parts.disclosures[0]))

    def withheld_twice(parts: Editable) -> None:
        shown = {digest_of(text) for text in parts.disclosures}
        _digests(parts).append(next(d for d in _digests(parts) if d not in shown))

    def in_two_objects(parts: Editable) -> None:
        parts.payload["inner"] = {"_sd": [digest_of(parts.disclosures[0])]}

    def in_an_element(parts: Editable) -> None:
        parts.payload["rows"] = [{"...": digest_of(parts.disclosures[0])}]

    def in_two_elements(parts: Editable) -> None:
        element = encode_disclosure([SALT, "row"])
        parts.disclosures.append(element)
        parts.payload["rows"] = [{"...": digest_of(element)}, {"...": digest_of(element)}]

    def in_a_disclosure(parts: Editable) -> None:
        parts.add_disclosure([SALT, "inner", {"_sd": [digest_of(parts.disclosures[0])]}])

    def in_a_disclosed_element(parts: Editable) -> None:
        parts.add_disclosure([SALT, "rows", [[{"...": digest_of(parts.disclosures[0])}]]])

    cases = (
        ("sdj-05-in-one-array", in_one_array, "A digest twice in one array.", "SDJ-05"),
        ("sdj-05-withheld", withheld_twice, "A digest twice, disclosed neither time.", "SDJ-05"),
        ("sdj-05-in-two-objects", in_two_objects, "A digest in two objects.", "SDJ-05"),
        ("sdj-05-in-array-and-object", in_an_element, "A digest in an object and an array.", "SDJ-05"),
        ("sdj-05-in-two-elements", in_two_elements, "A digest for two elements of an array.", "SDJ-05"),
        ("sdj-06-in-a-disclosure", in_a_disclosure, "A digest again inside a disclosure.", "SDJ-06"),
        (
            "sdj-06-in-a-disclosed-array",
            in_a_disclosed_element,
            "The same, in an array in an array.",
            "SDJ-06",
        ),
    )
    for name, change, comment, covers in cases:
        book.refuse(
            "live", name, comment, "disclosure_invalid", change=change, spec=STEP_4, covers=f"{covers} V8"
        )


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
            change=_disclosing(value),
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


def _disclosing(value: JsonValue) -> Change:
    def apply(parts: Editable) -> None:
        parts.add_disclosure(value)

    return apply


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
            change=_disclosing([SALT, claim, value]),  # type: ignore[list-item]
            spec="RFC 9901 section 7.1 step 3c; SD-JWT VC, registered claims",
            covers=f"{covers} V7",
        )
    for claim in ("exp", "status", "cnf"):
        book.refuse(
            "live",
            f"sdj-13-{claim}-moved",
            f"The issuer has put {claim} into a disclosure instead of the payload.",
            _MOVED[claim],
            change=_moving(claim),
            spec="SD-JWT VC, registered claims",
            covers="SDJ-13 SDJ-19 V10",
        )


# A disclosed one is refused by its place; the check that needs it finds nothing in the payload.
_MOVED = {
    "exp": "disclosure_invalid",
    "status": "disclosure_invalid policy_unmet",
    "cnf": "disclosure_invalid key_binding_invalid",
}


def _moving(claim: str) -> Change:
    def apply(parts: Editable) -> None:
        parts.add_disclosure([SALT, claim, parts.payload.pop(claim)])

    return apply


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
            change=_disclosing([SALT, "extra", members]),
            spec="RFC 9901 sections 4.2.4 and 7.1 step 3",
            covers="SDJ-14 SDJ-15 V7",
        )


def _add_hashes(book: Book) -> None:
    def nested(parts: Editable) -> None:
        parts.payload["inner"] = {"_sd_alg": "sha-256"}

    for name, change in {
        "nested": nested,
        "disclosed": _disclosing([SALT, "extra", {"_sd_alg": "sha-256"}]),
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
        digests = _digests(parts)
        digests[digests.index(digest_of(parts.disclosures[0]))] = digest

    def over_decoded(parts: Editable) -> None:
        digest = encode_base64url(sha256(decode_base64url(parts.disclosures[0])).digest())
        digests = _digests(parts)
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
        _digests(parts).append(digest_of(inner))
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
            _disclosing([SALT, "religion", "none"]),
        ),
        "shown-claim-missing": (
            "A claim that the type always shows is missing.",
            edit("payload", colour=DROP),
        ),
        "shown-claim-withheld": ("A claim that the type always shows was to be withheld.", _moving("colour")),
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
    del parts.disclosures[_index(parts, "match")]
