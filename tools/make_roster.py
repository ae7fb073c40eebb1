# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Write a roster of health codes of any size: `make_roster.py ROWS [--seed N] [--day DAY] --out FILE`.

All of it is made up. Every row passes; no row id, identity number or holder's key comes twice; the
same seed and day give the same bytes. Rows are written as they are made, so that ten million take no
more memory than ten. At 09:00+08:00 of the day every test is at most a day old, and every code good for
two days more.

Keys come from a public seed (`holder_key`): they are TEST KEYS.
"""

import argparse
import csv
import hashlib
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

try:
    from cryptography.hazmat.primitives.asymmetric import ec

    from vcred.codec.multibase import encode_base58btc
    from vcred.credential.identity_numbers import mainland_check_character
    from vcred.keys.algorithms import ES256
except ModuleNotFoundError as missing:
    raise SystemExit(
        f"make_roster.py: no module {missing.name}; "
        "run it with the Python that has vcred: .venv/bin/python tools/make_roster.py"
    ) from None

HEADER: Final = (
    "row_id",
    "name",
    "name_latin",
    "region",
    "id_type",
    "id_number",
    "birth_date",
    "colour",
    "test_method",
    "test_result",
    "test_collected",
    "test_lab",
    "vaccine_doses",
    "vaccine_last",
    "valid_until",
    "holder",
)
MAX_ROWS: Final = 100_000_000
# The day of the tests and measurements that name none.
SAMPLE_DAY: Final = date(2026, 11, 20)

_P256: Final = ec.SECP256R1()
_P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_LOCAL: Final = timezone(timedelta(hours=8))
_HOUR: Final = 9
_VALID: Final = timedelta(hours=72)

_FAMILIES: Final = (
    "陳 Chen,李 Li,黃 Huang,張 Zhang,梁 Liang,林 Lin,吳 Wu,劉 Liu,何 He,鄭 Zheng,杨 Yang,歐陽 Ouyang"
)
_GIVEN: Final = (
    "大文 Dawen,慧敏 Huimin,家豪 Jiahao,美玲 Meiling,志強 Zhiqiang,詠詩 Yongshi,子軒 Zixuan,国华 Guohua"
)
_NAMES: Final = tuple(
    (family[0] + given[0], f"{family[1]} {given[1]}")
    for family in (item.split() for item in _FAMILIES.split(","))
    for given in (item.split() for item in _GIVEN.split(","))
)
_AREAS: Final = ("440305", "440106", "440402", "440604", "441900", "442000", "440111", "440513", "441302")
_COLOURS: Final = ("green",) * 97 + ("yellow",) * 2 + ("red",)
_LABS: Final = ("GD-CDC-017", "GD-CDC-022", "GD-KM-104", "MO-CHCSJ", "MO-KWH")
_BIRTHS: Final = tuple(date(1930, 1, 1) + timedelta(days=day) for day in range(90 * 365))
_SEQUENCES: Final = 1000
# A number that is prime to how many numbers there are visits each of them once, in no obvious order.
_MAINLAND: Final = len(_AREAS) * len(_BIRTHS) * _SEQUENCES
_MAINLAND_STRIDE: Final = 104_729_003
_MACAO: Final = 10**8
_MACAO_STRIDE: Final = 38_196_601
_MACAO_EVERY: Final = 10


def holder_key(seed: int, number: int) -> ec.EllipticCurvePrivateKey:
    """The private key of a row's holder; the first row is number 1."""
    digest = hashlib.sha256(f"vcred roster {seed} {number}".encode()).digest()
    return ec.derive_private_key(1 + int.from_bytes(digest, "big") % (_P256_ORDER - 1), _P256)


