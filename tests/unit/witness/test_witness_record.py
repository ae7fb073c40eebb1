# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A witness that has forgotten what it has signed signs no more, for ever. FI-13."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.ledger.homes import pass_for_original
from tests.unit.ledger.samples import KEYS
from tests.unit.witness.test_witness import fork_of
from tests.unit.witness.watching import NAME, Post, date_of, extension, head
from vcred.errors import StoreError
from vcred.files.mark import read_mark, write_mark
from vcred.keys.algorithms import EDDSA
from vcred.keys.signer import Signer
from vcred.tlog.add_checkpoint import AddCheckpoint
from vcred.tlog.cosignature import cosign
from vcred.tlog.note import Note, encode_note, parse_note
from vcred.tlog.witness import RefusalKind, WitnessRefusedError
from vcred.witness.engines.store import HandedOperation, Retirement


@pytest.fixture
def begun(tmp_path: Path) -> Post:
    """A witness that has cosigned 5 of 8 entries."""
    post = Post(tmp_path / "post")
    post.folder.mkdir()
    assert post.ask(0, 5)
    return post


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refused_for_ever(post: Post, why: Retirement, *, size: int) -> None:
    """No question is answered any more, also after a restart."""
    for _ in range(2):
        for old in {0, size}:
            with post.open() as witness, pytest.raises(WitnessRefusedError) as caught:
                witness.add_checkpoint(extension(post.world, old, 8))
            assert caught.value.kind is RefusalKind.RETIRED
            assert "witness-key" in (caught.value.hint or "")
    with post.store() as store:
        assert store.retired() == {NAME: why}


def renewed(post: Post) -> Signer:
    """Let the network put a new key in the place of the old one."""
    second = f"{NAME}/2"
    post.signers = {NAME: post.signer()}
    post.signers[second] = post.world.new_witness(second, instead_of=NAME)
    post.names = (NAME, second)
    return post.signers[second]


def test_nothing_is_retired_while_all_is_well(begun: Post) -> None:
    assert begun.ask(5, 6)
    with begun.store() as store:
        assert store.retired() == {}
    assert begun.ask(6, 8)


@pytest.mark.parametrize("begins_anew", [False, True])
def test_a_record_that_is_lost(begun: Post, begins_anew: bool) -> None:
    for path in begun.folder.glob("witness.sqlite*"):
        path.unlink()
    if begins_anew:
        # Whoever has the mark removed too, gets a witness that knows nothing: see `test_own_words`.
        begun.mark.unlink()
        assert begun.ask(0, 8)
    else:
        refused_for_ever(begun, Retirement.LOST, size=0)


def test_a_file_that_was_made_and_never_finished_is_not_lost(tmp_path: Path) -> None:
    post = Post(tmp_path)
    with post.store():
        pass
    post.mark.unlink()
    assert post.ask(0, 5)


def test_a_record_that_is_a_copy(begun: Post, tmp_path: Path) -> None:
    folder = shutil.copytree(begun.folder, tmp_path / "copy")
    copy = Post(folder, begun.world)
    refused_for_ever(copy, Retirement.COPIED, size=5)
    # Where it was copied from, nothing has changed.
    assert begun.ask(5, 8)


def test_a_record_that_was_renamed_is_none(begun: Post, tmp_path: Path) -> None:
    begun.folder.rename(tmp_path / "moved")
    assert Post(tmp_path / "moved", begun.world).ask(5, 8)


def test_an_older_content_in_the_same_file(begun: Post) -> None:
    before = files(begun.folder)
    assert begun.ask(5, 7)
    for path in begun.folder.glob("witness.sqlite*"):
        path.write_bytes(before[path.name])
    refused_for_ever(begun, Retirement.SET_BACK, size=5)


def test_a_mark_that_cannot_be_read(begun: Post) -> None:
    begun.mark.write_bytes(b"five\n")
    refused_for_ever(begun, Retirement.SET_BACK, size=5)


def test_a_mark_that_is_behind_means_a_crash_and_no_more(begun: Post) -> None:
    """The record comes first: a power cut leaves the mark behind it."""
    write_mark(begun.mark, 2)
    with begun.store():
        assert begun.marked() == 5
    assert begun.ask(5, 8)
    assert begun.marked() == 8


def test_heads_without_a_mark(begun: Post) -> None:
    """There is one before the first head: it was taken away, or was never put back."""
    assert begun.ask(5, 6)
    begun.mark.unlink()
    refused_for_ever(begun, Retirement.UNMARKED, size=6)


