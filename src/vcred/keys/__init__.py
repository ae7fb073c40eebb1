# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Keys: one table of algorithms, public keys, signers, and the keyring.

`algorithms`, `public`, `signer`, `software`, `stored` and `pkcs11_uri` are rules: values in, values out.
`engines/` writes encrypted files and speaks to tokens; `keyring` is the door. A private key never
appears in a message, a log or a `repr`.
"""