def iter_rows(rows: int, *, seed: int = 1, day: date = SAMPLE_DAY) -> Iterator[tuple[str, ...]]:
    """Yield the header, then so many rows.

    Args:
        rows: At most `MAX_ROWS`.
        seed: Another one gives other people.
        day: At 09:00+08:00 of it all tests have been made, and no code has expired.
    """
    if not 0 <= rows <= MAX_ROWS:
        raise ValueError(f"from 0 to {MAX_ROWS} rows")
    yield HEADER
    # Not for secrets: the same seed gives the same roster.
    chance = random.Random(seed)
    now = datetime(day.year, day.month, day.day, _HOUR, tzinfo=_LOCAL)
    for number in range(1, rows + 1):
        yield _row(number, seed, chance, now)


def latest_day(now: datetime) -> date:
    """The newest day whose rows are all of the past: before 09:00+08:00 it is that of yesterday."""
    return (now.astimezone(_LOCAL) - timedelta(hours=_HOUR)).date()


def _row(number: int, seed: int, chance: random.Random, now: datetime) -> tuple[str, ...]:
    name, name_latin = chance.choice(_NAMES)
    region, kind, id_number, birth = (
        _macao(number, chance) if number % _MACAO_EVERY == 0 else _mainland(number)
    )
    collected = now - timedelta(minutes=chance.randrange(60, 24 * 60))
    doses = chance.randrange(5)
    vaccinated = now.date() - timedelta(days=chance.randrange(30, 900))
    return (
        f"HC{number:09}",
        name,
        name_latin,
        region,
        kind,
        id_number,
        birth.isoformat(),
        chance.choice(_COLOURS),
        "NAAT",
        "negative",
        collected.isoformat(),
        chance.choice(_LABS),
        str(doses) if doses else "",
        vaccinated.isoformat() if doses else "",
        (collected + _VALID).isoformat(),
        _did_key(seed, number),
    )


def _mainland(number: int) -> tuple[str, str, str, date]:
    rest, sequence = divmod(number * _MAINLAND_STRIDE % _MAINLAND, _SEQUENCES)
    area, day = divmod(rest, len(_BIRTHS))
    birth = _BIRTHS[day]
    digits = f"{_AREAS[area]}{birth:%Y%m%d}{sequence:03}"
    return "CN-44", "mainland_id", digits + mainland_check_character(digits), birth


def _macao(number: int, chance: random.Random) -> tuple[str, str, str, date]:
    body, check = divmod(number // _MACAO_EVERY * _MACAO_STRIDE % _MACAO, 10)
    return "MO", "macao_bir", f"{body:07}({check})", chance.choice(_BIRTHS)


def _did_key(seed: int, number: int) -> str:
    point = holder_key(seed, number).public_key().public_numbers()
    raw = bytes((2 | (point.y & 1),)) + point.x.to_bytes(32, "big")
    return f"did:key:{encode_base58btc(ES256.multicodec + raw)}"


def main() -> None:
    """Write the file that the command line asks for."""
    parser = argparse.ArgumentParser(
        description="Write a roster of made-up health codes, ready for vcred issue: each row has its holder"
        " in the column holder, the did:key of a test key of its own that anybody can compute from the seed.",
        epilog="At 09:00+08:00 of --day tests are at most a day old; codes end 72 hours after the test."
        " The same ROWS, --seed and --day give the same file.",
    )
    parser.add_argument("rows", type=int, metavar="ROWS", help=f"how many, at most {MAX_ROWS:,}")
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        help="another one gives other people, with the same row ids: a second file of them cannot be issued"
        " by an issuer of the first, but as changed rows; 1 if not given",
    )
    parser.add_argument(
        "--day",
        type=date.fromisoformat,
        default=latest_day(datetime.now(_LOCAL)),
        metavar="YYYY-MM-DD",
        help="the day that all dates go by; today if not given, before 09:00+08:00 yesterday",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the CSV goes")
    given = parser.parse_args()
    if not 0 <= given.rows <= MAX_ROWS:
        parser.error(f"ROWS: from 0 to {MAX_ROWS}")
    with given.out.open("w", encoding="utf-8", newline="") as file:
        rows = iter_rows(given.rows, seed=given.seed, day=given.day)
        csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
