# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Names with a meaning in SD-JWT VC.

Spec: SD-JWT VC, "Registered JWT claims"; Token Status List section 6.1.
"""

from typing import Final

MEDIA_TYPE: Final = "dc+sd-jwt"

# A verifier reads these before it looks at any disclosure: a holder must not be able to
# withhold them, nor to show one of two values.
NEVER_DISCLOSED: Final = frozenset(
    {"iss", "aud", "iat", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"}
)
