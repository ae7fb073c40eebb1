# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-06, FI-07: a torn, aged or flipped file gives what it once held, or an error: never other data."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, count
from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.faults.checker import LedgerFacts, read_ledger
from tests.faults.damage import Content, Files, Outcome, bad_sectors, flipped_bits, judge, torn_tails
from tests.faults.stage import copy_folder, open_gate, prepare_gate, publish
from tests.unit.ledger.homes import Network, found_network
from tests.world import World
from vcred.errors import DecodeError, TrustBundleError
from vcred.ledger.ledger import Ledger
from vcred.trust.store import FILE_NAME as GATE_FILE
from vcred.trust.store import TrustStore

MAY_BE = {Outcome.WHOLE, Outcome.EARLIER, Outcome.REFUSED}


def content_of_ledger(ledger: Ledger) -> Content:
    """Entries, then the published note, so that an older one is no longer the whole."""
    published = ledger.published()
    return (*ledger.leaves(0, ledger.state.size), b"" if published is None else published.note)


def content_of_gate(store: TrustStore) -> Content:
    """What a gate decides by: a list's signature is verified when the list is used."""
    held = store.held
    if not held.checkpoints:
        return (held,)
    belief, lists = store.belief(), held.newest_statuses()
    # Raises for one that has changed.
    for uri in lists:
        assert belief.status(uri) is not None
    return (held.leaves, held.newest_checkpoint(), lists, held.state, held.time_floor)


def content_of_gate_at(home: Path, world: World) -> Content:
    """The same, read anew."""
    with open_gate(home, world) as store:
        return content_of_gate(store)


class DamagedLedger:
    """A ledger of seven entries, and its files at three moments: early, before it was closed, after."""

    def __init__(self, folder: Path) -> None:
        self._cases = count()
        self._network = found_network(folder / "network")
        self._bare = copy_folder(self._network.folder / "ledger", folder / "bare")
        self._notes = [b""]
        with self._network.ledger() as ledger:
            self._say(ledger, 3)
            self.early_open = Files.of(self._network.database)
        self.early = Files.of(self._network.database)
        with self._network.ledger() as ledger:
            self._say(ledger, 3)
            self.open = Files.of(self._network.database)
            self._content = content_of_ledger(ledger)
        self.closed = Files.of(self._network.database)

    def judge(self, files: Files) -> Outcome:
        """What a ledger with those files says."""
        case = Network(self._bare.with_name(f"case-{next(self._cases)}"))
        home = copy_folder(self._bare, case.folder / "ledger")
        for path in home.glob("ledger.sqlite*"):
            path.unlink()
        files.put(case.database)
        return judge(lambda: self._read(case), self._content, self._is_beginning)

    def _say(self, ledger: Ledger, number: int) -> None:
        for _ in range(number):
            self._network.say(ledger, ledger.state.size)
        self._notes.append(publish(self._network, ledger).note)

    def _is_beginning(self, found: Content) -> bool:
        entries, note = found[:-1], found[-1]
        # fsck has held the note against the entries.
        return entries == self._content[: len(entries)] and note in self._notes

    def _read(self, case: Network) -> Content:
        with case.ledger() as ledger:
            ledger.fsck()
            return content_of_ledger(ledger)


def tally(judged: Iterable[Outcome]) -> Counter[Outcome]:
    counts = Counter(judged)
    assert counts.keys() <= MAY_BE, counts
    return counts


def test_fi_06_a_ledger_with_a_torn_tail(tmp_path: Path) -> None:
    ledger = DamagedLedger(tmp_path)
    assert ledger.judge(ledger.open) is Outcome.WHOLE
    assert ledger.judge(ledger.closed) is Outcome.WHOLE
    log = tally(map(ledger.judge, torn_tails(ledger.open, "-wal", amount(300, 4096))))
    assert log[Outcome.EARLIER] > 0
    main = tally(map(ledger.judge, torn_tails(ledger.closed, "", amount(100, 4096))))
    assert main[Outcome.REFUSED] > 0


