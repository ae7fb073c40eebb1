# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`pkcs11:` URIs: what is taken, what is refused and why, and that no secret is ever taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.errors import DecodeError
from vcred.keys.pkcs11_uri import Pkcs11Uri

GOOD = "pkcs11:token=health;object=issuing;id=%01%fF?module-path=/usr/lib/p11.so&pin-source=file:/etc/pin"


def test_a_uri_says_which_token_and_which_key() -> None:
    uri = Pkcs11Uri.parse(GOOD)
    assert (uri.token, uri.object, uri.id) == ("health", "issuing", b"\x01\xff")
    assert (uri.module_path, uri.pin_source) == ("/usr/lib/p11.so", "/etc/pin")
    assert uri.names_key
    assert not uri.of_token().names_key
    assert uri.of_token().of_key(label="issuing", identifier=b"\x01\xff") == uri
    assert str(uri) == GOOD.replace("%fF", "%FF")


# RFC 7512, section 3: those examples that name a private key in a token, with what they say.
EXAMPLES = [
    ("pkcs11:token=The%20Software%20PKCS%2311%20Softtoken", "The Software PKCS#11 Softtoken", None),
    (
        "pkcs11:token=Software%20PKCS%2311%20softtoken;manufacturer=Snake%20Oil,%20Inc.;model=1.0;"
        "object=my-certificate;type=private;id=%69%95%3E%5C%F4%BD%EC%91;serial="
        "?pin-source=file:/etc/token_pin",
        "Software PKCS#11 softtoken",
        None,
    ),
    ("pkcs11:token=my-token;id=%69%95%3E%5C%F4%BD%EC%91", "my-token", b"\x69\x95\x3e\x5c\xf4\xbd\xec\x91"),
    ("pkcs11:slot-id=327;token=a%3bb", "a;b", None),
    ("pkcs11:token=A%20name%20with%20a%20substring%20%25%3B", "A name with a substring %;", None),
]


@pytest.mark.parametrize(("text", "token", "identifier"), EXAMPLES)
def test_examples_of_the_specification(text: str, token: str, identifier: bytes | None) -> None:
    uri = Pkcs11Uri.parse(text.replace(";serial=?", "?"))
    assert uri.token == token
    assert identifier in (None, uri.id)


REFUSED = [
    ("http:token=health", "does not begin"),
    ("PKCS11:token=health", "does not begin"),
    ("pkcs11:", "not taken here"),
    ("pkcs11:object=issuing", "names no token"),
    ("pkcs11:token=", "token is empty"),
    ("pkcs11:token=health;", "not taken here"),
    ("pkcs11:token=health;token=other", "twice"),
    ("pkcs11:token=health;id=%1", "id is empty, or has a character"),
    ("pkcs11:token=health;id=%zz", "id is empty, or has a character"),
    ("pkcs11:token=he alth", "must be %-encoded"),
    ("pkcs11:token=health/2", "must be %-encoded"),
    ("pkcs11:token=%ff", "not UTF-8"),
    ("pkcs11:token=%00", "cannot be shown"),
    ("pkcs11:token=%1B%5B2J", "cannot be shown"),
    ("pkcs11:token=%E2%80%AEhtlaeh", "cannot be shown"),
    ("pkcs11:token=health;type=cert", "type is not private"),
    ("pkcs11:token=health;slot-id=01", "slot-id is not a number"),
    ("pkcs11:token=health;slot-id=-1", "slot-id is not a number"),
    ("pkcs11:token=health;library-version=2", "not taken here"),
    ("pkcs11:token=health;x-vendor=2", "not taken here"),
    ("pkcs11:token=health?", "not taken here"),
    ("pkcs11:token=health?module-name=softhsm2", "not taken here"),
    ("pkcs11:token=health?module-path=softhsm2.so", "not an absolute path"),
    ("pkcs11:token=health?module-path=/a&module-path=/b", "twice"),
    ("pkcs11:token=health?pin-source=%7C/bin/cat%20pin", "not a file: URI"),
    ("pkcs11:token=health?pin-source=file:pin", "not an absolute path"),
    ("pkcs11:token=health?pin-source=file://host/pin", "not an absolute path"),
    ("pkcs11:token=health#x", "must be %-encoded"),
    ("pkcs11:token=" + "x" * 1100, "longer than"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_what_is_not_understood_is_refused(text: str, words: str) -> None:
    Pkcs11Uri.parse(GOOD)
    with pytest.raises(DecodeError, match=words):
        Pkcs11Uri.parse(text)


@pytest.mark.parametrize("text", [f"{GOOD}&pin-value=4711", "pkcs11:token=health?pin-value=4711"])
def test_a_pin_in_the_uri_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(DecodeError, match="pin-value is not taken") as caught:
        Pkcs11Uri.parse(text)
    assert "4711" not in f"{caught.value} {caught.value.hint}"
    assert "--pin-file" in str(caught.value.hint)


def test_a_pin_file_may_be_written_with_an_empty_host() -> None:
    assert Pkcs11Uri.parse("pkcs11:token=a?pin-source=file:///etc/pin").pin_source == "/etc/pin"


shown = st.text(min_size=1, max_size=20).filter(str.isprintable)
paths = (
    st.text(max_size=20)
    .filter(str.isprintable)
    .map(lambda text: f"/{text}")
    .filter(lambda path: not path.startswith("//"))
)
uris = st.builds(
    Pkcs11Uri,
    token=shown,
    serial=st.none() | shown,
    manufacturer=st.none() | shown,
    model=st.none() | shown,
    slot_id=st.none() | st.integers(0, 2**64 - 1),
    object=st.none() | shown,
    id=st.none() | st.binary(min_size=1, max_size=20),
    module_path=st.none() | paths,
    pin_source=st.none() | paths,
)


@given(uris)
def test_what_is_written_is_read_again(uri: Pkcs11Uri) -> None:
    text = uri.encode()
    try:
        assert Pkcs11Uri.parse(text) == uri
    except DecodeError as error:
        assert "longer than" in str(error)
    assert text.isascii()


@given(
    st.text()
    | st.text().map(lambda text: f"pkcs11:{text}")
    | st.text(";=&?%:/token0aF").map("pkcs11:token=a{}".format)
)
def test_any_text_is_a_uri_or_a_decode_error(text: str) -> None:
    try:
        uri = Pkcs11Uri.parse(text)
    except DecodeError:
        return
    assert Pkcs11Uri.parse(uri.encode()) == uri


@pytest.mark.parametrize("wrong", ["token", "serial", "manufacturer", "model", "slot_id"])
def test_a_token_is_meant_only_if_all_that_is_said_of_it_is_so(wrong: str) -> None:
    told = {"token": "t", "serial": "s", "manufacturer": "m", "model": "o"}
    uri = Pkcs11Uri(**told, slot_id=7)
    assert uri.selects(**told, slot_id=7)
    assert Pkcs11Uri(token="t").selects(**told, slot_id=9)
    changed: dict[str, str | int] = {**told, "slot_id": 7}
    changed[wrong] = 8 if wrong == "slot_id" else "x"
    assert not uri.selects(**changed)  # type: ignore[arg-type]
