# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Strict encodings: bytes from outside become a value or a `DecodeError`, never anything else.

JSON, JCS, CBOR, base64url, base45, base58btc, zlib, times. Each decoder takes one
spelling of a value and refuses every other one, so that bytes that were signed, hashed
or counted as seen cannot come back in a second shape. Nothing here knows a key.
"""