def test_fi_06_a_ledger_with_bad_sectors(tmp_path: Path) -> None:
    ledger = DamagedLedger(tmp_path)
    cases = chain(
        bad_sectors(ledger.open, "-wal", ledger.early_open.content["-wal"]),
        bad_sectors(ledger.closed, "", ledger.early.content[""]),
    )
    counts = tally(map(ledger.judge, cases))
    assert counts[Outcome.REFUSED] > 0
    assert counts[Outcome.EARLIER] > 0


def test_fi_07_a_bit_flips_in_a_ledger(tmp_path: Path) -> None:
    ledger = DamagedLedger(tmp_path)
    content, unused = ledger.closed.content[""], 0
    facts = facts_of(content, tmp_path)
    for place, flipped in flipped_bits(content, amount(300, 10_000)):
        outcome = ledger.judge(ledger.closed.replaced("", flipped))
        # Nothing of it may be forgotten without a word: the file was closed in order.
        assert outcome in (Outcome.WHOLE, Outcome.REFUSED), place
        if outcome is Outcome.WHOLE:
            # Unused, then: no entry, no node, and not the note that counts.
            assert facts_of(flipped, tmp_path) == facts, place
            unused += 1
    assert 0 < unused < amount(300, 10_000)


def facts_of(content: bytes, folder: Path) -> LedgerFacts:
    """What plain SQLite reads in those bytes; of the notes the newest, which alone is ever read."""
    file = folder / "facts.sqlite"
    file.write_bytes(content)
    facts = read_ledger(file)
    return replace(facts, notes=facts.notes[-1:])


class DamagedGate:
    """A gate that holds three bundles, and its files before and after it was closed."""

    def __init__(self, folder: Path) -> None:
        self._cases = count()
        self._world, home, self.bundles = prepare_gate(folder, bundles=3, entries=2)
        self._bare = copy_folder(home, folder / "bare")
        self._held = [content_of_gate_at(self._bare, self._world)]
        with open_gate(home, self._world) as store:
            for bundle in self.bundles:
                store.import_bundle(bundle.read_bytes())
                self._held.append(content_of_gate(store))
            self.open = Files.of(home / GATE_FILE)
        self.closed = Files.of(home / GATE_FILE)

    def judge(self, files: Files) -> Outcome:
        """What a gate with those files says."""
        case = copy_folder(self._bare, self._bare.with_name(f"case-{next(self._cases)}"))
        files.put(case / GATE_FILE)
        return judge(
            lambda: content_of_gate_at(case, self._world), self._held[-1], lambda found: found in self._held
        )


def test_fi_06_a_gate_with_a_torn_tail_or_bad_sectors(tmp_path: Path) -> None:
    gate = DamagedGate(tmp_path)
    assert gate.judge(gate.open) is gate.judge(gate.closed) is Outcome.WHOLE
    log = tally(map(gate.judge, torn_tails(gate.open, "-wal", amount(100, 4096))))
    assert log[Outcome.EARLIER] > 0
    main = tally(map(gate.judge, torn_tails(gate.closed, "", amount(50, 4096))))
    assert main[Outcome.REFUSED] > 0
    # Among them records whose columns read as nothing, though their table says NOT NULL.
    tally(map(gate.judge, chain(bad_sectors(gate.open, "-wal", b""), bad_sectors(gate.closed, "", b""))))


def test_fi_07_a_bit_flips_in_a_gate(tmp_path: Path) -> None:
    gate = DamagedGate(tmp_path)
    flips = flipped_bits(gate.closed.content[""], amount(200, 10_000))
    counts = tally(gate.judge(gate.closed.replaced("", flipped)) for _, flipped in flips)
    assert counts[Outcome.REFUSED] > 0


def test_fi_07_a_bit_flips_in_a_bundle(tmp_path: Path) -> None:
    world, home, (bundle,) = prepare_gate(tmp_path, bundles=1)
    content = bundle.read_bytes()
    with open_gate(home, world) as store:
        for place, flipped in flipped_bits(content, amount(200, 10_000)):
            before = store.held
            with pytest.raises((DecodeError, TrustBundleError)):
                store.import_bundle(flipped)
                pytest.fail(f"bit {place} is of no account")
            assert store.held == before
        # One mutation each: the bundle as it was is taken.
        assert store.import_bundle(content).changed
