# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a wallet holds, read from its files alone; and what it has broken of what it told."""

from dataclasses import replace
from pathlib import Path

from tests.faults.damage import Content
from tests.faults.record import Told, told_of
from tests.faults.wallet_life import OLD, Holder, copy_home, fingerprint, now, open_wallet
from vcred.errors import RefusedError
from vcred.keys.custody import Passphrase
from vcred.reasons import Reason
from vcred.wallet.engines.restoring import read_all
from vcred.wallet.wallet import Wallet

NAME = "health-code"
PATHS = ["match"]
# More than any wallet here has: one that never says that they are spent shows them again.
MAX_SHOWN = 200


def stock(holder: Holder, home: Path) -> Path:
    """A copy of the holder's home with all of its credentials received."""
    copy_home(holder.home, home)
    with open_wallet(home) as wallet:
        for text in (*holder.copies, holder.single):
            wallet.credentials.receive(text)
    return home


def content_of(home: Path, unlock: Passphrase = OLD) -> Content:
    """All that it keeps: credentials, texts, keys, history, what was shown elsewhere, and settings."""
    with open_wallet(home, unlock) as wallet:
        kept = read_all(wallet.home, wallet._store, made_at=0)
        # A mark that is not what it says makes keys uncertain; what was shown stays shown.
        uses = {key: (use.one_time, use.shown_at) for key, use in kept.uses.items() if use.one_time}
        credentials = {
            name: (replace(one, is_uncertain=False), text) for name, (one, text) in kept.credentials.items()
        }
        return (credentials, kept.keys, kept.history, uses, wallet.settings(), kept.network_file)


def show_one(wallet: Wallet) -> str:
    """Show a one-time copy; which one."""
    return fingerprint(wallet.show(NAME, PATHS).code(now=now()).sd_jwt)


def show_all(wallet: Wallet) -> list[str]:
    """Show one-time copies as long as there are any; which ones."""
    shown: list[str] = []
    try:
        while len(shown) < MAX_SHOWN:
            shown.append(show_one(wallet))
    except RefusedError as refused:
        assert refused.reason is Reason.COPIES_SPENT
    return shown


def complaints_of_wallet(home: Path, told: list[Told], unlock: Passphrase = OLD) -> list[str]:
    """What was told and does not hold. Goes on showing one-time copies until there are no more."""
    received = {one["credential"] for one in told_of(told, "received")}
    shown = [one["credential"] for one in told_of(told, "shown")]
    with open_wallet(home, unlock) as wallet:
        kept = wallet._store.credentials()
        noted = {record.credential for record in wallet.history()}
        complaints = [f"INV-8: {one} was received and is gone" for one in received - kept.keys()]
        complaints += [f"INV-8: the text of {one} is gone" for one in kept if not wallet._store.text(one)]
        complaints += [f"INV-9: {one} was shown, and is not noted" for one in {*shown} - noted]
        complaints += [f"INV-9: {one} was shown, and is not marked" for one in marked_wrongly(wallet, shown)]
        # What has no copies may be shown as often as one likes.
        has_copies = any(one.name == NAME and one.one_time for one in kept.values())
        later = show_all(wallet) if has_copies else []
    all_shown = [*shown, *later]
    complaints += [f"INV-9: {one} was shown again" for one in {*all_shown} if all_shown.count(one) > 1]
    return complaints


def marked_wrongly(wallet: Wallet, shown: list[str]) -> list[str]:
    kept = wallet._store.credentials()
    return [one for one in shown if one in kept and kept[one].one_time and not kept[one].is_spent]
