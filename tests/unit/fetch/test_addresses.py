# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which URLs and addresses may be reached, and by whose wish."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.errors import RefusedError, UsageError
from vcred.fetch.addresses import is_denied, parse_configured, parse_from_data
from vcred.reasons import Reason

DENIED = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::7f00:1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "2606:4700::1111",
    "2001:200::1",
    "64:ff9b::101:101",
    "2002:101:101::1",
    "::ffff:1.1.1.1",
]


@pytest.mark.parametrize("text", DENIED)
def test_an_address_of_this_machine_or_its_network_is_denied(text: str) -> None:
    """DID-01."""
    assert is_denied(ip_address(text))
    host = f"[{text}]" if ":" in text else text
    assert parse_from_data("https://ledger.example/did.json").host == "ledger.example"
    with pytest.raises(RefusedError) as caught:
        parse_from_data(f"https://{host}/did.json")
    assert caught.value.reason is Reason.ADDRESS_REFUSED
    assert text not in str(caught.value)


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_is_not(text: str) -> None:
    assert not is_denied(ip_address(text))
    host = f"[{text}]" if ":" in text else text
    assert parse_from_data(f"https://{host}:8443/a/?b=c").authority == f"{host}:8443"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.1/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://127.0.0.01/",
        "https://0/",
        "https://１２７.0.0.1/",
        "https://１２７．０．０．１/",
        "https://localhost/",
        "https://localhost./",
        "https://db.localhost/",
        "https://LOCALHOST/",
        "https://printer/",
        "https://user@127.0.0.1/",
        "https://user:secret@ledger.example/",
        "https://ledger.example./",
        "https://ledger.example:0/",
        "https://ledger.example:65536/",
        "https://ledger.example:080/",
        "https://ledger.example\\@evil.example/",
        "https://ledger.example/#part",
        "https://ledger.example/\r\nHost:evil",
        "https://ledger..example/",
        "https://-ledger.example/",
        "https://[127.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://::1/",
        "https:///did.json",
        "https:ledger.example",
        "http://ledger.example/",
        "http://1.1.1.1/",
        "ftp://ledger.example/",
        "file:///etc/passwd",
        "HTTPS://ledger.example/",
        " https://ledger.example/",
        "https://ledger.example/" + "a" * 2048,
        "https://ledger.example/é",
        "",
    ],
)
def test_another_spelling_is_refused(url: str) -> None:
    """DID-02."""
    assert parse_from_data("https://ledger.example:8443/a%20b?c=d").authority == "ledger.example:8443"
    with pytest.raises(RefusedError) as caught:
        parse_from_data(url)
    assert caught.value.reason is Reason.ADDRESS_REFUSED


def test_an_operator_may_name_his_own_network_under_https() -> None:
    assert parse_configured("https://10.0.0.7/vcred/").path == "/vcred"
    assert parse_configured("https://ledger.internal:8443").authority == "ledger.internal:8443"
    assert parse_configured("https://LEDGER.example").host == "ledger.example"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "[::1]", "localhost"])
def test_without_tls_only_this_machine(host: str) -> None:
    assert parse_configured(f"http://{host}:8080").is_loopback
    for other in ("10.0.0.7", "[fd00::1]", "ledger.example", "localhost.example", "0.0.0.0"):
        with pytest.raises(UsageError, match="http is not protected"):
            parse_configured(f"http://{other}:8080")


@pytest.mark.parametrize("url", ["ledger", "https://a.example/?x=1", "https://u@a.example", "127.1", ""])
def test_what_is_no_url_of_a_server(url: str) -> None:
    parse_configured("https://a.example/")
    with pytest.raises(UsageError, match="not a URL"):
        parse_configured(url)


@given(st.text(max_size=60) | st.text(alphabet="htps:/.[]@0127x%?#\\", max_size=40))
def test_any_text_is_a_place_or_refused(text: str) -> None:
    for url in (text, f"https://{text}"):
        try:
            place = parse_from_data(url)
        except RefusedError:
            continue
        assert place.scheme == "https"
        assert place.address is None or not is_denied(place.address)
