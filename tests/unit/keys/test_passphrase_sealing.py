# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A keyring that opens by a passphrase: today's form and the older one. WAL-02, WAL-03, JOS-29."""

import time
import unicodedata
from pathlib import Path

import pytest

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import StoreError, UnsupportedAlgorithmError
from vcred.keys.algorithms import ES256
from vcred.keys.argon2id import LEAST_COST
from vcred.keys.custody import KeyRole, Passphrase
from vcred.keys.engines.sealing import read_header
from vcred.keys.keyring import Keyring, create_key_file

WORD = "pässwort"
COMPOSED = unicodedata.normalize("NFC", WORD).encode()
DECOMPOSED = unicodedata.normalize("NFD", WORD).encode()
# As vcred wrote them before Argon2id: one folder key, sealed under the word as typed, in each form.
OLD_COMPOSED = (
    b"eyJhbGciOiJQQkVTMi1IUzUxMitBMjU2S1ciLCJlbmMiOiJBMjU2R0NNIiwicDJjIjoyMTAwMDAsInAycyI6IkxTZUhlSlhjRnh5S0N6"
    b"MEppelFtS3ciLCJ0eXAiOiJ2Y3JlZC1mb2xkZXIta2V5LTEifQ.W0CJ-L_6nveKBnRuk_uRPXT2tlRq1h32e_Vuf_1FFBEA6hos3I4tpg"
    b".XxbteWxyEg6pQ6VQ.W0cTW4mTe-mohN0i4VKlOadTWET6tQQK2BmYaLqImc8.i-9y5CbiyMeMeoJIQIo_5w"
)
OLD_DECOMPOSED = (
    b"eyJhbGciOiJQQkVTMi1IUzUxMitBMjU2S1ciLCJlbmMiOiJBMjU2R0NNIiwicDJjIjoyMTAwMDAsInAycyI6Ik1YdkllRXREbzBjNzBI"
    b"T0dTR2drWnciLCJ0eXAiOiJ2Y3JlZC1mb2xkZXIta2V5LTEifQ.9jlwdgdWVHWj0mfMxEuoFcFG7XrgDb6orcvW0M7a_G76biXDtFkNsQ"
    b".jkKBoMLRBidBCmFs.XiLrl050FkvlH2zHDhxNFtzg49Kr6m6F9ibU3vesb4g.H49bTI9w0D_uz1gqBtqHPQ"
)
# A key in that folder, and its thumbprint.
OLD_KEY = (
    b"eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidHlwIjoidmNyZWQtcHJpdmF0ZS1rZXktMSJ9..nl-Af0MXxKdj-pGF."
    b"Ocu-aB1Izo_XzHvrEq1fSMbKioaxdTxHb_aPXlM80UcHStAEoKCCCzu2iHUeE5BzOoDB5L8ZrD51lWjNKLh8zkWU7lxZc0swGLbJ0D9h"
    b"enJSIjNWJD11DBgnqxUZuueYxPXCqioUQp9LHA2xsxJ_JwtMkWEywUHUAYwQCoAeJ4UiPhb3rfA_ectwRW0Q8JKUPPEJlOZXoUOOSnR-"
    b"94znJUAJ_WiJAhRHSg.3geP_kMyU9RRfUtc9j05hw"
)
OLD_THUMBPRINT = "FTLkp8-ygFa3T9tA6vFWUA0XW0EmYOM6ZzwnJqKm4pk"


def cheap(secret: bytes) -> Passphrase:
    return Passphrase(secret, LEAST_COST)


def old_folder(folder: Path, unlock: bytes) -> Path:
    folder.mkdir(mode=0o700)
    (folder / "unlock.jwe").write_bytes(unlock)
    (folder / "holder.key.jwe").write_bytes(OLD_KEY)
    return folder


def header_of(folder: Path) -> JsonObject:
    return read_header((folder / "unlock.jwe").read_bytes())


def with_header(path: Path, change: JsonObject) -> None:
    first, rest = path.read_text().split(".", 1)
    header = {**decode_json_object(decode_base64url(first)), **change}
    path.write_text(f"{encode_base64url(encode_jcs(header))}.{rest}")


