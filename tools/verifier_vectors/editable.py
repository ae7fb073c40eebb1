# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A presentation taken apart, so that one thing in it can be changed and all of it signed again.

Only the change is wrong afterwards: a payload that was changed is signed by the issuer's own
key, and the key binding is made anew over the text that came out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.codec.strict_json import decode_json, decode_json_object
from vcred.keys.signer import Signer
from vcred.securing.sd_jwt.combined import SdJwt, split_sd_jwt
from vcred.securing.sd_jwt.disclosure import digest_of

DROP = object()
SALT = "dmVjdG9yIHNhbHQgMDAwMQ"

Sign = Callable[[Signer, bytes], bytes]


def _sign(signer: Signer, message: bytes) -> bytes:
    return signer.sign(message)


@dataclass(kw_only=True)
class Editable:
    """The parts of a presentation.

    Before a part is signed, `rewrites` change its JSON bytes (for what no JSON value can say), and
    `segments` its base64url text. A `binding` without `sd_hash` gets the right one.
    """

    header: JsonObject
    payload: JsonObject
    disclosures: list[str]
    binding_header: JsonObject
    binding: JsonObject | None
    issuer: Signer
    holder: Signer
    rewrites: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)
    segments: dict[str, Callable[[str], str]] = field(default_factory=dict)
    issuer_signature: Sign = _sign
    holder_signature: Sign = _sign

    @classmethod
    def open(cls, text: str, *, issuer: Signer, holder: Signer) -> "Editable":
        """Take a presentation apart; `text()` of it gives the same text."""
        parts = split_sd_jwt(text)
        binding_header: JsonObject = {}
        binding: JsonObject | None = None
        if parts.key_binding is not None:
            binding_header, binding = _jwt_parts(parts.key_binding)
            del binding["sd_hash"]
        header, payload = _jwt_parts(parts.issuer_jwt)
        return cls(
            header=header,
            payload=payload,
            disclosures=list(parts.disclosures),
            binding_header=binding_header,
            binding=binding,
            issuer=issuer,
            holder=holder,
        )

    def text(self) -> str:
        """Sign all of it, and put it together."""
        issuer_jwt = self._jwt("header", "payload", self.issuer, self.issuer_signature)
        shown = SdJwt(issuer_jwt=issuer_jwt, disclosures=tuple(self.disclosures))
        if self.binding is None:
            return shown.sd_hash_input()
        self.binding.setdefault("sd_hash", shown.sd_hash())
        binding = self._jwt("binding_header", "binding", self.holder, self.holder_signature)
        return shown.sd_hash_input() + binding

    def _jwt(self, header: str, payload: str, signer: Signer, sign: Sign) -> str:
        signing_input = f"{self._segment(header)}.{self._segment(payload)}"
        return f"{signing_input}.{encode_base64url(sign(signer, signing_input.encode()))}"

    def _segment(self, name: str) -> str:
        written = self.rewrites.get(name, bytes)(encode_jcs(getattr(self, name)))
        return self.segments.get(name, str)(encode_base64url(written))

    # What a change does most often.

    def add_disclosure(self, disclosure: JsonValue) -> str:
        """Disclose something more, and let the issuer's payload refer to it."""
        encoded = encode_disclosure(disclosure)
        digests = self.payload.setdefault("_sd", [])
        assert isinstance(digests, list)
        digests.append(digest_of(encoded))
        digests.sort(key=str)
        self.disclosures.append(encoded)
        return encoded

    def replace_disclosure(self, name: str, change: Callable[[bytes], bytes]) -> None:
        """Rewrite the bytes of the disclosure of a claim, and the digest that refers to it."""
        index = index_of(self, name)
        old = self.disclosures[index]
        new = encode_base64url(change(decode_base64url(old)))
        self.disclosures[index] = new
        digests = self.payload["_sd"]
        assert isinstance(digests, list)
        digests[digests.index(digest_of(old))] = digest_of(new)


Change = Callable[[Editable], None]


def encode_disclosure(disclosure: JsonValue) -> str:
    """A disclosure as text, whatever it is."""
    return encode_base64url(encode_jcs(disclosure))


def disclosed_name(encoded: str) -> JsonValue:
    """The claim name in a disclosure, or None for an array element."""
    array = decode_json(decode_base64url(encoded))
    return array[1] if isinstance(array, list) and len(array) == 3 else None


def edit(part: str, **members: object) -> Change:
    """Set members of a part, or DROP them."""

    def change(parts: Editable) -> None:
        target = getattr(parts, part)
        for name, value in members.items():
            if value is DROP:
                target.pop(name, None)
            else:
                target[name] = value

    return change


def edit_named(part: str, name: str, value: object) -> Change:
    """Set one member whose name is no Python name."""
    return edit(part, **{name: value})


def rewrite(part: str, change: Callable[[bytes], bytes]) -> Change:
    """Change the JSON bytes of a part, before it is signed."""

    def apply(parts: Editable) -> None:
        parts.rewrites[part] = change

    return apply


def segment(part: str, change: Callable[[str], str]) -> Change:
    """Change the base64url text of a part, before it is signed."""

    def apply(parts: Editable) -> None:
        parts.segments[part] = change

    return apply


def index_of(parts: Editable, name: str) -> int:
    """Where the disclosure of a claim stands."""
    return next(i for i, text in enumerate(parts.disclosures) if disclosed_name(text) == name)


def digests_of(parts: Editable) -> list[JsonValue]:
    """The digests at the top of the payload."""
    digests = parts.payload["_sd"]
    assert isinstance(digests, list)
    return digests


def disclosing(value: JsonValue) -> Change:
    """Disclose something more, rightly referred to."""

    def apply(parts: Editable) -> None:
        parts.add_disclosure(value)

    return apply


def moving(claim: str) -> Change:
    """Put a claim of the payload into a disclosure."""

    def apply(parts: Editable) -> None:
        parts.add_disclosure([SALT, claim, parts.payload.pop(claim)])

    return apply


def status_reference(**members: object) -> Change:
    """Set members of the status reference, or DROP them."""

    def apply(parts: Editable) -> None:
        status = parts.payload["status"]
        assert isinstance(status, dict) and isinstance(status["status_list"], dict)
        changed = {**status["status_list"], **members}
        kept = {name: value for name, value in changed.items() if value is not DROP}
        parts.payload["status"] = {"status_list": kept}  # type: ignore[dict-item]

    return apply


def _jwt_parts(jwt: str) -> tuple[JsonObject, JsonObject]:
    header, payload, _ = jwt.split(".")
    return decode_json_object(decode_base64url(header)), decode_json_object(decode_base64url(payload))
