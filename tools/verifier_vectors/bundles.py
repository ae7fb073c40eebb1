# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The bundles: what a gate holds, an hour later, a year later, or with one thing missing or wrong."""

import zlib
from collections.abc import Iterator
from datetime import timedelta

from tests.seeded_keys import SeededKeys
from tests.world import Organisation, World, make_world, sign_operation
from tools.verifier_vectors.scene import Scene

from vcred.codec.base64url import encode_base64url
from vcred.codec.json_types import JsonObject
from vcred.did.operations import Purpose
from vcred.ledger.entries import Kind, encode_leaf
from vcred.securing.jws import sign_jws
from vcred.status.bits import StatusList, compress_list
from vcred.trust.bundle import Bundle, encode_bundle

LIFETIME = timedelta(days=400)
_SMALL_LIST = 1_024
_BOMB_BYTES = 64 * 1024 * 1024


def make_bundles(scene: Scene) -> dict[str, bytes]:
    """Every bundle by name, as bytes."""
    made = {name: encode_bundle(bundle) for name, bundle in _bundles(scene)}
    return made | {name: encode_bundle(bundle) for name, bundle in _lists(scene)}


def whole(world: World, **changes: object) -> Bundle:
    """All that the world says now; status lists that live longer than any scenario."""
    tokens = tuple(world.status_token(issuer, lifetime=LIFETIME) for issuer in world.listed)
    return world.bundle(**({"status_tokens": tokens} | changes))


def _bundles(scene: Scene) -> Iterator[tuple[str, Bundle]]:
    start = scene.world
    yield "basic", whole(start.fork())
    yield "next", whole(start.fork().later(hours=1))
    yield "after-two-days", whole(start.fork().later(days=2))
    yield "after-a-year", whole(start.fork().later(days=365))
    yield "without-types", whole(start.fork(), types={})
    yield "without-status", whole(start.fork(), status_tokens=())
    yield "one-witness", whole(start.fork(), checkpoint=start.checkpoint_note(cosigners=["witness/MO"]))
    yield "entry-missing", whole(start.fork(), leaves=tuple(start.leaves[:-1]))
    entries = start.entries
    yield "accreditation-ceased", whole(_withdraw(start, entries["gd"], "cease", Kind.ISSUER_WITHDRAW))
    yield "accreditation-void", whole(_withdraw(start, entries["gd"], "void", Kind.ISSUER_WITHDRAW))
    recognition = entries["mo<-gd"]
    yield "recognition-ceased", whole(_withdraw(start, recognition, "cease", Kind.RECOGNISE_WITHDRAW))
    yield "recognition-void", whole(_withdraw(start, recognition, "void", Kind.RECOGNISE_WITHDRAW))
    yield "unknown-entry", whole(_with_unknown_entry(start, ignorable=False))
    yield "ignorable-entry", whole(_with_unknown_entry(start, ignorable=True))
    yield "other-network", whole(make_world(SeededKeys("vectors/1: another network")))


def _withdraw(start: World, entry: str, effect: str, kind: Kind) -> World:
    world = start.fork().later(hours=1)
    author = world.gd if kind is Kind.ISSUER_WITHDRAW else world.mo
    world.say(author, kind, entry=entry, effect=effect)
    return world


def _with_unknown_entry(start: World, *, ignorable: bool) -> World:
    world = start.fork()
    operation: JsonObject = {
        "kind": "notice.publish",
        "version": 1,
        "network": world.state.require_network().id,
    }
    if ignorable:
        operation["ignorable"] = True
    signed = sign_operation(operation, world.gd.signer(Purpose.STATEMENT), world.now)
    world.leaves.append(encode_leaf(signed, logged_at=int(world.now.timestamp())))
    return world


def _lists(scene: Scene) -> Iterator[tuple[str, Bundle]]:
    """Bundles in which only the issuer's status list is another one, an hour later."""
    later = scene.world.fork().later(hours=1)
    for name, value in (("revoked", 1), ("suspended", 2), ("meaningless", 3)):
        world = later.fork()
        world.revoke(7, value=value)
        yield f"status-{name}", whole(world)
    short = {"lifetime": timedelta(minutes=30)}
    revoked = scene.world.fork()
    revoked.revoke(7)
    issuer = scene.world.issuer
    yield "status-short", _with_list(scene.world, scene.world.status_token(issuer, **short))
    yield "status-short-revoked", _with_list(scene.world, revoked.status_token(issuer, **short))
    for name, token in _odd_tokens(scene):
        yield f"status-{name}", _with_list(scene.world, token)


def _with_list(world: World, token: str) -> Bundle:
    others = [world.status_token(o, lifetime=LIFETIME) for o in world.listed if o is not world.issuer]
    return whole(world, status_tokens=(token, *others))


def _odd_tokens(scene: Scene) -> Iterator[tuple[str, str]]:
    """Lists that no issuer of ours would sign, signed by the issuer all the same."""
    world = scene.world
    zeros = compress_list(StatusList.empty(bits=2, size=131_072))
    yield "small", _token(world, lst=compress_list(StatusList.empty(bits=2, size=_SMALL_LIST)))
    for bits in (1, 4, 8):
        yield f"{bits}-bits", _token(world, bits=bits)
    for bits in (0, 3, 16):
        yield f"{bits}-bits", _token(world, bits=bits)
    yield "bomb", _token(world, lst=encode_base64url(zlib.compress(bytes(_BOMB_BYTES))))
    yield "trailing", _token(world, lst=encode_base64url(zlib.compress(bytes(32_768)) + b"more"))
    yield "truncated", _token(world, lst=encode_base64url(zlib.compress(bytes(32_768))[:-4]))
    yield "not-zlib", _token(world, lst=encode_base64url(bytes(32)))
    yield "typ-jwt", _token(world, typ="JWT")
    yield "typ-credential", _token(world, typ="dc+sd-jwt")
    yield "alg-none", _token(world, unsigned=True)
    yield "other-uri", _token(world, sub=world.status_uri(world.mo_issuer))
    yield "other-issuers-key", _token(world, by=world.mo_issuer, sub=world.status_uri())
    yield "credential-key", _token(world, purpose=Purpose.ASSERTION)
    yield "signature", _flip_signature(_token(world, lst=zeros))


def _token(
    world: World,
    *,
    by: Organisation | None = None,
    purpose: Purpose = Purpose.STATUS,
    typ: str = "statuslist+jwt",
    unsigned: bool = False,
    bits: int = 2,
    lst: str | None = None,
    sub: str | None = None,
) -> str:
    signer = by or world.issuer
    issued_at = int(world.now.timestamp())
    payload: JsonObject = {
        "sub": sub or world.status_uri(signer),
        "iat": issued_at,
        "exp": issued_at + int(LIFETIME.total_seconds()),
        "ttl": 43_200,
        "status_list": {"bits": bits, "lst": lst or encode_base64url(zlib.compress(bytes(65_536)))},
    }
    token = sign_jws({"typ": typ, "kid": signer.key_id(purpose)}, payload, signer.signer(purpose))
    if not unsigned:
        return token
    header = encode_base64url(f'{{"alg":"none","kid":"{signer.key_id(purpose)}","typ":"{typ}"}}'.encode())
    return f"{header}.{token.split('.')[1]}."


def _flip_signature(token: str) -> str:
    signed, _, signature = token.rpartition(".")
    return f"{signed}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
