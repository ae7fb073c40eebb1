# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One-time copies: two gates that compare what they were shown find nothing of the person (PRV-06, ISS-14).

What two copies share, they share with the credentials of strangers. But for `exp` and the claim that
it is taken from: an expiry to the minute, as in a health code, tells when a person was tested. An
issuer whose copies must not be known again rounds it in the roster.
"""

import secrets
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.unit.issuer.stage import DATA, START, Stage
from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.json_types import JsonValue
from vcred.codec.strict_json import decode_json, decode_json_object
from vcred.errors import DecodeError
from vcred.formats.sd_jwt_vc.parse import parse_presentation
from vcred.formats.sd_jwt_vc.present import open_credential, present
from vcred.issuer.applications import Application
from vcred.issuer.engines.store.store import open_issuer_store
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner

COPIES, STRANGERS = 10, 6
WINDOW = 16
SHOWN = ("identity.region",)


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, SoftwareSigner]]:
    """Credentials and their keys: the copies of one person, then those of strangers."""
    stage = Stage(tmp_path_factory.mktemp("stage"))
    lines = (DATA / "health_codes.csv").read_bytes().splitlines(keepends=True)
    made: list[tuple[str, SoftwareSigner]] = []
    with stage.open() as issuer:
        for row, copies in [(1, COPIES), *((2 + number, 1) for number in range(STRANGERS))]:
            keys = [SoftwareSigner.generate(ES256) for _ in range(copies)]
            name, out = f"HC{row:07}", stage.folder / f"out{row}"
            named = {name: tuple(Application(did=key.public_key.did_key()) for key in keys)}
            roster = lines[0] + lines[row]
            issuer.issue_roster("health-code", roster, out=out, applications=named, copies=copies)
            files = [out / f"{name}{f'~{copy}' if copy else ''}.sdjwt" for copy in range(copies)]
            made += [(file.read_text().strip(), key) for file, key in zip(files, keys, strict=True)]
    return made


def shown(credential: str, key: SoftwareSigner, *paths: str) -> str:
    """A presentation at a gate of its own."""
    return present(
        open_credential(credential),
        paths,
        signer=key,
        audience=f"did:vcred:gate{secrets.token_hex(4)}",
        nonce=encode_base64url(secrets.token_bytes(16)),
        issued_at=int(START.timestamp()) + secrets.randbelow(10_000),
    )


def windows(presentation: str) -> set[bytes]:
    """What somebody compares: every number, and every string of 16 bytes in a value; without the expiry."""
    found: set[bytes] = set()
    for number, jws in enumerate(presentation.split("~")):
        for place, part in enumerate(jws.split(".")):
            data = decode_base64url(part)
            try:
                value = decode_json(data)
            except DecodeError:
                found |= _windows(data)
                continue
            if (number, place) == (0, 1):
                assert isinstance(value, dict) and value.pop("exp") and value.pop("valid_until")
            for leaf in _leaves(value):
                found |= _windows(leaf.encode()) if isinstance(leaf, str) else {str(leaf).encode()}
    return found


def _leaves(value: JsonValue) -> Iterator[str | int | float | bool | None]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _leaves(inner)
    else:
        yield value


def _windows(data: bytes) -> set[bytes]:
    return {data[at : at + WINDOW] for at in range(len(data) - WINDOW + 1)}


def test_two_presentations_share_only_what_strangers_share(issued: list[tuple[str, SoftwareSigner]]) -> None:
    of_strangers = set[bytes]().union(*(windows(shown(*pair, *SHOWN)) for pair in issued[COPIES:]))
    one, two, three = (windows(shown(*pair, *SHOWN)) for pair in issued[:3])
    for first, second in ((one, two), (two, three)):
        assert first & second, "the issuer's constants"
        assert sorted((first & second) - of_strangers) == []


def test_one_copy_shown_twice_shares_more(issued: list[tuple[str, SoftwareSigner]]) -> None:
    """The control: key, signature, status entry and digests."""
    of_strangers = set[bytes]().union(*(windows(shown(*pair, *SHOWN)) for pair in issued[COPIES:]))
    first, second = (windows(shown(*issued[0], *SHOWN)) for _ in range(2))
    assert len((first & second) - of_strangers) > 200


def test_ten_copies(issued: list[tuple[str, SoftwareSigner]]) -> None:
    """ISS-14: keys, salts, digests, places distinct; issued at a full hour."""
    copies = [parse_presentation(text) for text, _ in issued[:COPIES]]
    assert len({copy.holder_key for copy in copies}) == COPIES
    assert len({copy.status.index for copy in copies if copy.status}) == COPIES
    assert {copy.issued_at % 3600 for copy in copies if copy.issued_at} == {0}
    salts = [item.salt for copy in copies for item in copy.disclosures]
    assert len(set(salts)) == len(salts) > COPIES
    digests = [set(decode_json_object(copy.issuer_jws.payload)["_sd"]) for copy in copies]  # type: ignore[arg-type]
    assert sum(map(len, digests)) == len(set[object]().union(*digests))
    assert len({copy.issuer_jws.signature for copy in copies}) == COPIES


def test_times_tell_no_copy_from_another(issued: list[tuple[str, SoftwareSigner]]) -> None:
    """ISS-14: `iat` is that of everybody in this hour, `exp` what the roster says, to the second."""
    payloads = [decode_json_object(parse_presentation(text).issuer_jws.payload) for text, _ in issued]
    assert {payload["iat"] for payload in payloads} == {int(START.timestamp()) // 3600 * 3600}
    copies, strangers = payloads[:COPIES], payloads[COPIES:]
    assert len({payload["exp"] for payload in copies}) == 1
    # The control: these are to the minute, and each person's another one. It is for the roster to round.
    assert {payload["exp"] for payload in strangers}.isdisjoint(payload["exp"] for payload in copies)
    assert not {"nbf", "jti", "sub"} & {name for payload in payloads for name in payload}


def test_places_are_no_neighbours(tmp_path: Path) -> None:
    """ISS-15: of 10,000 credentials issued one after the other: no order, no stride, none twice."""
    stage = Stage(tmp_path)
    with open_issuer_store(stage.home) as store:
        places = [
            place.index
            for _ in range(20)
            for place in store.deal("did:vcred:x/types/y/1", "https://s.example/", 500, at=1)
        ]
    steps = [later - earlier for earlier, later in pairwise(places)]
    assert len(set(places)) == len(places) == 10_000
    assert sum(abs(step) < 10 for step in steps) < 20
    assert 4_500 < sum(step > 0 for step in steps) < 5_500
    assert max(map(steps.count, set(steps))) < 10