# An ordinary backup, put back in its place.


def remove_first(home: Path, backup: Path) -> None:
    """The system may give the inodes of the old files again: ext4 does."""
    shutil.rmtree(home)
    shutil.copytree(backup, home, copy_function=shutil.copy2)


def write_over(home: Path, backup: Path) -> None:
    """As `cp -a backup/. home`: the files that are there stay the same ones."""
    shutil.copytree(backup, home, dirs_exist_ok=True)


def tells_generations(post: Post) -> bool:
    mark = read_mark(post.mark)
    return mark is not None and not mark.file.endswith("-")


@pytest.mark.parametrize("put_back", [remove_first, write_over])
def test_a_home_that_was_put_back_cosigns_no_fork(
    begun: Post, tmp_path: Path, put_back: Callable[[Path, Path], None]
) -> None:
    if not tells_generations(begun):
        pytest.skip("the file system tells no generation")
    backup = tmp_path / "backup"
    shutil.copytree(begun.folder, backup)
    assert begun.ask(5, 8)
    put_back(begun.folder, backup)
    begun.world = fork_of(begun.world, after=6)
    refused_for_ever(begun, Retirement.COPIED, size=5)


def test_a_mark_in_an_inode_that_was_given_again(begun: Post) -> None:
    """The same inode, and another generation: another file."""
    if not tells_generations(begun):
        pytest.skip("the file system tells no generation")
    assert begun.ask(5, 6)
    inode, _, generation = begun.mark.read_text().split("\n")[1].partition(":")
    begun.mark.write_text(f"6\n{inode}:{int(generation) ^ 1}\n")
    refused_for_ever(begun, Retirement.COPIED, size=6)


def test_a_backup_is_a_copy_though_nothing_was_cosigned_since(begun: Post, tmp_path: Path) -> None:
    if not tells_generations(begun):
        pytest.skip("the file system tells no generation")
    backup = shutil.copytree(begun.folder, tmp_path / "backup")
    # The same words in the same files: nothing has changed.
    write_over(begun.folder, backup)
    with begun.store() as store:
        assert store.retired() == {}
    remove_first(begun.folder, backup)
    refused_for_ever(begun, Retirement.COPIED, size=5)


# Records of version 1: the inode of the file alone, and a size alone in the mark.


@pytest.fixture
def older(begun: Post) -> Post:
    """As version 1 has left it."""
    database = sqlite3.connect(begun.path)
    database.execute("UPDATE identity SET file = ?", (str(begun.path.stat().st_ino),))
    database.execute("PRAGMA user_version = 1")
    database.commit()
    database.close()
    begun.mark.write_bytes(b"5\n")
    return begun


def test_a_record_of_version_1_is_taken_over(older: Post) -> None:
    with older.store() as store:
        assert store.retired() == {}
    assert older.marked() == 5
    assert older.ask(5, 8)
    # From now on a mark of version 1 is one that was put back.
    older.mark.write_bytes(b"8\n")
    refused_for_ever(older, Retirement.SET_BACK, size=8)


def test_who_dies_while_taking_it_over_is_taken_over_the_next_time(older: Post) -> None:
    """The new mark is written first: what is left in between is the old record beside it."""
    write_mark(older.mark, 5)
    assert older.ask(5, 8)


def test_a_copy_of_version_1_and_one_set_back_are_noticed(older: Post, tmp_path: Path) -> None:
    copy = Post(shutil.copytree(older.folder, tmp_path / "copy"), older.world)
    refused_for_ever(copy, Retirement.COPIED, size=5)
    older.mark.write_bytes(b"6\n")
    refused_for_ever(older, Retirement.SET_BACK, size=5)


def test_two_that_open_it_for_the_first_time_do_not_end_each_other(tmp_path: Path) -> None:
    post = Post(tmp_path)
    with post.store() as one, post.store() as two:
        assert one.retired() == two.retired() == {}
    assert post.ask(0, 5)


def cosigned(post: Post, note: bytes, signer: Signer, name: str = NAME) -> bytes:
    """A note with one more cosignature."""
    parsed = parse_note(note)
    line = cosign(parsed.text, name, signer, timestamp=1)
    return encode_note(Note(text=parsed.text, signatures=(*parsed.signatures, line)))


