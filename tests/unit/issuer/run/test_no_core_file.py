# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A process of the pool leaves no core file, also where a program that uses the library allows them."""

import multiprocessing
import resource
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from vcred.home import Home, Role, Settings
from vcred.issuer.engines.workers.processes import KeyPlace, _begin
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner


def _allow() -> None:
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def _allow_and_begin(place: KeyPlace) -> None:
    _allow()
    _begin(place)


def _soft_limit() -> int:
    return resource.getrlimit(resource.RLIMIT_CORE)[0]


def test_a_process_of_the_pool_leaves_no_core_file(tmp_path: Path) -> None:
    key = SoftwareSigner.generate(ES256).public_key
    home = Home(path=tmp_path, role=Role.ISSUER, settings=Settings())
    place = KeyPlace(home=home, unlock=None, key=key)
    spawn = multiprocessing.get_context("spawn")
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=_allow) as pool:
        assert pool.submit(_soft_limit).result() == hard
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=_allow_and_begin, initargs=(place,)) as pool:
        assert pool.submit(_soft_limit).result() == 0
