# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an issuer's store must know, as lists and dictionaries."""

from dataclasses import dataclass, field

from vcred.issuer.journal import Place, Refusal, SignedRow


def name_of(vct: str) -> str:
    """A type without its version."""
    return vct.removesuffix("/1").removesuffix("/2")


@dataclass
class Kept:
    """A credential in the model."""

    vct: str
    row_id: str
    generation: int
    copy: int
    content: bytes
    holder: bytes
    place: Place
    chunk: int | None
    is_revoked: bool = False


@dataclass
class Model:
    """What the store must know."""

    kept: list[Kept] = field(default_factory=list)
    nonces: dict[bytes, tuple[str, str]] = field(default_factory=dict)
    chunks: dict[int, str] = field(default_factory=dict)
    sinks: dict[str, int] = field(default_factory=dict)

    def of_row(self, vct: str, row_id: str) -> list[Kept]:
        """The newest generation of a row, of whatever version, by copy."""
        found = self.ever(vct, row_id)
        newest = max((kept.generation for kept in found), default=0)
        return sorted((kept for kept in found if kept.generation == newest), key=lambda kept: kept.copy)

    def ever(self, vct: str, row_id: str) -> list[Kept]:
        """All that was issued for a row, under whatever version."""
        user = (name_of(vct), row_id)
        return [kept for kept in self.kept if (name_of(kept.vct), kept.row_id) == user]

    def record(self, vct: str, row: SignedRow) -> list[Kept] | Refusal:
        """Record one row, and say what it comes to; what is new has no chunk yet."""
        newest = self.of_row(vct, row.row_id)
        same_content = all((kept.vct, kept.content) == (vct, row.content) for kept in newest)
        by_copy = {kept.copy: kept for kept in newest}
        stands = same_content and all(
            copy.copy in by_copy
            and not by_copy[copy.copy].is_revoked
            and by_copy[copy.copy].holder == copy.holder
            for copy in row.copies
        )
        replaced = bool(newest) and row.replaces and not stands
        if newest and not replaced and not same_content:
            return Refusal.OTHER_CONTENT
        new = [copy for copy in row.copies if replaced or copy.copy not in by_copy]
        holders = {copy.holder for copy in row.copies}
        if new and not replaced and any(kept.is_revoked or kept.holder not in holders for kept in newest):
            return Refusal.NO_FURTHER_COPY
        user = (name_of(vct), row.row_id)
        former = {kept.holder for kept in self.ever(vct, row.row_id)}
        given_up = former - {kept.holder for kept in newest} - {b""}
        if not replaced and any(copy.holder in given_up for copy in new):
            return Refusal.FORMER_KEY
        answered = {
            copy.copy: nonce for copy, nonce in zip(row.copies, row.nonce_digests, strict=True) if nonce
        }
        used = [(copy, answered[copy.copy]) for copy in new if copy.copy in answered]
        for copy, nonce in used:
            if nonce in self.nonces and (self.nonces[nonce] != user or copy.holder not in former):
                return Refusal.NONCE_USED
        if replaced and any(copy.holder in given_up for copy in row.copies):
            return Refusal.FORMER_KEY
        self.nonces.update({nonce: user for _, nonce in used})
        generation = newest[0].generation if newest else 0
        if replaced:
            generation += 1
            by_copy = {}
            for kept in self.ever(vct, row.row_id):
                kept.is_revoked = True
        for copy in new:
            made = Kept(
                vct, row.row_id, generation, copy.copy, row.content, copy.holder, copy.place, chunk=-1
            )
            by_copy[copy.copy] = made
            self.kept.append(made)
        return [by_copy[copy.copy] for copy in row.copies]
