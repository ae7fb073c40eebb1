# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Presentations that must be accepted. Every negative is one mutation of one of these."""

from dataclasses import replace
from datetime import datetime

from tests.world import Organisation, World
from tools.verifier_vectors.book import Book, Held, Vector
from tools.verifier_vectors.editable import Editable, encode_disclosure
from tools.verifier_vectors.scene import CERTIFICATE_CLAIMS, KEYS, moment

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.credential.request import PresentationRequest
from vcred.did.operations import Purpose
from vcred.formats.sd_jwt_vc.present import open_credential
from vcred.keys.algorithms import EDDSA
from vcred.qr.frame import encode_text
from vcred.qr.packing import pack
from vcred.securing.sd_jwt.disclosure import digest_of

FORMAT = "RFC 9901 section 7.3; docs/spec/verdict.md"
REQUEST_NONCE = "dmVjdG9yIHJlcXVlc3Qgbm9uY2U"


def add_positives(book: Book) -> None:
    """All of them, simplest first."""
    _health_codes(book)
    _bindings(book)
    _certificates(book)
    _conditions(book)
    _later(book)
    _packed(book)


def _add(
    book: Book,
    name: str,
    comment: str,
    credential: str,
    *paths: str,
    world: World,
    issuer: Organisation | None = None,
    spec: str = FORMAT,
    covers: str = "",
    binding: dict[str, object] | None = None,
    **more: object,
) -> Vector:
    presentation = world.present(credential, *(paths or ("match", "test")), **(binding or {}))
    vector = book.accept(name, comment, spec=spec, covers=covers, presentation=presentation, **more)
    by = (issuer or world.issuer).signer(Purpose.ASSERTION)
    book.signers[vector.id] = (by, world.holder)
    return vector


def _health_codes(book: Book) -> None:
    world = book.scene.salted("live")
    live = _add(
        book,
        "live",
        "A Guangdong health code shown live at a gate in Macao.",
        world.issue(),
        world=world,
        claims={
            "colour": "green",
            "valid_until": "2026-11-23T02:58:00+08:00",
            "match": {"name": "陳大文", "id_type": "macao_bir", "last_four": "2681"},
            "test": {
                "method": "NAAT",
                "result": "negative",
                "collected": "2026-11-20T02:58:00+08:00",
                "lab": "MO-CHCSJ",
            },
        },
    )
    _add(
        book,
        "another-live",
        "Another code of the same holder, for swapping parts.",
        book.scene.salted("another").issue(),
        world=world,
    )
    comment = "Macao's own health code at a gate in Macao: accredited here, so no recognition is needed."
    domestic = book.scene.salted("domestic")
    credential = domestic.issue(issuer=domestic.mo_issuer)
    _add(book, "domestic", comment, credential, world=domestic, issuer=domestic.mo_issuer)
    comment = "Signed with Ed25519."
    eddsa = book.scene.salted("eddsa")
    issuer = book.scene.eddsa_issuer
    _add(book, "eddsa-issuer", comment, eddsa.issue(issuer=issuer), world=eddsa, issuer=issuer)
    held = book.scene.salted("eddsa-holder")
    held.holder = KEYS.make("holder with Ed25519", EDDSA)
    _add(book, "eddsa-holder", "The holder's key is Ed25519.", held.issue(), world=held)
    comment = "One member of a group, with the group's own disclosure before it."
    _add(
        book,
        "member-of-a-group",
        comment,
        book.scene.salted("member").issue(),
        "match",
        "identity.region",
        world=world,
        spec="RFC 9901 section 4.2.6",
    )
    _health_codes_changed(book, live)


