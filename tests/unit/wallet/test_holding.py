# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One line for each name: copies together, the one that is shown next speaking for them."""

from dataclasses import replace

import pytest

from tests.unit.wallet.test_kept import sample
from vcred.codec.jcs import encode_jcs
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, RefusedError, UsageError
from vcred.reasons import Reason
from vcred.wallet.holding import hold_all, next_copy, require_named, spent
from vcred.wallet.inventory import Inventory
from vcred.wallet.settings import MAX_IDLE_MINUTES, MIN_IDLE_MINUTES, THEMES, WalletSettings

ONE = sample(name="one", received_at=1)
COPIES = {f"copy-{number}": sample(name="many", received_at=number, one_time=True) for number in (2, 3, 4)}


def test_copies_share_a_line() -> None:
    kept = {"one": ONE, **COPIES, "copy-2": replace(COPIES["copy-2"], shown_at=9)}
    one, many = hold_all(kept, None, now=5)
    assert (one.name, one.copies, one.left) == ("one", 0, 0)
    assert (many.name, many.copies, many.left) == ("many", 3, 2)
    assert many.received_at == 3


def test_the_last_copy_stays_a_copy() -> None:
    (line,) = hold_all({"copy-4": COPIES["copy-4"]}, None, now=5)
    assert (line.copies, line.left) == (1, 1)


def test_none_is_left() -> None:
    kept = {name: replace(one, is_uncertain=True) for name, one in COPIES.items()}
    (line,) = hold_all(kept, None, now=5)
    assert (line.copies, line.left) == (3, 0)
    assert next_copy(kept) is None
    assert next_copy(COPIES) == "copy-2"
    assert next_copy({**COPIES, "copy-2": replace(COPIES["copy-2"], shown_at=1)}) == "copy-3"
    assert (type(spent()), spent().reason) == (RefusedError, Reason.COPIES_SPENT)


def test_a_name_that_nothing_has() -> None:
    assert require_named({"one": ONE, **COPIES}, "many") == COPIES
    with pytest.raises(UsageError, match="no credential of that name"):
        require_named(COPIES, "one")


# The two small entries beside: how much there is, and what the holder has chosen.

INVENTORY = Inventory(**{name: place for place, name in enumerate(Inventory.__slots__)})


def test_the_inventory_is_read_back() -> None:
    assert Inventory.decode(INVENTORY.encode()) == INVENTORY


@pytest.mark.parametrize("member", Inventory.__slots__)
def test_an_inventory_of_another_form(member: str) -> None:
    document = decode_json_object(INVENTORY.encode())
    for wrong in ({**document, "more": 1}, {**document, member: "1"}, {**document, member: True}):
        with pytest.raises(DecodeError):
            Inventory.decode(encode_jcs(wrong))
    del document[member]
    with pytest.raises(DecodeError):
        Inventory.decode(encode_jcs(document))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("minutes", [MIN_IDLE_MINUTES, 5, MAX_IDLE_MINUTES])
def test_settings_are_read_back(theme: str, minutes: int) -> None:
    chosen = WalletSettings(theme=theme, idle_minutes=minutes)
    assert WalletSettings.decode(chosen.encode()) == chosen
    assert WalletSettings.decode({}) == WalletSettings()


@pytest.mark.parametrize(
    "wrong",
    [{"theme": "neon"}, {"idle_minutes": MIN_IDLE_MINUTES - 1}, {"idle_minutes": MAX_IDLE_MINUTES + 1}],
)
def test_settings_that_are_none(wrong: dict[str, object]) -> None:
    """A wallet that never locks is not to be had by writing a large number."""
    with pytest.raises(UsageError):
        WalletSettings(**wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError):
        WalletSettings.decode({**WalletSettings().encode(), **wrong})  # type: ignore[dict-item]


@pytest.mark.parametrize("wrong", [{"theme": "dawn"}, {"theme": 1, "idle_minutes": 5}, {"more": 1}])
def test_settings_of_another_form(wrong: dict[str, object]) -> None:
    with pytest.raises(DecodeError):
        WalletSettings.decode(wrong)  # type: ignore[arg-type]
