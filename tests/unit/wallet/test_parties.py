# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Names by language, and who vouches for an issuer."""

from datetime import timedelta

from tests.world import HOUR, ISSUER, make_world
from vcred.ledger.entries import Kind
from vcred.wallet.parties import choose_name, organisation_name, place_name, vouchers_of


def test_a_name_is_the_languages_own_or_the_nearest() -> None:
    names = {"en": "Macao", "zh-Hant": "澳門", "pt": "Macau"}
    assert [choose_name(names, language) for language in ("zh-Hant", "zh-Hans", "pt", "en")] == [
        "澳門",
        "澳門",
        "Macau",
        "Macao",
    ]
    assert choose_name({"en": "Macao"}, "zh-Hans") == "Macao"
    assert choose_name({"fr": "Macao"}, "pt") == "Macao"
    assert choose_name({}, "en") is None
    assert choose_name({"en": "", "pt": 7}, "en") is None


def test_an_organisation_of_the_ledger_has_a_name_and_a_stranger_none() -> None:
    world = make_world()
    belief = world.belief()
    assert organisation_name(belief, world.issuer.did, "en") == "Guangdong Health"
    assert organisation_name(belief, "did:vcred:nobody", "en") is None
    assert organisation_name(None, world.issuer.did, "en") is None


def test_a_place_without_a_name_goes_by_its_code() -> None:
    belief = make_world().belief()
    assert place_name(belief, "MO", "en") == "Macao"
    assert place_name(belief, "XX", "en") == "XX"
    assert place_name(None, "MO", "en") == "MO"


def test_who_vouches_is_who_accredited_for_that_time() -> None:
    world = make_world()
    now = int(world.now.timestamp())
    belief, did = world.belief(), world.issuer.did
    (voucher,) = vouchers_of(belief, did, world.vct, issued_at=now, language="en")
    assert (voucher.authority, voucher.jurisdiction) == (world.gd.did, "CN-44")
    assert (voucher.authority_name, voucher.jurisdiction_name) == ("Guangdong Authority", "Guangdong")
    long_ago = now - int(timedelta(days=400).total_seconds())
    assert vouchers_of(belief, did, world.vct, issued_at=long_ago, language="en") == ()
    assert vouchers_of(belief, did, "did:vcred:x/types/y/1", issued_at=now, language="en") == ()
    assert vouchers_of(None, did, world.vct, issued_at=now, language="en") == ()


def test_a_withdrawn_accreditation_vouches_for_nothing() -> None:
    world = make_world()
    issuer = world.join("Second Health", ISSUER, sponsor=world.gd)
    entry = world.accredit(world.gd, issuer, world.vct)
    now = int((world.now + HOUR).timestamp())
    world.later(hours=1)
    assert vouchers_of(world.belief(), issuer.did, world.vct, issued_at=now, language="en")
    world.withdraw(world.gd, Kind.ISSUER_WITHDRAW, entry, "void")
    world.import_bundle()
    assert vouchers_of(world.belief(), issuer.did, world.vct, issued_at=now, language="en") == ()