def test_the_header_says_what_it_costs_and_nothing_else(tmp_path: Path) -> None:
    Keyring.open(tmp_path / "a", cheap(COMPOSED))
    Keyring.open(tmp_path / "b", cheap(COMPOSED))
    first, second = header_of(tmp_path / "a"), header_of(tmp_path / "b")
    salts = {str(first.pop("salt")), str(second.pop("salt"))}
    expected = {"alg": "dir", "enc": "A256GCM", "kdf": "argon2id", "m": 19_456, "p": 1, "t": 2}
    assert first == second == {**expected, "typ": "vcred-folder-key-1"}
    assert len(salts) == 2
    assert {len(decode_base64url(salt)) for salt in salts} == {16}


def test_by_default_a_keyring_costs_three_passes_over_256_mib(tmp_path: Path) -> None:
    Keyring.open(tmp_path / "keys", Passphrase(COMPOSED))
    header = header_of(tmp_path / "keys")
    assert (header["t"], header["m"], header["p"]) == (3, 262_144, 4)


@pytest.mark.parametrize("sealed", [COMPOSED, DECOMPOSED])
def test_both_ways_of_typing_open_it(tmp_path: Path, sealed: bytes) -> None:
    Keyring.open(tmp_path / "keys", cheap(sealed))
    for typed in (COMPOSED, DECOMPOSED):
        Keyring.open(tmp_path / "keys", cheap(typed))
    with pytest.raises(StoreError, match="does not open"):
        Keyring.open(tmp_path / "keys", cheap(b"passwort"))


@pytest.mark.parametrize(("unlock", "typed"), [(OLD_COMPOSED, COMPOSED), (OLD_DECOMPOSED, DECOMPOSED)])
def test_an_older_keyring_opens_as_it_was_typed(tmp_path: Path, unlock: bytes, typed: bytes) -> None:
    folder = old_folder(tmp_path / "keys", unlock)
    with Keyring.open(folder, cheap(typed)) as keyring:
        assert keyring.signer("holder").public_key.thumbprint() == OLD_THUMBPRINT
    assert (folder / "unlock.jwe").read_bytes() == unlock
    with pytest.raises(StoreError, match="does not open"):
        Keyring.open(folder, cheap(COMPOSED if typed == DECOMPOSED else DECOMPOSED))


def test_a_changed_passphrase_is_sealed_in_todays_form(tmp_path: Path) -> None:
    folder = old_folder(tmp_path / "keys", OLD_DECOMPOSED)
    with Keyring.open(folder, cheap(DECOMPOSED)) as keyring:
        keyring.change_unlock(cheap(DECOMPOSED))
    assert header_of(folder)["kdf"] == "argon2id"
    with Keyring.open(folder, cheap(COMPOSED)) as keyring:
        assert keyring.signer("holder").public_key.thumbprint() == OLD_THUMBPRINT


@pytest.mark.parametrize("unlock", [OLD_COMPOSED, None])
def test_the_key_file_of_another_is_told_apart_in_both_forms(tmp_path: Path, unlock: bytes | None) -> None:
    folder = tmp_path / "keys"
    if unlock is None:
        Keyring.open(folder, cheap(COMPOSED))
    else:
        old_folder(folder, unlock)
    Keyring.open(folder, cheap(COMPOSED))
    with pytest.raises(StoreError, match="with a passphrase, not"):
        Keyring.open(folder, create_key_file(tmp_path / "secret.key"))


