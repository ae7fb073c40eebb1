# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-13, the issuer: old copies of its store and of its home come back at random, and no place twice.

The histories, and what they must hold, are those of `tests/unit/issuer/lists/test_histories.py`; here
they are long, and many.
"""

from pathlib import Path
from random import Random

import pytest

from tests.faults.amounts import amount
from tests.unit.issuer.lists.test_histories import STEPS, History

HISTORIES = amount(5, 50)
LENGTH = amount(20, 60)


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_fi_13_an_issuer_that_is_put_back_again_and_again(tmp_path: Path, seed: int) -> None:
    history = History(tmp_path, seed)
    history.run(["revoke", "publish", *Random(seed).choices(STEPS, k=LENGTH)])
    # Nothing is shown where nothing was put back, or nothing was lost by it.
    assert history.reconciled > 0
    assert history.taken_back
