# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Claims that fit the shipped types, for tests to change one thing in."""

from vcred.codec.json_types import JsonObject


def health_claims() -> JsonObject:
    """A health code of a resident of Guangdong."""
    return {
        "colour": "green",
        "valid_until": "2026-11-23T02:58:00+08:00",
        "match": {"name": "杨𠮷祥", "id_type": "mainland_id", "last_four": "3453"},
        "identity": {
            "name": "杨𠮷祥",
            "name_latin": "Yang Jixiang",
            "region": "CN-44",
            "id_type": "mainland_id",
            "id_number": "440305198704063453",
            "birth_date": "1987-04-06",
        },
        "test": {
            "method": "NAAT",
            "result": "negative",
            "collected": "2026-11-20T02:58:00+08:00",
            "lab": "MO-CHCSJ",
        },
        "vaccination": {"doses": 3, "last": "2026-04-30"},
    }
