# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Open the claims of a parsed SD-JWT VC: RFC 9901's processing, and SD-JWT VC's rule on top."""

from vcred.errors import RefusedError
from vcred.formats.sd_jwt_vc.names import NEVER_DISCLOSED
from vcred.formats.sd_jwt_vc.parse import UnverifiedPresentation
from vcred.reasons import Reason
from vcred.securing.sd_jwt.process import Processed, process


def open_claims(presentation: UnverifiedPresentation) -> Processed:
    """Put the disclosures in place. Verify the issuer's signature first: nothing here does.

    Raises:
        RefusedError: As `process`; and DISCLOSURE_INVALID where a disclosure gives issuer,
            time, type, status or holder's key: the checks of those have read the payload,
            so a disclosed one would be a second meaning, or one that can be withheld.

    Spec: RFC 9901 section 7.1 steps 3 to 5; SD-JWT VC, "Registered JWT claims".
    """
    processed = process(presentation.payload, presentation.disclosures)
    for place in processed.places:
        if len(place) == 1 and place[0] in NEVER_DISCLOSED:
            raise RefusedError(
                Reason.DISCLOSURE_INVALID, "a disclosure gives a claim that is never disclosed"
            )
    return processed
