# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A process that makes the DID of a founding authority: `python -m tests.unit.desk.founder HOME`."""

import sys

from tests.unit.ledger.homes import TestClock
from vcred.desk.founder import Founder
from vcred.desk.party import Party


def found(home: str) -> Founder:
    with Party.open(home, clock=TestClock()) as party:
        return party.found(jurisdiction="MO", jurisdiction_name={"en": "Macao"}, name={"en": "Bureau"})


if __name__ == "__main__":
    print(found(sys.argv[1]).witness["name"], flush=True)
