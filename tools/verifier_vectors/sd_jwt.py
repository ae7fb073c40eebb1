# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""SD-JWTs of the wrong shape, forged, or with something that nobody referred to: SDJ-01 to SDJ-07."""

import json
from collections.abc import Callable

from tools.verifier_vectors.book import Book
from tools.verifier_vectors.editable import (
    SALT,
    Change,
    Editable,
    digests_of,
    edit,
    encode_disclosure,
    index_of,
)

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.securing.sd_jwt.disclosure import digest_of

STEP_4 = "RFC 9901 section 7.1 step 4"
STEP_5 = "RFC 9901 section 7.1 step 5"


def add_sd_jwt(book: Book) -> None:
    """All of them."""
    _add_signature(book)
    _add_shape(book)
    _add_unreferenced(book)
    _add_repeated(book)


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
        del parts.disclosures[index_of(parts, "identity")]

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


def _add_repeated(book: Book) -> None:
    def in_one_array(parts: Editable) -> None:
        digests_of(parts).append(digest_of(parts.disclosures[0]))

    def withheld_twice(parts: Editable) -> None:
        shown = {digest_of(text) for text in parts.disclosures}
        digests_of(parts).append(next(d for d in digests_of(parts) if d not in shown))

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
