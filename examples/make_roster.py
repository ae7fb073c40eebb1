# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Make a fresh roster of synthetic people: any size, for now, the same for the same seed.

    python examples/make_roster.py health-code 1000 --out roster.csv
    python examples/make_roster.py professional-certificate 50 --seed 7 --at 2026-11-20T09:00:00+08:00
    python examples/make_roster.py health-code 5 --out roster.csv --holders holders.csv

Names are drawn from short lists, document numbers are valid by their check digits and
belong to nobody on purpose; every number occurs once. The holders' keys are for trying
things out: they follow from the seed, so that whoever has this file can make them too.
"""

import argparse
import csv
import random
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from vcred.credential.identity_numbers import hong_kong_check_character, mainland_check_character
from vcred.keys.algorithms import ES256
from vcred.keys.public import PublicKey

ZONE = timezone(timedelta(hours=8))
MAX_ROWS = 1_000_000
ENCODINGS = ("utf-8", "gb18030", "big5hkscs")
FIRST_BIRTH, BIRTH_DAYS = date(1940, 1, 1), 24_000
AREAS = ("440106", "440305", "440402", "440604", "440703", "441900", "442000", "440111")
PLACES = 1000 * len(AREAS)
STEP = 7_919_999  # No divisor in common with the ranges: its multiples meet every number once.

# Surname and given name: simplified, traditional, pinyin, and as spelt in Macao or Hong Kong.
SURNAMES = (
    ("陈", "陳", "Chen", "Chan"),
    ("李", "李", "Li", "Lei"),
    ("黄", "黃", "Huang", "Wong"),
    ("张", "張", "Zhang", "Cheong"),
    ("梁", "梁", "Liang", "Leong"),
    ("郑", "鄭", "Zheng", "Cheang"),
    ("苏", "蘇", "Su", "Sou"),
    ("欧阳", "歐陽", "Ouyang", "Ao Ieong"),
)
GIVEN = (
    ("伟伦", "偉倫", "Weilun", "Wai Lon"),
    ("嘉欣", "嘉欣", "Jiaxin", "Ka Ian"),
    ("美玲", "美玲", "Meiling", "Mei Leng"),
    ("浩然", "浩然", "Haoran", "Hou In"),
    ("慧敏", "慧敏", "Huimin", "Wai Man"),
    ("𠮷祥", "𠮷祥", "Jixiang", "Kat Cheong"),
)
PORTUGUESE = (("白路易", "Luís Miguel Brandão"), ("龔瑪莉", "Maria João Gonçalves"))
MODULES = ("Payments", "Regtech", "Blockchain", "Green Finance", "Insurtech", "Digital Banking")
# Where an encoding lacks the first, the second: as the same name is written elsewhere.
SPELLINGS = (("𠮷", "吉"), ("横琴数链", "橫琴數鏈"))
EMPLOYERS = ("Banco da China, Sucursal de Macau", "横琴数链科技有限公司", "Greater Bay Clearing Ltd.", "")

ROW_IDS = {"health-code": ("HC", 7), "professional-certificate": ("FT", 6)}
PERSON = ("row_id", "name", "name_latin", "region", "id_type", "id_number", "birth_date")
HEALTH = ("colour", "test_method", "test_result", "test_collected", "test_lab")
VACCINE = ("vaccine_doses", "vaccine_last", "valid_until")
CERTIFICATE = ("certificate_no", "title", "title_zh", "level", "awarded", "expires", "exam_centre")
STANDING = ("modules", "cpd_hours_2025", "employer")


def row_id(type_name: str, index: int) -> str:
    """Return the id of the row of this number, from 1."""
    prefix, width = ROW_IDS[type_name]
    return f"{prefix}{index:0{width}}"


def written(text: str, encoding: str, *others: str) -> str:
    """Spell a text so that an encoding has all of it: as it is, otherwise, or without accents."""
    for spelling in (text, *others):
        for word, other in SPELLINGS:
            if not can_write(word, encoding):
                spelling = spelling.replace(word, other)
        if can_write(spelling, encoding):
            return spelling
    return unicodedata.normalize("NFD", text).encode(encoding, "ignore").decode(encoding)


def can_write(text: str, encoding: str) -> bool:
    """Say whether an encoding has all characters of a text, and gives them back."""
    try:
        return text.encode(encoding).decode(encoding) == text
    except UnicodeEncodeError:
        return False


class People:
    """Draws people; the same seed gives the same ones, spelt so that the encoding has them."""

    def __init__(self, seed: int, encoding: str) -> None:
        self.random = random.Random(seed)
        self.encoding = encoding
        self._offset = self.random.randrange(10**6)

    def draw(self, index: int) -> tuple[str, ...]:
        """Name, Latin name, region, kind of document, number, birth date."""
        region = self.random.choices(("CN-44", "MO", "HK"), weights=(56, 38, 6))[0]
        surname, given = self.random.choice(SURNAMES), self.random.choice(GIVEN)
        if region == "CN-44":
            name = written(surname[0] + given[0], self.encoding, surname[1] + given[1])
            return name, f"{surname[2]} {given[2]}", region, *self._mainland(index)
        born = FIRST_BIRTH + timedelta(days=self.random.randrange(BIRTH_DAYS))
        number = (index * STEP + self._offset) % 10**6
        name, latin = written(surname[1] + given[1], self.encoding), f"{surname[3]} {given[3]}"
        if region == "HK":
            body = f"{self.random.choice('ABCDEGHKMPRSVYZ')}{number:06}"
            id_number = f"{body}({hong_kong_check_character(body)})"
            return name, latin, region, "hkid", id_number, born.isoformat()
        if self.random.random() < 0.15:
            name, latin = self.random.choice(PORTUGUESE)
            latin = written(latin, self.encoding)
        id_number = f"{self.random.choice('157')}{number:06}({self.random.randrange(10)})"
        return name, latin, region, "macao_bir", id_number, born.isoformat()

    def _mainland(self, index: int) -> tuple[str, str, str]:
        day, place = divmod((index * STEP + self._offset) % (BIRTH_DAYS * PLACES), PLACES)
        born = FIRST_BIRTH + timedelta(days=day)
        digits = f"{AREAS[place // 1000]}{born:%Y%m%d}{place % 1000:03}"
        return "mainland_id", digits + mainland_check_character(digits), born.isoformat()


def iter_health(people: People, rows: int, at: datetime) -> Iterator[tuple[str, ...]]:
    """The header and the rows of a health code roster."""
    yield (*PERSON, *HEALTH, *VACCINE)
    pick = people.random
    for index in range(1, rows + 1):
        collected = at - timedelta(minutes=pick.randrange(60 * 60))
        colour, result = ("green", "negative") if pick.random() < 0.998 else ("red", "positive")
        doses = pick.randrange(5)
        last = (at - timedelta(days=pick.randrange(30, 900))).date().isoformat() if doses else ""
        yield (
            row_id("health-code", index),
            *people.draw(index),
            *(colour, "NAAT", result, collected.isoformat(), pick.choice(("GD-CDC-017", "MO-CHCSJ"))),
            *(str(doses), last, (collected + timedelta(hours=72)).isoformat()),
        )


def iter_certificates(people: People, rows: int, at: datetime) -> Iterator[tuple[str, ...]]:
    """The header and the rows of a roster of professional certificates."""
    yield (*PERSON, *CERTIFICATE, *STANDING)
    pick = people.random
    for index in range(1, rows + 1):
        level = pick.choices((1, 2, 3), weights=(5, 3, 2))[0]
        awarded = (at - timedelta(days=pick.randrange(2000))).date()
        modules = "; ".join(f"{title}={pick.randrange(60, 100)}" for title in pick.sample(MODULES, 4))
        yield (
            row_id("professional-certificate", index),
            *people.draw(index),
            f"SHKM-{awarded.year}-{level}-{index:07}",
            *(f"FinTech Professional Level {level}", f"金融科技師{'一二三'[level - 1]}級", str(level)),
            *(awarded.isoformat(), (awarded + timedelta(days=2920)).isoformat()),
            *(pick.choice(("Guangzhou", "Macao", "Hong Kong", "Shenzhen")), modules),
            *(str(pick.randrange(60)), written(pick.choice(EMPLOYERS), people.encoding)),
        )


def iter_holders(row_ids: Iterable[str], seed: int) -> Iterator[tuple[str, str]]:
    """The header and the rows of a holders file: a did:key for each row."""
    yield "row_id", "holder"
    pick = random.Random(f"holders {seed}")
    for row_id in row_ids:
        secret = ec.derive_private_key(pick.randrange(1, 2**255), ec.SECP256R1())
        point = secret.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        yield row_id, PublicKey.from_raw(ES256, point).did_key()


def save(rows: Iterable[tuple[str, ...]], path: Path, encoding: str) -> None:
    """Write a new CSV file."""
    with path.open("x", encoding=encoding, newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


MAKERS = {"health-code": iter_health, "professional-certificate": iter_certificates}


def main(arguments: list[str]) -> None:
    """Write a roster."""
    parser = argparse.ArgumentParser(description="Make a roster of synthetic people")
    parser.add_argument("type", choices=MAKERS)
    parser.add_argument("rows", type=int, help=f"how many, up to {MAX_ROWS}")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at", type=datetime.fromisoformat, help="as of this time, with zone; default now")
    parser.add_argument("--encoding", default="utf-8", choices=ENCODINGS)
    parser.add_argument("--out", type=Path, help="default standard output")
    parser.add_argument("--holders", type=Path, help="also write a file of holders, one for each row")
    given = parser.parse_args(arguments)
    if not 0 <= given.rows <= MAX_ROWS:
        parser.error(f"rows must be from 0 to {MAX_ROWS}")
    at = (given.at or datetime.now(ZONE)).astimezone(ZONE).replace(second=0, microsecond=0)
    rows = MAKERS[given.type](People(given.seed, given.encoding), given.rows, at)
    try:
        if given.holders:
            row_ids = (row_id(given.type, index) for index in range(1, given.rows + 1))
            save(iter_holders(row_ids, given.seed), given.holders, "utf-8")
        if given.out:
            save(rows, given.out, given.encoding)
            return
    except OSError as error:
        parser.exit(4, f"{parser.prog}: error: {error.filename}: {error.strerror}\n")
    sys.stdout.reconfigure(encoding=given.encoding, newline="")  # type: ignore[union-attr]
    csv.writer(sys.stdout, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
