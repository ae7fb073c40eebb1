# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""DIDs and DID URLs: one spelling each. DID-05, DID-17."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.did.syntax import DidUrl, parse_did, parse_did_url
from vcred.errors import RefusedError
from vcred.limits import MAX_DID_CHARACTERS
from vcred.reasons import Reason

GOOD = [
    "did:key:z6Mk",
    "did:vcred:2TfB",
    "did:web:example.com",
    "did:web:example.com%3A8443:a:b",
    "did:x9:A.b-c_d",
]


@pytest.mark.parametrize("text", GOOD)
def test_dids_are_read_back(text: str) -> None:
    did = parse_did(text)
    assert str(did) == text
    assert text == f"did:{did.method}:{did.identifier}"


BAD = [
    # DID-05.
    "did:web:example.com:%2e%2e:a",
    "did:web:example.com:%2E%2E:a",
    "did:web:example.com%2fa",
    "did:web:example.com%00",
    "did:web:example.com\\a",
    "did:web:example.com%3a8443",
    "did:web:example.com%253A8443",
    "did:key:z6Mk%3A1",
    "did:vcred:%41",
    "did:web:..:a",
    "did:web:example.com:.:a",
    "did:web:example.com%",
    # DID-17.
    "did:KEY:z6Mk",
    "did:Key:z6Mk",
    "DID:key:z6Mk",
    "did:key:z6 Mk",
    " did:key:z6Mk",
    "did:key:z6Mk\n",
    "did:key:zбMk",
    "did:kеy:z6Mk",
    # Shape.
    "",
    "did",
    "did:",
    "did:key",
    "did:key:",
    "did::z6Mk",
    "did:web:a::b",
    "did:web:a:",
    "did:key:z6Mk#a",
    "did:key:z6Mk/a",
    "did:key:z6Mk?a",
    "did:key:z6Mk;a",
    "did:key:" + "z" * MAX_DID_CHARACTERS,
]


@pytest.mark.parametrize("text", BAD, ids=lambda text: ascii(text[:40]))
def test_other_texts_are_no_did(text: str) -> None:
    for parse in (parse_did, parse_did_url) if not set("#/") & set(text) else (parse_did,):
        with pytest.raises(RefusedError) as caught:
            parse(text)
        assert caught.value.reason is Reason.DID_INVALID


@pytest.mark.parametrize(
    ("text", "path", "fragment"),
    [
        ("did:vcred:2TfB", "", None),
        ("did:vcred:2TfB#key-1", "", "key-1"),
        ("did:vcred:2TfB#0", "", "0"),
        ("did:vcred:2TfB/types/health-code/1", "/types/health-code/1", None),
        ("did:vcred:2TfB/a#b", "/a", "b"),
    ],
)
def test_did_urls_are_read_back(text: str, path: str, fragment: str | None) -> None:
    url = parse_did_url(text)
    assert url == DidUrl(did=parse_did("did:vcred:2TfB"), path=path, fragment=fragment)
    assert str(url) == text


@pytest.mark.parametrize(
    "rest",
    [
        "#",
        "/",
        "/a/",
        "//a",
        "/../a",
        "/a/..",
        "/.",
        "/a%2fb",
        "/a b",
        "/" + "a" * 7000,
        "/ä",
        "?a=b",
        "/a?b",
        "#a#b",
        "#a b",
        "#%41",
        "#a/b",
    ],
)
def test_other_texts_are_no_did_url(rest: str) -> None:
    parse_did_url("did:vcred:2TfB/a#b")
    with pytest.raises(RefusedError) as caught:
        parse_did_url(f"did:vcred:2TfB{rest}")
    assert caught.value.reason is Reason.DID_INVALID


@given(st.text(alphabet="did:kewb%3A.#/?zé ", max_size=30).map("did:".__add__) | st.text(max_size=30))
def test_any_text_is_read_back_or_refused(text: str) -> None:
    for parse in (parse_did, parse_did_url):
        try:
            assert str(parse(text)) == text
        except RefusedError as error:
            assert error.reason is Reason.DID_INVALID
