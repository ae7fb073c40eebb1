# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""U: one ES256 verify over about 1 kB through Python `cryptography`."""

import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from bench.row import Work


def make_unit() -> Work:
    """Return the operation that every other is measured in."""
    private = ec.generate_private_key(ec.SECP256R1())
    message = os.urandom(1024)
    algorithm = ec.ECDSA(hashes.SHA256())
    signature = private.sign(message, algorithm)
    public = private.public_key()

    def unit() -> None:
        public.verify(signature, message, algorithm)

    return unit
