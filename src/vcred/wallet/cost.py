# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What each claim costs in the code, in bytes: packed once with it and once without it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vcred.errors import LimitExceededError
from vcred.formats.sd_jwt_vc.present import StoredCredential, present, select
from vcred.keys.public import PublicKey
from vcred.qr.frame import encode_text
from vcred.qr.packing import pack
from vcred.qr.references import References
from vcred.qr.symbol import SymbolSize, choose_symbol

_BUNDLE = 'import the newest trust bundle, "vcred trust import": with it the code is far smaller'
_NONCE = "A" * 22


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCost:
    """What showing one selectable claim adds to the packed presentation, its group's own part included.

    `size_bytes` is None where the presentation with it would be beyond any code.
    """

    path: str
    size_bytes: int | None
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSize:
    """How large the code of a choice would be.

    `size_bytes` is the packed size, None where it is beyond any code; `symbol` None where no symbol
    that is shown holds it.
    """

    size_bytes: int | None
    symbol: SymbolSize | None


class _Blank:
    """Stands in for the holder's signer: a signature has one length, and none is made to be measured."""

    def __init__(self, public_key: PublicKey) -> None:
        self.public_key = public_key

    def sign(self, message: bytes) -> bytes:  # noqa: ARG002
        """Return as many bytes as a signature has."""
        return bytes(self.public_key.algorithm.signature_bytes)


def measure_costs(
    stored: StoredCredential,
    paths: Iterable[str],
    *,
    references: References | None,
    audience: str,
) -> tuple[ClaimCost, ...]:
    """Measure every claim that can be shown or withheld by itself, against a choice.

    Args:
        stored: The whole credential.
        paths: The choice.
        references: As the code will be packed with.
        audience: As the code will name it.

    Raises:
        SchemaError: The choice names a claim that the credential does not have.
    """
    units = unit_paths(stored)
    sent = set(select(stored, paths).disclosures)
    texts = dict(zip(stored.paths, stored.presentation.sd_jwt.disclosures, strict=True))
    chosen = frozenset(path for path in units if texts[path] in sent)

    def size(choice: frozenset[str]) -> int | None:
        packed = _pack_blank(stored, choice, references=references, audience=audience)
        return None if packed is None else len(packed)

    total = size(chosen)
    return tuple(
        ClaimCost(
            path=path,
            size_bytes=_difference(total, size(chosen - {path}))
            if path in chosen
            else _difference(size(chosen | {path}), total),
            is_chosen=path in chosen,
        )
        for path in units
    )


def measure_code(
    stored: StoredCredential,
    paths: Iterable[str],
    *,
    references: References | None,
    audience: str,
    issued_at: int,
    nonce: str | None = None,
) -> CodeSize:
    """Measure the code of a choice: as large to the byte as the one that will be signed.

    Args:
        stored, paths, references, audience: As `measure_costs`.
        issued_at: NumericDate at which it would be signed: packed as its distance from the credential's.
        nonce: Of the request that is answered; None of a live code, whose own is always of one length.

    Raises:
        SchemaError: The choice names a claim that the credential does not have.
    """
    packed = _pack_blank(
        stored, paths, references=references, audience=audience, issued_at=issued_at, nonce=nonce
    )
    if packed is None:
        return CodeSize(size_bytes=None, symbol=None)
    try:
        return CodeSize(size_bytes=len(packed), symbol=choose_symbol(encode_text(packed)))
    except LimitExceededError:
        return CodeSize(size_bytes=len(packed), symbol=None)


def claims_to_drop(
    stored: StoredCredential,
    paths: Iterable[str],
    *,
    references: References | None,
    audience: str,
    issued_at: int,
    nonce: str | None = None,
) -> tuple[str, ...]:
    """Choose what to leave out so that a symbol holds the rest: the dearest first, none where all fits.

    Args and errors as `measure_code`. All of the choice comes back where not even nothing fits.
    """
    costs = measure_costs(stored, paths, references=references, audience=audience)
    left = sorted((cost for cost in costs if cost.is_chosen), key=lambda cost: cost.size_bytes or 0)
    dropped: list[str] = []
    while left:
        kept = [cost.path for cost in left]
        size = measure_code(
            stored, kept, references=references, audience=audience, issued_at=issued_at, nonce=nonce
        )
        if size.symbol is not None:
            break
        dropped.append(left.pop().path)
    return tuple(dropped)


def _pack_blank(
    stored: StoredCredential,
    paths: Iterable[str],
    *,
    references: References | None,
    audience: str,
    issued_at: int | None = None,
    nonce: str | None = None,
) -> bytes | None:
    """Pack a choice with a blank signature; None where it is beyond any code."""
    key = stored.presentation.holder_key
    signer = None if key is None else _Blank(key)
    # Where only differences are asked for, any date does.
    at = stored.presentation.issued_at or 0 if issued_at is None else issued_at
    text = present(stored, paths, signer=signer, audience=audience, nonce=nonce or _NONCE, issued_at=at)
    try:
        return pack(text, references)
    except LimitExceededError:
        return None


def _difference(with_it: int | None, without: int | None) -> int | None:
    return None if with_it is None or without is None else with_it - without


def check_symbol(text: str, costs: Callable[[], Iterable[ClaimCost]], *, is_known: bool) -> None:
    """Refuse a code that no comfortable symbol holds, and say what leaving a claim out would save.

    Args:
        text: "VC1:...".
        costs: Measures; asked only if the text does not fit.
        is_known: The type is known here by a trust bundle, and so the text as short as it can be.

    Raises:
        LimitExceededError: Above version 22.
    """
    try:
        choose_symbol(text)
    except LimitExceededError as error:
        shown = [(cost.size_bytes or 0, cost.path) for cost in costs() if cost.is_chosen]
        saved = ", ".join(f"{path} ({size} bytes)" for size, path in sorted(shown, reverse=True))
        ways = [] if is_known else [_BUNDLE]
        ways += [f"leave out some of {saved}"] if saved else []
        raise LimitExceededError(str(error), hint="; or ".join(ways) or None) from error


def unit_paths(stored: StoredCredential) -> tuple[str, ...]:
    """The disclosures with no disclosure below them: what a person chooses among."""
    groups = {segments[:end] for segments in stored.segments for end in range(1, len(segments))}
    return tuple(
        path for path, segments in zip(stored.paths, stored.segments, strict=True) if segments not in groups
    )
