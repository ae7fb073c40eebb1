# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""docs/spec/keys-at-rest.md: its examples open, by vcred and by another implementation of what it says."""

import json
import re
from base64 import b64decode, urlsafe_b64decode

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from tests.architecture.source import PROJECT
from tests.docs.pages import blocks
from vcred.codec.json_types import JsonObject
from vcred.keys.argon2id import DEFAULT_COST, LEAST_COST
from vcred.keys.custody import Passphrase
from vcred.keys.engines.sealing import open_with_passphrase
from vcred.keys.passphrase_box import open_box
from vcred.keys.passphrases import MIN_NEW_CHARACTERS
from vcred.limits import MAX_ARGON2_LANES, MAX_ARGON2_MEMORY_KIB, MAX_ARGON2_PASSES, MAX_ARGON2_WORK_KIB

PAGE = "docs/spec/keys-at-rest.md"
PASSPHRASE = Passphrase("très secret".encode())


def b64(text: object) -> bytes:
    return urlsafe_b64decode(f"{text}==")


def stretched(header: JsonObject) -> AESGCM:
    """The key of section 1, by another library."""
    passes, memory, lanes = (header[name] for name in ("t", "m", "p"))
    assert isinstance(passes, int)
    assert isinstance(memory, int)
    assert isinstance(lanes, int)
    argon2 = Argon2id(salt=b64(header["salt"]), length=32, iterations=passes, lanes=lanes, memory_cost=memory)
    return AESGCM(argon2.derive(PASSPHRASE.secret))


def test_the_folder_key() -> None:
    (jwe,), (shown,) = blocks(PAGE, "jwe"), blocks(PAGE, "json")
    sealed = jwe.text.strip().encode()
    assert open_with_passphrase(sealed, PASSPHRASE, media_type="vcred-folder-key-1") == bytes(range(32))
    protected, _, vector, body, tag = sealed.decode().split(".")
    header = json.loads(b64(protected))
    assert header == json.loads(shown.text)
    plain = stretched(header).decrypt(b64(vector), b64(body) + b64(tag), protected.encode())
    assert plain == bytes(range(32))


def test_the_sealed_box() -> None:
    (block,) = blocks(PAGE, "box")
    form, line, body = block.text.splitlines()
    front = f"{form}\n{line}\n".encode()
    assert open_box(front + b64decode(body), PASSPHRASE, media_type="text/plain") == b"hello"
    header = json.loads(line)
    assert stretched(header).decrypt(b64(header["iv"]), b64decode(body), front) == b"hello"


def test_the_numbers_of_the_pages_are_those_of_the_program() -> None:
    spec = (PROJECT / PAGE).read_text(encoding="utf-8")
    assert f"| {DEFAULT_COST.passes} | {LEAST_COST.passes} to {MAX_ARGON2_PASSES} |" in spec
    assert f"| {DEFAULT_COST.lanes} | {LEAST_COST.lanes} to {MAX_ARGON2_LANES} |" in spec
    memory = rf"{DEFAULT_COST.memory_kib:,} .*{LEAST_COST.memory_kib:,} .* {MAX_ARGON2_MEMORY_KIB:,} "
    assert re.search(memory, spec)
    assert f"more than {MAX_ARGON2_WORK_KIB:,} KiB" in spec
    page = (PROJECT / "docs/operate/passphrases.md").read_text(encoding="utf-8")
    assert f"{MIN_NEW_CHARACTERS} characters or more" in page
    assert f"{DEFAULT_COST.memory_kib // 1024} MiB" in page