def _health_codes_changed(book: Book, live: Vector) -> None:
    """What is odd and allowed: the same text by hand."""
    world = book.scene.world
    signers = book.signers[live.id]

    def changed(name: str, comment: str, spec: str, covers: str, parts: Editable, **more: object) -> None:
        vector = book.accept(name, comment, spec=spec, covers=covers, presentation=parts.text(), **more)
        book.signers[vector.id] = signers

    parts = book.editable(live.id)
    parts.disclosures.reverse()
    comment = "The order of disclosures means nothing."
    changed("disclosures-in-another-order", comment, "RFC 9901 section 4", "SDJ-30", parts)
    parts = book.editable(live.id)
    parts.payload["status"] = {"status_list": {"idx": 131_071, "uri": world.status_uri()}}
    changed(
        "last-status-index", "The last index of the list.", "Token Status List section 8.3", "STA-05", parts
    )
    parts = book.editable(live.id)
    parts.payload["vaccination"] = _nested(31)
    changed("nesting-32", "Nested exactly as deep as the limit.", "RFC 8259 section 9", "JOS-21", parts)
    parts = book.editable(live.id)
    _nest_arrays(parts)
    comment = "Digests in arrays within arrays, inside a disclosed value: opened by the rule, once."
    spec = "RFC 9901 sections 4.2.6 and 7.1 step 3"
    changed("digests-in-nested-arrays", comment, spec, "SDJ-15", parts, claims=_NESTED_CLAIMS)


def _nested(depth: int) -> JsonValue:
    value: JsonValue = []
    for _ in range(depth - 1):
        value = [value]
    return value


_NESTED_CLAIMS: JsonObject = {
    "colour": "green",
    "valid_until": "2026-11-23T02:58:00+08:00",
    "match": {"name": "陳大文", "id_type": "macao_bir", "last_four": "2681"},
    "test": {
        "method": "NAAT",
        "result": "negative",
        "collected": "2026-11-20T02:58:00+08:00",
        "lab": "MO-CHCSJ",
    },
    "vaccination": [["shown", "first"], []],
}


def _nest_arrays(parts: Editable) -> None:
    inner = encode_disclosure(["dmVjdG9yIHNhbHQgMDAwMg", "first"])
    value: JsonValue = [["shown", {"...": digest_of(inner)}], [{"...": digest_of("withheld")}]]
    parts.add_disclosure(["dmVjdG9yIHNhbHQgMDAwMw", "vaccination", value])
    parts.disclosures.append(inner)


def request(world: World, **changes: object) -> PresentationRequest:
    """What a gate of Macao asks."""
    issued_at = int(world.now.timestamp())
    values: dict[str, object] = {
        "audience": world.mo_issuer.did,
        "nonce": REQUEST_NONCE,
        "type": "health-code",
        "claims": ("match",),
        "purpose": "crossing",
        "issued_at": issued_at,
        "expires_at": issued_at + 300,
    }
    return PresentationRequest(**(values | changes))  # type: ignore[arg-type]


def _bindings(book: Book) -> None:
    world = book.scene.salted("challenge")
    asked = request(world)
    answer = {"audience": asked.audience, "nonce": asked.nonce}
    credential = world.issue()
    comment = "An answer to this gate's request."
    spec = "docs/spec/verdict.md, Binding"
    _add(book, "challenge", comment, credential, world=world, spec=spec, binding=answer, request=asked)
    paper = book.scene.salted("paper")
    printed = _certificate(book, paper, "paper-certificate", holder_key=None)
    text = _on_paper(printed)
    comment = "A certificate on paper, at a post that takes paper; it is bound to nobody."
    bindings: JsonObject = {"bindings": ["none", "live"]}
    vector = book.accept("paper", comment, spec=spec, covers="V11 SDJ-23", presentation=text, policy=bindings)
    book.signers[vector.id] = (paper.issuer.signer(Purpose.ASSERTION), paper.holder)


def _on_paper(credential: str) -> str:
    stored = open_credential(credential)
    shown = [
        text
        for text, path in zip(stored.presentation.sd_jwt.disclosures, stored.paths, strict=True)
        if path in {"match", "award"}
    ]
    return "~".join((stored.presentation.sd_jwt.issuer_jwt, *shown, ""))


def _certificate(book: Book, world: World, name: str, **changes: object) -> str:
    definition, vct = book.scene.definitions[name], book.scene.types[name]
    return world.issue(type_definition=definition, vct=vct, claims=CERTIFICATE_CLAIMS, **changes)


