# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""PyPI `sd-jwt` as a program: one request as JSON on stdin, one answer as JSON on stdout.

Runs in an environment of its own and imports nothing of vcred.
"""

import json
import sys
from typing import Any

from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier


def key(jwk: dict[str, Any]) -> JWK:
    return JWK.from_json(json.dumps(jwk))


def marked(value: Any, hidden: list[list[str | int]], place: list[str | int]) -> Any:
    """Wrap what is to be concealed: the names of members, the elements of arrays."""
    if isinstance(value, dict):
        return {
            SDObj(name) if [*place, name] in hidden else name: marked(inner, hidden, [*place, name])
            for name, inner in value.items()
        }
    if isinstance(value, list):
        inner = [marked(item, hidden, [*place, index]) for index, item in enumerate(value)]
        return [SDObj(item) if [*place, index] in hidden else item for index, item in enumerate(inner)]
    return value


def chosen(paths: list[list[str | int]], claims: Any) -> Any:
    """What to disclose, in the form of the claims: True at the end of each path."""
    if [] in paths:
        return True
    heads = {path[0] for path in paths}
    if isinstance(claims, list):
        return [
            chosen([path[1:] for path in paths if path[0] == index], item) if index in heads else False
            for index, item in enumerate(claims)
        ]
    return {
        name: chosen([path[1:] for path in paths if path[0] == name], claims[name])
        for name in heads
        if name in claims
    }


def issue(request: dict[str, Any]) -> str:
    issuer = SDJWTIssuer(
        marked(request["claims"], request["hidden"], []),
        key(request["issuer"]),
        key(request["holder"]),
        add_decoy_claims=True,
        extra_header_parameters={"typ": "dc+sd-jwt", "kid": request["kid"]},
    )
    return issuer.sd_jwt_issuance


def present(request: dict[str, Any]) -> str:
    holder = SDJWTHolder(request["credential"])
    paths = chosen(request["paths"], request["claims"])
    holder.create_presentation(paths, request["nonce"], request["audience"], key(request["holder"]))
    return holder.sd_jwt_presentation


def verify(request: dict[str, Any]) -> Any:
    verifier = SDJWTVerifier(
        request["presentation"],
        lambda *_: key(request["issuer"]),
        request["audience"],
        request["nonce"],
    )
    return verifier.get_verified_payload()


def main() -> None:
    request = json.load(sys.stdin)
    answer = {"issue": issue, "present": present, "verify": verify}[request["do"]](request)
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
