# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""PyPI `openvc-core` as a program: one request as JSON on stdin, one answer as JSON on stdout.

Runs in an environment of its own and imports nothing of vcred.
"""

import json
import sys
from datetime import UTC, datetime
from typing import Any

from openvc.keys import P256SigningKey
from openvc.status.issue import build_status_list_token, verify_status_list_token
from openvc.status.token_status_list import check_token_status, new_status_list, set_status


def make(request: dict[str, Any]) -> str:
    """A signed token over a list of that size."""
    status_list = new_status_list(request["size"], bits=request["bits"])
    for index, value in request["values"]:
        set_status(status_list, index, value, bits=request["bits"])
    return build_status_list_token(
        signing_key=P256SigningKey.from_jwk(request["issuer"], request["kid"]),
        uri=request["uri"],
        status_list=status_list,
        bits=request["bits"],
        issued_at=request["issuedAt"],
        expires=request["expiresAt"],
        ttl=request["ttl"],
    )


def read(request: dict[str, Any]) -> list[int]:
    """Verify a token; the values at some indices, by the way a credential refers to them."""
    claims = verify_status_list_token(
        request["token"],
        public_key_jwk=request["issuer"],
        expected_uri=request["uri"],
        now=datetime.fromtimestamp(request["now"], UTC),
    )
    values = []
    for index in request["indices"]:
        referring = {"status": {"status_list": {"idx": index, "uri": request["uri"]}}}
        found = check_token_status(referring, resolve_status_list_token=lambda _: claims)
        values.append(found.status)
    return values


def main() -> None:
    request = json.load(sys.stdin)
    json.dump({"make": make, "read": read}[request["do"]](request), sys.stdout)


if __name__ == "__main__":
    main()
