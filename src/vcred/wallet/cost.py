# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What each claim costs in the code, in bytes: packed once with it and once without it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vcred.errors import LimitExceededError
from vcred.formats.sd_jwt_vc.present import StoredCredential, present, select
from vcred.keys.public import PublicKey
from vcred.qr.packing import pack
from vcred.qr.references import References
from vcred.qr.symbol import choose_symbol

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
    units = _units(stored)
    sent = set(select(stored, paths).disclosures)
    texts = dict(zip(stored.paths, stored.presentation.sd_jwt.disclosures, strict=True))
    chosen = frozenset(path for path in units if texts[path] in sent)
    # A code is dated after its credential, and so is each of the same length as the real one.
    issued_at = stored.presentation.issued_at or 0

    def size(choice: frozenset[str]) -> int | None:
        key = stored.presentation.holder_key
        signer = None if key is None else _Blank(key)
        text = present(stored, choice, signer=signer, audience=audience, nonce=_NONCE, issued_at=issued_at)
        try:
            return len(pack(text, references))
        except LimitExceededError:
            return None

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


def _units(stored: StoredCredential) -> tuple[str, ...]:
    """The disclosures with no disclosure below them: what a person chooses among."""
    groups = {segments[:end] for segments in stored.segments for end in range(1, len(segments))}
    return tuple(
        path for path, segments in zip(stored.paths, stored.segments, strict=True) if segments not in groups
    )
