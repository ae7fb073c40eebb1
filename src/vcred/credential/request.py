# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a verifier asks of a holder. An answer is bound to it by audience and nonce."""

from dataclasses import dataclass

MIN_NONCE_CHARACTERS = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentationRequest:
    """A request for claims of one type.

    Args:
        audience: The asking verifier's DID.
        nonce: base64url of 16 random bytes or more, fresh for each request.
        type: Name or `vct` of the credential type.
        claims: Claim paths asked for.
        purpose: Why, in the verifier's words.
        issued_at: NumericDate.
        expires_at: NumericDate; an answer after it is late.

    Raises:
        ValueError: The nonce is too short to be unguessable, nothing is asked, or the request
            ends before it begins. The caller's mistake.
    """

    audience: str
    nonce: str
    type: str
    claims: tuple[str, ...]
    purpose: str
    issued_at: int
    expires_at: int

    def __post_init__(self) -> None:
        if len(self.nonce) < MIN_NONCE_CHARACTERS:
            raise ValueError("a request's nonce has at least 128 bits")
        if not self.audience or not self.claims:
            raise ValueError("a request names its audience and at least one claim")
        if self.expires_at <= self.issued_at:
            raise ValueError("a request ends after it begins")
