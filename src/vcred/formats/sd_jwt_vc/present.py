# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Present: choose what to show of a stored credential, and bind it to the holder's key.

Naming a claim shows everything below it; naming a claim inside a group sends the group's
own disclosure too, for without it the claim could not be reached. A claim that its issuer
made part of a whole cannot be named alone: that would show more than was asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vcred.codec.json_types import JsonValue
from vcred.credential.paths import iter_leaves, join_path
from vcred.errors import RefusedError, SchemaError
from vcred.formats.sd_jwt_vc.claims import open_claims
from vcred.formats.sd_jwt_vc.parse import UnverifiedPresentation, parse_presentation
from vcred.keys.signer import Signer
from vcred.reasons import Reason
from vcred.securing.sd_jwt.combined import SdJwt, join_sd_jwt
from vcred.securing.sd_jwt.key_binding import make_key_binding
from vcred.securing.sd_jwt.process import Processed

_Segments = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCredential:
    """A credential as its holder has it: all disclosures, parsed once.

    `paths[i]` is the claim path of the i-th disclosure ("identity.name", "modules.0") and
    `segments[i]` the same split, so that a name holding a dot is never taken for two.
    `leaves` are the paths of all claims that can be withheld, each with the index of the
    disclosure that shows its value. `index_at` says which disclosure stands at a path, and
    `within` which ones stand there or below it.
    """

    presentation: UnverifiedPresentation
    processed: Processed
    paths: tuple[str, ...]
    segments: tuple[_Segments, ...]
    leaves: tuple[tuple[str, int], ...]
    index_at: Mapping[_Segments, int]
    within: Mapping[_Segments, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a choice sends.

    `disclosures` as text, in the credential's order; `revealed` and `withheld` the paths of
    the single claims whose values are shown or not, those always shown left out.
    """

    disclosures: tuple[str, ...]
    revealed: tuple[str, ...]
    withheld: tuple[str, ...]


def open_credential(text: str) -> StoredCredential:
    """Read a credential as issued. Its signature is not verified here: that is the verifier's.

    Raises:
        DecodeError: As `parse_presentation`.
        RefusedError: KEY_BINDING_INVALID: it carries a key binding, so it is somebody's
            presentation and not a credential as issued; and all of `parse_presentation`
            and `open_claims`.

    Spec: RFC 9901 section 7.2.
    """
    presentation = parse_presentation(text)
    if presentation.key_binding is not None:
        raise RefusedError(Reason.KEY_BINDING_INVALID, "a presentation, not a credential as issued")
    processed = open_claims(presentation)
    segments = tuple([tuple(map(str, place)) for place in processed.places])
    return StoredCredential(
        presentation=presentation,
        processed=processed,
        paths=tuple(map(join_path, processed.places)),
        segments=segments,
        leaves=_own_leaves(processed),
        index_at={place: index for index, place in enumerate(segments)},
        within=_within(segments),
    )


def select(stored: StoredCredential, paths: Iterable[str]) -> Selection:
    """Choose what to show.

    Args:
        stored: The whole credential.
        paths: Claim paths. One that the credential always shows is allowed and adds nothing.

    Raises:
        SchemaError: The credential has no such claim, or shows it only with others.

    Spec: RFC 9901 section 7.2 step 2; threats: WAL-05, WAL-06.
    """
    chosen = _choose(stored, paths)
    return Selection(
        disclosures=_texts(stored, chosen),
        revealed=tuple([path for path, index in stored.leaves if index in chosen]),
        withheld=tuple([path for path, index in stored.leaves if index not in chosen]),
    )


def present(
    stored: StoredCredential,
    paths: Iterable[str],
    *,
    signer: Signer | None,
    audience: str,
    nonce: str,
    issued_at: int,
) -> str:
    """Make a presentation of the chosen claims, bound to the holder's key.

    Args:
        stored: The whole credential.
        paths: As `select`.
        signer: The key in the credential's `cnf`; None for a credential on paper, which has
            none: audience, nonce and time are then not used.
        audience: The verifier's DID, or "<network id>#live".
        nonce: The request's, or base64url of 16 random bytes.
        issued_at: Epoch seconds.

    Raises:
        SchemaError: As `select`.
        ValueError: The signer's key is not the credential's; one is missing where the
            credential has a key, or given where it has none.

    Spec: RFC 9901 sections 4.3, 7.2.
    """
    presentation = stored.presentation
    own_key = signer.public_key if signer is not None else None
    if own_key != presentation.holder_key or (own_key is None and presentation.has_cnf):
        raise ValueError("the signer does not hold the credential's key")
    disclosures = _texts(stored, _choose(stored, paths))
    shown = SdJwt(issuer_jwt=presentation.sd_jwt.issuer_jwt, disclosures=disclosures)
    if signer is None:
        return join_sd_jwt(shown)
    binding = make_key_binding(shown, signer, audience=audience, nonce=nonce, issued_at=issued_at)
    return shown.sd_hash_input() + binding


def _own_leaves(processed: Processed) -> tuple[tuple[str, int], ...]:
    """Give each claim that can be withheld the innermost disclosure it stands in."""
    index_at = {place: index for index, place in enumerate(processed.places)}
    owned: list[tuple[str, int]] = []
    for path, _ in iter_leaves(processed.claims):
        owner = next(
            (index_at[path[:end]] for end in range(len(path), 0, -1) if path[:end] in index_at), None
        )
        if owner is not None:
            owned.append((join_path(path), owner))
    return tuple(owned)


def _within(segments: tuple[_Segments, ...]) -> Mapping[_Segments, tuple[int, ...]]:
    """List for each path which disclosures stand there or below it."""
    found: dict[_Segments, tuple[int, ...]] = {}
    for index, place in enumerate(segments):
        for end in range(1, len(place) + 1):
            found[place[:end]] = (*found.get(place[:end], ()), index)
    return found


def _texts(stored: StoredCredential, chosen: set[int]) -> tuple[str, ...]:
    texts = stored.presentation.sd_jwt.disclosures
    return tuple([texts[index] for index in sorted(chosen)])


def _choose(stored: StoredCredential, paths: Iterable[str]) -> set[int]:
    """Find the disclosures to send: for each path what is asked, and all above and below it."""
    chosen: set[int] = set()
    for path in paths:
        asked = tuple(path.split("."))
        chosen.update(_above(stored, asked))
        if asked in stored.within:
            chosen.update(stored.within[asked])
        else:
            _require_always_shown(stored, asked)
    return chosen


def _above(stored: StoredCredential, asked: _Segments) -> list[int]:
    above = [asked[:end] for end in range(1, len(asked))]
    return [stored.index_at[place] for place in above if place in stored.index_at]


def _require_always_shown(stored: StoredCredential, asked: _Segments) -> None:
    """Refuse a path at and below which no disclosure stands, unless its claim stands in the clear."""
    path = ".".join(asked)
    if not _is_claim(stored.processed.claims, asked):
        raise SchemaError(path, "the credential has no such claim")
    # Sending the whole would show its other claims, which nobody agreed to.
    if above := _above(stored, asked):
        whole = stored.paths[above[-1]]
        raise SchemaError(path, "shown only together with others", hint=f'name "{whole}" to show all of it')


def _is_claim(claims: JsonValue, asked: _Segments) -> bool:
    value = claims
    for segment in asked:
        if isinstance(value, dict) and segment in value:
            value = value[segment]
        elif isinstance(value, list) and segment in map(str, range(len(value))):
            value = value[int(segment)]
        else:
            return False
    return True
