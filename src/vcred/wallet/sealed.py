# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Open a credential that its issuer sealed to a key of this wallet."""

from collections.abc import Callable

from vcred.errors import DecodeError, UsageError
from vcred.formats.sd_jwt_vc.names import MEDIA_TYPE
from vcred.keys.signer import Signer
from vcred.keys.software import SoftwareSigner
from vcred.securing.jwe import is_sealed, open_sealed, unverified_recipient


def unseal(credential: str, signer_of: Callable[[str], Signer]) -> str:
    """Return the SD-JWT inside; a text that is not sealed comes back as it is.

    Says nothing about who signed what is inside.

    Args:
        signer_of: Finds the wallet's key with a thumbprint, which a stranger wrote.

    Raises:
        UsageError: The key cannot decrypt; and what `signer_of` raises.
        DecodeError, RefusedError, KeyMaterialError: As `open_sealed`.
    """
    if not is_sealed(credential):
        return credential
    signer = signer_of(unverified_recipient(credential))
    if not isinstance(signer, SoftwareSigner):
        raise UsageError("the key that the credential is sealed to cannot decrypt")
    try:
        return open_sealed(credential, signer.to_private_jwk(), content_type=MEDIA_TYPE).decode("ascii")
    except UnicodeDecodeError as error:
        raise DecodeError("what is sealed is not an SD-JWT") from error