def _certificates(book: Book) -> None:
    world = book.scene.salted("certificate")
    credential = _certificate(book, world, "professional-certificate")
    spec = "RFC 9901 section 4.2.2"
    comment = "A certificate with one element of an array, the other withheld."
    _add(
        book,
        "certificate",
        comment,
        credential,
        "match",
        "modules.1",
        world=world,
        spec=spec,
        claims={
            "title": "Electrician",
            "title_zh": "電工",
            "level": 3,
            "expires": "2029-06-30",
            "match": {"name": "陳大文", "id_type": "macao_bir", "last_four": "2681"},
            "modules": [{"title": "Installation", "mark": 74}],
        },
    )
    comment = "A post that asks for a list of elements and takes them all."
    _add(book, "certificate-whole", comment, credential, "match", "modules", "identity", world=world)


def _conditions(book: Book) -> None:
    """Recognitions of Macao that hold under a condition, which is met."""
    spec = "docs/spec/ledger-entries.md, recognise"
    world = book.scene.salted("conditions")
    asked = request(world, type="challenge-certificate")
    answer = {"audience": asked.audience, "nonce": asked.nonce}
    credential = _certificate(book, world, "challenge-certificate")
    comment = "Recognised for answers to a request only; this is one."
    _add(
        book,
        "recognised-for-challenge",
        comment,
        credential,
        "match",
        world=world,
        spec=spec,
        binding=answer,
        request=asked,
    )
    for name, comment, paths in (
        ("award", "Recognised only with the award shown; it is.", ("match", "award")),
        ("recent", "Recognised for an hour after issuing; it has just been issued.", ("match",)),
        ("ending", "Recognised until an hour from now.", ("match",)),
    ):
        credential = _certificate(book, world, f"{name}-certificate")
        _add(book, f"recognised-{name}", comment, credential, *paths, world=world, spec=spec)


def _shown_at(
    book: Book, name: str, comment: str, credential: str, when: datetime, *, bundle: str, **more: object
) -> None:
    world = book.scene.world.fork()
    world.now = when
    _add(
        book,
        name,
        comment,
        credential,
        "match",
        world=world,
        spec="docs/spec/trust-bundle.md, Times",
        now=when,
        bundles=(Held(bundle=bundle, at=min(when, moment(hours=1) if bundle == "next" else moment())),),
        **more,
    )


def _later(book: Book) -> None:
    """The same evidence at later times; each is the last moment, or well before it."""
    code = book.scene.salted("later").issue()
    certificate = _certificate(book, book.scene.salted("later certificate"), "professional-certificate")
    _shown_at(
        book, "after-an-hour", "An hour later, on the same bundle.", code, moment(hours=1), bundle="basic"
    )
    comment = "An hour later, on a newer bundle."
    _shown_at(book, "after-an-hour-updated", comment, code, moment(hours=1), bundle="next")
    week = moment(days=7)
    comment = "The trust bundle and the status list are exactly as old as the policy allows."
    _shown_at(book, "evidence-of-a-week", comment, certificate, week, bundle="basic", covers="BND-13")
    comment = "The status list of a health code is exactly as old as the policy allows."
    _shown_at(book, "after-a-day", comment, code, moment(days=1), bundle="basic", covers="STA-19 BND-13")


def _packed(book: Book) -> None:
    """The same presentations as the text in a QR code."""
    belief = book.scene.world.belief()
    for of in ("live", "challenge", "certificate", "certificate-whole", "paper"):
        base = book.vectors[f"valid/{of}"]
        packed = replace(
            base,
            id=f"valid/code-{of}",
            comment=f"As valid/{of}, packed with references to the ledger.",
            spec="docs/spec/qr.md",
            covers=(),
            presentation=encode_text(pack(base.presentation, belief)),
        )
        book.vectors[packed.id] = packed
    base = book.vectors["valid/live"]
    plain = replace(
        base,
        id="valid/code-plain",
        comment="As valid/live, packed by a wallet that holds no bundle.",
        spec="docs/spec/qr.md",
        covers=(),
        presentation=encode_text(pack(base.presentation, None)),
    )
    book.vectors[plain.id] = plain
