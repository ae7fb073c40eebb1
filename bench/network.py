# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The network that is measured on: the tests' own, in memory, with a bundle imported."""

from collections.abc import Sequence
from functools import cache

from tests.world import START, World, make_world

from vcred.codec.json_types import JsonObject
from vcred.credential.type_definition import shipped_type
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner
from vcred.qr.frame import encode_text
from vcred.qr.packing import pack

NOW = START
ISSUED_AT = int(NOW.timestamp())
CERTIFICATE_CLAIMS: JsonObject = {
    "title": "FinTech Professional Level 3",
    "title_zh": "金融科技師三級",
    "level": 3,
    "expires": "2029-07-30",
    "match": {"name": "陳大文", "id_type": "macao_bir", "last_four": "2681"},
    "identity": {
        "name": "陳大文",
        "name_latin": "Chan Tai Man",
        "region": "MO",
        "id_type": "macao_bir",
        "id_number": "5631268(1)",
        "birth_date": "1954-09-24",
    },
    "award": {"certificate_no": "SHKM-2021-3-00001", "awarded": "2021-08-24", "exam_centre": "Hong Kong"},
    "modules": [
        {"title": title, "mark": mark}
        for title, mark in (("Payments", 63), ("Digital Banking", 85), ("Blockchain", 85), ("Regtech", 93))
    ],
    "standing": {"cpd_hours": 57, "employer": "Greater Bay Clearing Ltd."},
}


@cache
def world() -> World:
    """Return the one network of all rows: health codes, and certificates beside them."""
    made = make_world()
    definition = shipped_type("professional-certificate")
    vct = made.publish_type(definition, made.gd)
    made.accredit(made.gd, made.issuer, vct)
    made.recognise(made.mo, vct, "CN-44")
    bundle = made.bundle()
    contents = {**bundle.types, definition.digest: definition.encoded}
    made.import_bundle(made.bundle(types=contents))
    return made


def health_codes(size: int, *paths: str) -> list[str]:
    """Return live presentations of as many holders, each with a key of its own."""
    shown = []
    for index in range(size):
        each = world().fork()
        each.holder = SoftwareSigner.generate(ES256)
        shown.append(each.present(each.issue(index=index), *paths))
    return shown


def certificate(*paths: str) -> str:
    """Return a live presentation of a nested certificate."""
    network, definition = world(), shipped_type("professional-certificate")
    vct = f"{network.gd.did}/types/{definition.name}/{definition.version}"
    credential = network.issue(type_definition=definition, vct=vct, claims=CERTIFICATE_CLAIMS)
    return network.present(credential, *paths)


def as_codes(texts: Sequence[str]) -> list[str]:
    """Return presentations as the texts of their codes."""
    belief = world().belief()
    return [encode_text(pack(text, belief)) for text in texts]
