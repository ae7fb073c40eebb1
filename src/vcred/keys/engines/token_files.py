# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a keyring keeps of a key in a token: which one it is. The private key is not here.

NAME.key.jwe      name, role, `pkcs11:` URI and public JWK, sealed under the folder key
"""

from typing import Final

from vcred.codec.fields import get_object, get_text, refuse_unknown
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.keys.custody import KeyRole
from vcred.keys.engines.sealing import open_with_key, seal_with_key
from vcred.keys.pkcs11_uri import Pkcs11Uri
from vcred.keys.public import PublicKey
from vcred.keys.stored import StoredKey, TokenKey

TOKEN_KEY_TYPE: Final = "vcred-token-key-1"


def seal_token_key(name: str, role: KeyRole, key: TokenKey, folder_key: bytes) -> bytes:
    """Write down where a key is."""
    content: JsonObject = {
        "key": key.public.to_jwk(),
        "name": name,
        "role": role.value,
        "uri": key.uri.encode(),
    }
    return seal_with_key(encode_jcs(content), folder_key, media_type=TOKEN_KEY_TYPE)


def open_token_key(sealed: bytes, folder_key: bytes) -> StoredKey:
    """Read where a key is.

    Raises:
        DecodeError: Not what `seal_token_key` wrote.
        ValueError: No such role.
        KeyMaterialError: The public key cannot be used.
        StoreError: Another folder's, or a changed file.
    """
    content = decode_json_object(open_with_key(sealed, folder_key, media_type=TOKEN_KEY_TYPE))
    refuse_unknown(content, {"key", "name", "role", "uri"})
    uri = Pkcs11Uri.parse(get_text(content, "uri"))
    public = PublicKey.from_jwk(get_object(content, "key"))
    role = KeyRole(get_text(content, "role"))
    return StoredKey(name=get_text(content, "name"), role=role, material=TokenKey(uri=uri, public=public))