def test_ten_wrong_ones_hear_the_same_words_and_cost_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    Keyring.open(folder, cheap(COMPOSED))
    heard, costs = set(), []
    wrong = [COMPOSED[:-1], COMPOSED + b"x", b"x", b"x" * 1024, COMPOSED.upper(), b"\xff", "密碼".encode()]
    for secret in (*wrong, *wrong[:3]):
        start = time.process_time()
        with pytest.raises(StoreError) as caught:
            Keyring.open(folder, cheap(secret))
        costs.append(time.process_time() - start)
        heard.add((type(caught.value), str(caught.value), caught.value.hint))
    assert len(heard) == 1
    assert min(costs) > 0.005, "each guess is stretched"
    Keyring.open(folder, cheap(COMPOSED))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"t": 1}, id="one pass"),
        pytest.param({"t": 2**53 - 1}, id="passes without end"),
        pytest.param({"m": 8}, id="8 KiB"),
        pytest.param({"m": 2**32}, id="4 TiB"),
        pytest.param({"t": 5, "m": 1024 * 1024}, id="too much work"),
        pytest.param({"p": 2**24}, id="16 million lanes"),
        pytest.param({"kdf": "pbkdf2"}, id="another derivation"),
        pytest.param({"salt": "AAAA"}, id="a short salt"),
        pytest.param({"alg": "A256KW"}, id="another algorithm"),
        pytest.param({"enc": "A128CBC-HS256"}, id="other encryption"),
        pytest.param({"zip": "DEF"}, id="compressed"),
        pytest.param({"crit": []}, id="crit"),
        pytest.param({"p2c": 210_000}, id="both forms"),
        pytest.param({"typ": "vcred-private-key-1"}, id="another kind of file"),
    ],
)
def test_a_stranger_cannot_ask_for_work_or_weakness(tmp_path: Path, change: JsonObject) -> None:
    folder = tmp_path / "keys"
    Keyring.open(folder, cheap(COMPOSED))
    Keyring.open(folder, cheap(COMPOSED))
    refused(folder, change)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"p2c": 10**9}, id="a billion rounds"),
        pytest.param({"p2c": 2_000_001}, id="one more than allowed"),
        pytest.param({"p2c": 1}, id="one round"),
        pytest.param({"enc": "A128CBC-HS256"}, id="other encryption"),
        pytest.param({"zip": "DEF"}, id="compressed"),
        pytest.param({"crit": []}, id="crit"),
        pytest.param({"typ": "vcred-private-key-1"}, id="another kind of file"),
    ],
)
def test_neither_can_an_older_file(tmp_path: Path, change: JsonObject) -> None:
    folder = old_folder(tmp_path / "keys", OLD_COMPOSED)
    Keyring.open(folder, cheap(COMPOSED))
    refused(folder, change)


def refused(folder: Path, change: JsonObject) -> None:
    with_header(folder / "unlock.jwe", change)
    start = time.process_time()
    with pytest.raises(UnsupportedAlgorithmError) as caught:
        Keyring.open(folder, cheap(COMPOSED))
    assert caught.value.code == "algorithm_not_allowed"
    assert time.process_time() - start < 0.05


def test_a_cost_that_is_allowed_but_not_the_files_own_does_not_open_it(tmp_path: Path) -> None:
    """A file that was made to look cheaper is no oracle for cheap guesses either: its tag fails."""
    folder = tmp_path / "keys"
    Keyring.open(folder, cheap(COMPOSED))
    with_header(folder / "unlock.jwe", {"t": 3})
    with pytest.raises(StoreError, match="does not open"):
        Keyring.open(folder, cheap(COMPOSED))


def test_every_changed_byte_is_noticed(tmp_path: Path) -> None:
    """Header, cost, salt, vector, body, tag: no byte is there for nothing."""
    folder = tmp_path / "keys"
    Keyring.open(folder, cheap(COMPOSED))
    path = folder / "unlock.jwe"
    good = path.read_bytes()
    Keyring.open(folder, cheap(COMPOSED))
    for index in range(len(good)):
        bad = bytearray(good)
        bad[index] ^= 0x01
        path.write_bytes(bad)
        with pytest.raises((StoreError, UnsupportedAlgorithmError)):
            Keyring.open(folder, cheap(COMPOSED))


def test_a_torn_file_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    Keyring.open(folder, cheap(COMPOSED))
    path = folder / "unlock.jwe"
    good = path.read_bytes()
    Keyring.open(folder, cheap(COMPOSED))
    for size in range(len(good)):
        path.write_bytes(good[:size])
        with pytest.raises(StoreError):
            Keyring.open(folder, cheap(COMPOSED))


def test_a_change_that_the_disk_refuses_leaves_the_old_passphrase(tmp_path: Path) -> None:
    """INV-8."""
    folder = tmp_path / "keys"
    with Keyring.open(folder, cheap(COMPOSED)) as keyring:
        made = keyring.create("holder", ES256, role=KeyRole.HOLDER)
        folder.rename(tmp_path / "elsewhere")
        with pytest.raises(StoreError):
            keyring.change_unlock(cheap(b"another word"))
    (tmp_path / "elsewhere").rename(folder)
    assert Keyring.open(folder, cheap(COMPOSED)).signer("holder").public_key == made.public_key