@pytest.mark.parametrize("by_question", [False, True], ids=["observed", "asked"])
@pytest.mark.parametrize("case", ["above", "other root", "below"])
def test_own_words_that_are_in_no_record(begun: Post, case: str, by_question: bool) -> None:
    """Its own valid cosignature, and it does not remember: set back unnoticed, or the key is stolen."""
    notes = {
        "above": head(begun.world, 7),
        "other root": head(fork_of(begun.world, after=3), 5),
        "below": head(begun.world, 4),
    }
    note = cosigned(begun, notes[case], begun.signer())
    own = cosigned(begun, head(begun.world, 5), begun.signer())
    with begun.open() as witness:
        witness.observe(own)
        for stranger in (
            cosigned(begun, notes[case], KEYS.make("stranger", EDDSA)),
            cosigned(begun, notes[case], begun.world.witnesses["witness/MO"], "witness/MO"),
        ):
            witness.observe(stranger)
        with pytest.raises(WitnessRefusedError) as caught:
            if by_question:
                witness.add_checkpoint(AddCheckpoint(old_size=5, proof=(), note=note))
            else:
                witness.observe(note)
        assert caught.value.kind is RefusalKind.RETIRED
        kept = witness.evidence()
    assert kept == ((head(begun.world, 5), note) if case == "other root" else (note,))
    refused_for_ever(begun, Retirement.CONTRADICTED, size=5)


@pytest.mark.parametrize("how", ["lost", "set back"])
def test_the_key_is_replaced_and_the_new_one_goes_on(begun: Post, how: str) -> None:
    if how == "lost":
        begun.path.unlink()
    else:
        begun.mark.write_bytes(b"6\n")
    with begun.open() as witness, pytest.raises(WitnessRefusedError):
        witness.add_checkpoint(extension(begun.world, witness.known_size(), 8))
    signer = renewed(begun)
    with begun.open() as witness:
        request = extension(begun.world, witness.known_size())
        lines = witness.add_checkpoint(request)
        assert date_of(lines, request.note, f"{NAME}/2", signer)
        # What the old key has said is its own affair: it is retired already.
        witness.observe(cosigned(begun, head(begun.world, 4), begun.signers[NAME]))
        assert witness.add_checkpoint(extension(begun.world, len(begun.world.leaves)))


def test_the_old_key_stays_retired_though_the_network_still_lists_it(begun: Post) -> None:
    begun.mark.write_bytes(b"6\n")
    with begun.store():
        pass
    begun.signers = {NAME: begun.signer(), f"{NAME}/2": KEYS.make("second", EDDSA)}
    begun.names = (NAME, f"{NAME}/2")
    with begun.open() as witness, pytest.raises(WitnessRefusedError) as caught:
        witness.add_checkpoint(extension(begun.world, 5, 8))
    assert caught.value.kind is RefusalKind.RETIRED


def test_heads_evidence_and_retirement_cannot_be_changed(begun: Post) -> None:
    database = sqlite3.connect(begun.path)
    database.execute("INSERT INTO evidence (note) VALUES (x'00')")
    database.execute("INSERT INTO retired VALUES ('x', 'lost')")
    for table, column in (("head", "size"), ("evidence", "note"), ("retired", "name")):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = {column}"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                database.execute(statement)
    database.close()


def test_a_damaged_record_is_an_error_of_the_store(begun: Post) -> None:
    database = sqlite3.connect(begun.path)
    database.execute("INSERT INTO head VALUES (6, x'00', x'00', 'o', 'no key', 'n')")
    database.commit()
    database.close()
    with begun.open() as witness, pytest.raises(StoreError, match="damaged"):
        witness.known_size()


def test_a_loss_does_not_stop_what_is_handed_over(begun: Post) -> None:
    """The authority must be able to withdraw, whatever has become of its witness."""
    begun.path.unlink()
    with begun.store() as store:
        store.hand(HandedOperation(hash="h", handed_at=7, operation=b"{}"))
    with begun.store() as store:
        store.hand(HandedOperation(hash="h", handed_at=9, operation=b"{}"))
        assert [(item.hash, item.handed_at) for item in store.handed()] == [("h", 7)]


def test_a_copy_that_passes_for_the_original(begun: Post, tmp_path: Path) -> None:
    """What the other tests do to work in copies: it is all that a copy lacks."""
    copy = Post(shutil.copytree(begun.folder, tmp_path / "copy"), begun.world)
    pass_for_original(copy.path)
    assert copy.ask(5, 8)
