# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Everything that must not be accepted, by what is wrong with it."""

from tools.verifier_vectors.binding import add_binding
from tools.verifier_vectors.codes import add_codes
from tools.verifier_vectors.disclosures import add_disclosures
from tools.verifier_vectors.encodings import add_encodings
from tools.verifier_vectors.evidence import add_evidence
from tools.verifier_vectors.holder_keys import add_holder_keys
from tools.verifier_vectors.issuers import add_issuers
from tools.verifier_vectors.jose import add_jose
from tools.verifier_vectors.sd_jwt import add_sd_jwt
from tools.verifier_vectors.status import add_status
from tools.verifier_vectors.status_lists import add_status_lists
from tools.verifier_vectors.times import add_times
from tools.verifier_vectors.types import add_types

NEGATIVES = (
    add_jose,
    add_encodings,
    add_holder_keys,
    add_sd_jwt,
    add_disclosures,
    add_types,
    add_binding,
    add_times,
    add_status,
    add_status_lists,
    add_issuers,
    add_evidence,
    add_codes,
)
