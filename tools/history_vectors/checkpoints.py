# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Histories under a checkpoint that is wrong: another key, another witness, another time, another form.

A checkpoint is judged by the keys in force after as many entries as it has. LED-15, LED-17, LED-18, LED-23.
"""

from dataclasses import replace

from tests.world import ORIGIN, World
from tools.history_vectors.book import BUNDLES, KEYS, Book, bytes_of, fresh_world, note_of, seconds

from vcred.keys.algorithms import EDDSA
from vcred.ledger.entries import encode_leaf, parse_leaf
from vcred.reasons import Reason
from vcred.tlog.checkpoint import Checkpoint, encode_checkpoint_text, sign_checkpoint
from vcred.tlog.cosignature import cosign
from vcred.tlog.note import ED25519_NOTE, Note, NoteSignature, note_key_id
from vcred.tlog.tree import leaf_hash, root_of

SPEC = f"{BUNDLES}, Import"
SKEW_SECONDS, AHEAD_SECONDS = 60, 300
MO = "witness/MO"


def add_checkpoints(book: Book) -> None:
    """All of them."""
    _keys(book)
    _times(book)
    _cosignatures(book)
    _forms(book)
    _other_heads(book)


def _keys(book: Book) -> None:
    """Signed by a key that is not in force at that size."""
    before, after = book.worlds["recognised"], book.worlds["log_key_changed"]
    for name, comment, twin, world, key in (
        (
            "checkpoint_by_the_former_log_key",
            "After the change the former key signs no more.",
            "log_key_changed",
            after,
            before.log_key,
        ),
        (
            "checkpoint_by_the_coming_log_key",
            "Before the change the new key signs nothing.",
            "recognised",
            before,
            after.log_key,
        ),
    ):
        other = world.fork()
        other.log_key = key
        book.refused(name, comment, twin, other.checkpoint_note(), Reason.SIGNATURE_INVALID)
    former, coming = book.worlds["recognised"].fork(), book.worlds["witness_replaced_by_its_own_side"].fork()
    mo, mo_2 = former.witnesses[MO], coming.witnesses["witness/MO-2"]
    coming.witnesses[MO] = mo
    former.witnesses["witness/MO-2"] = mo_2
    for name, comment, twin, world, witness in (
        (
            "checkpoint_of_a_former_witness",
            "After its replacement a witness counts no more.",
            "witness_replaced_by_its_own_side",
            coming,
            MO,
        ),
        (
            "checkpoint_of_a_coming_witness",
            "Before its appointment a witness does not count.",
            "recognised",
            former,
            "witness/MO-2",
        ),
    ):
        note = world.checkpoint_note(cosigners=["witness/CN-44", witness])
        book.refused(name, comment, twin, note, Reason.QUORUM_MISSING)


def _times(book: Book) -> None:
    """The quorum time, its edge ahead of the gate's clock, and the log's clock."""
    world = fresh_world()
    now, both = seconds(world), ("witness/CN-44", MO)

    def note(*times: int, of: World = world) -> bytes:
        return bytes_of(note_of(of, cosigners=both, times=times))

    book.valid(
        "quorum_time_is_the_slower_sides",
        "One side an hour ago, the other now: the quorum is an hour old.",
        world,
        spec=SPEC,
        covers="LED-18",
        checkpoint=note(now - 3_600, now),
        quorum_time=now - 3_600,
    )
    edge = now + SKEW_SECONDS
    book.valid(
        "cosigned_as_far_ahead_as_allowed",
        "60 seconds ahead of the gate's clock.",
        world,
        spec=SPEC,
        covers="LED-18",
        checkpoint=note(edge, edge),
        quorum_time=edge,
    )
    book.refused(
        "led_18_cosigned_a_second_further_ahead",
        "61 seconds ahead: no evidence of now.",
        "cosigned_as_far_ahead_as_allowed",
        note(edge, edge + 1),
        Reason.NOT_YET_VALID,
        covers="LED-18",
    )
    late = world.fork().later(seconds=AHEAD_SECONDS)
    late.recognise(late.mo, late.vct, "CN-44")
    book.valid(
        "logged_as_far_ahead_as_allowed",
        "The log's clock is 5 minutes ahead of the cosigners'.",
        late,
        spec=SPEC,
        covers="LED-23",
        checkpoint=note(now, now, of=late),
        now=now,
    )
    leaf = encode_leaf(parse_leaf(late.leaves[-1]).operation, logged_at=seconds(late) + 1)
    further = late.fork()
    further.leaves[-1] = leaf
    book.refused(
        "led_23_logged_a_second_further_ahead",
        "5 minutes and a second.",
        "logged_as_far_ahead_as_allowed",
        note(now, now, of=further),
        Reason.NOT_YET_VALID,
        covers="LED-23",
        leaves=further.leaves,
    )


def _cosignatures(book: Book) -> None:
    """LED-18: what does not count."""
    world = book.worlds["recognised"]
    good = note_of(world)
    log, gd, mo = good.signatures
    now = seconds(world)
    stranger = KEYS.make("a witness that was never one", EDDSA)
    signer = world.witnesses[MO]
    bare = NoteSignature(
        name=MO,
        key_id=note_key_id(MO, signer.public_key, ED25519_NOTE),
        signature=signer.sign(good.text.encode()),
    )
    without_time = replace(mo, signature=mo.signature[8:])
    again = cosign(good.text, "witness/CN-44", world.witnesses["witness/CN-44"], timestamp=now - 1)
    other_text = cosign(good.text.replace("\n9\n", "\n8\n"), MO, signer, timestamp=now)
    rows = (
        ("led_18_one_witness_is_missing", "Macao's has not cosigned.", (log, gd)),
        ("led_18_one_witness_twice", "Guangdong's has cosigned twice, Macao's not.", (log, gd, again)),
        ("led_18_without_a_time", "Macao's line has no time.", (log, gd, without_time)),
        ("led_18_signed_as_a_log_signs", "Macao's has signed the bare note.", (log, gd, bare)),
        (
            "led_18_by_another_key_of_that_name",
            "A key that is not Macao's, under its name.",
            (log, gd, cosign(good.text, MO, stranger, timestamp=now)),
        ),
        (
            "led_18_under_another_name",
            "Macao's key under another name.",
            (log, gd, cosign(good.text, "witness/HK", signer, timestamp=now)),
        ),
        ("led_18_over_another_text", "Macao's has cosigned another size.", (log, gd, other_text)),
        ("bnd_01_nobody_has_cosigned", "Only the log has signed.", (log,)),
    )
    for name, comment, lines in rows:
        note = bytes_of(Note(text=good.text, signatures=lines))
        book.refused(name, comment, "recognised", note, Reason.QUORUM_MISSING, covers="LED-18 BND-01 BND-02")
    unsigned = bytes_of(Note(text=good.text, signatures=(gd, mo)))
    book.refused(
        "bnd_01_the_log_has_not_signed", "Only witnesses.", "recognised", unsigned, Reason.SIGNATURE_INVALID
    )


def _forms(book: Book) -> None:
    """LED-17: a note is read to the letter."""
    world = fresh_world()
    good = note_of(world)
    text, (log, *cosigned) = good.text, good.signatures
    others = tuple(
        NoteSignature(name=f"witness/of-others/{number}", key_id=bytes(4), signature=bytes(72))
        for number in range(14)
    )
    sixteen = Note(text=text, signatures=(log, *cosigned, *others[:13]))
    book.valid(
        "led_17_sixteen_signatures",
        "As many lines as a note may have; those of unknown keys are passed over.",
        world,
        spec="C2SP signed-note v1",
        covers="LED-17",
        checkpoint=bytes_of(sixteen),
    )
    data = bytes_of(sixteen)
    line = data.split(b"\n")[-2] + b"\n"
    size = f"\n{len(world.leaves)}\n".encode()
    rows = (
        ("led_17_seventeen_signatures", "One line more.", data + line, Reason.LIMIT_EXCEEDED),
        (
            "led_17_leading_zero",
            "The size has a leading zero.",
            data.replace(size, b"\n0" + size[1:], 1),
            Reason.MALFORMED,
        ),
        (
            "led_17_size_with_a_sign",
            "The size has a sign.",
            data.replace(size, b"\n+" + size[1:], 1),
            Reason.MALFORMED,
        ),
        ("led_17_no_newline_at_the_end", "The last newline is missing.", data[:-1], Reason.MALFORMED),
        (
            "led_17_no_blank_line",
            "No line between text and signatures.",
            data.replace(b"\n\n", b"\n", 1),
            Reason.MALFORMED,
        ),
        (
            "led_17_control_character",
            "A tab in the text.",
            data.replace(size, size[:-1] + b"\t\n", 1),
            Reason.MALFORMED,
        ),
        (
            "led_17_plus_in_a_name",
            "A key name with a plus.",
            data.replace(b"others/12 ", b"others+12 ", 1),
            Reason.MALFORMED,
        ),
        (
            "led_17_two_spaces_in_a_line",
            "Two spaces.",
            data.replace(b"others/12 ", b"others/12  ", 1),
            Reason.MALFORMED,
        ),
        (
            "led_17_a_hyphen_for_the_dash",
            "An ASCII hyphen.",
            data.replace("— ".encode(), b"- ", 1),
            Reason.MALFORMED,
        ),
    )
    for name, comment, note, reason in rows:
        book.refused(name, comment, "led_17_sixteen_signatures", note, reason, covers="LED-17")


def _other_heads(book: Book) -> None:
    """LED-15: well signed, and of other entries."""
    world = book.worlds["recognised"]
    split = world.fork()
    split.leaves[-1] = encode_leaf(parse_leaf(split.leaves[-1]).operation, logged_at=seconds(world) + 1)
    book.refused(
        "led_15_same_size_another_root",
        "Log and witnesses have signed two heads of one size: a gate that holds the other one sees a fork.",
        "recognised",
        split.checkpoint_note(),
        Reason.FORK,
        covers="LED-15",
        leaves=split.leaves,
        after=True,
    )
    book.refused(
        "checkpoint_of_other_entries",
        "Well signed, and not the root of these entries.",
        "recognised",
        split.checkpoint_note(),
        Reason.BUNDLE_INCONSISTENT,
    )
    shorter = world.fork()
    shorter.leaves = shorter.leaves[:-1]
    book.refused(
        "checkpoint_of_fewer_entries",
        "A checkpoint from before the last entry.",
        "recognised",
        shorter.checkpoint_note(),
        Reason.BUNDLE_INCONSISTENT,
    )
    head = Checkpoint(
        origin=f"{ORIGIN}-2", size=len(world.leaves), root=root_of(map(leaf_hash, world.leaves))
    )
    text = encode_checkpoint_text(head)
    lines = [cosign(text, name, key, timestamp=seconds(world)) for name, key in world.witnesses.items()]
    note = Note(text=text, signatures=(sign_checkpoint(head, ORIGIN, world.log_key), *lines))
    book.refused(
        "checkpoint_of_another_origin",
        "The same entries, as another log.",
        "recognised",
        bytes_of(note),
        Reason.SIGNATURE_INVALID,
    )
