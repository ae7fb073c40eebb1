# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door that a gate's program opens: it knows the home, the clock and the codes already seen.

    with Verifier.open("gate-mo") as gate:
        claims = gate.verify(picture).claims

The decision is the rule's (`vcred.verifier.steps.evaluate`); the door adds only that no
code passes twice, so that no caller can forget to ask.
"""

from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from vcred.clock import Clock, system_clock
from vcred.codec.fields import optional_text
from vcred.codec.strict_json import decode_json_object
from vcred.credential.presentation import Binding, VerifiedPresentation
from vcred.credential.request import PresentationRequest
from vcred.errors import DecodeError, RefusedError, StoreError, UsageError
from vcred.files import read_capped, write_atomic
from vcred.home import PARTY_FILE, Home, Role, Settings, create_home, open_home
from vcred.limits import MAX_HOME_FILE_BYTES
from vcred.reasons import Reason
from vcred.trust.belief import Belief
from vcred.trust.store import TrustStore
from vcred.verifier.case import failed
from vcred.verifier.engines.asked import FILE_NAME as ASKED_FILE
from vcred.verifier.engines.asked import SqliteAsked
from vcred.verifier.engines.seen import SqliteSeen
from vcred.verifier.policy import Policy
from vcred.verifier.policy_file import default_policy, parse_policy
from vcred.verifier.report import Decision, VerificationReport
from vcred.verifier.steps import evaluate, unreadable

POLICY_FILE = "policy.toml"
SEEN_FILE = "seen.sqlite"
MAX_POLICY_BYTES = 64 * 1024
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class Verifier:
    """Checks presentations against the belief and the policy of one home."""

    def __init__(
        self, *, home: Home, trust: TrustStore, policy: Policy, seen: SqliteSeen, clock: Clock
    ) -> None:
        self._home = home
        self._trust = trust
        self._policy = policy
        self._seen = seen
        self._asked = SqliteAsked(home.path)
        self._clock = clock
        self._belief: Belief | None = None
        self._audited: tuple[datetime, Belief] | None = None

    @staticmethod
    def create(
        path: Path | str,
        *,
        jurisdiction: str,
        network_file: bytes | None = None,
        settings: Settings | None = None,
    ) -> Home:
        """Make a verifier's home, with a policy that asks for `match`.

        Args:
            path: The folder; made if missing.
            jurisdiction: Whose gate it is, a code of the network such as "MO".
            network_file: Content of the network file.
            settings: Language and the like.

        Raises:
            StoreError: The folder is a home already, or cannot be made.
            UsageError: The jurisdiction cannot be a code.
        """
        policy = default_policy(jurisdiction)
        home = create_home(Path(path), Role.VERIFIER, settings or Settings(), network_file=network_file)
        write_atomic(home.path / POLICY_FILE, policy.encode("utf-8"), mode=0o600)
        return home

    @classmethod
    def open(
        cls, home: Home | Path | str, *, policy: Policy | None = None, clock: Clock = system_clock
    ) -> Self:
        """Open a verifier's home.

        Args:
            home: The folder that `vcred init verifier` made.
            policy: Instead of the home's own `policy.toml`.
            clock: Gives now, timezone-aware.

        Raises:
            StoreError: The home, its network file or its store cannot be read.
            UsageError: The home is of another role, or its policy cannot be used.
        """
        opened = home if isinstance(home, Home) else open_home(Path(home), Role.VERIFIER)
        chosen = load_policy(opened.path / POLICY_FILE) if policy is None else policy
        trust = TrustStore.open(opened, clock=clock)
        seen = SqliteSeen(opened.path / SEEN_FILE)
        return cls(home=opened, trust=trust, policy=chosen, seen=seen, clock=clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._seen.close()
        self._trust.__exit__(kind, error, trace)

    def evaluate(
        self,
        presentation: str | bytes,
        *,
        request: PresentationRequest | None = None,
        at: datetime | None = None,
    ) -> VerificationReport:
        """Run every check, and report each one.

        Args:
            presentation: `VC1:` text or SD-JWT(+KB), as str or UTF-8 bytes, or a PNG or JPEG picture.
            request: What was asked, as a program keeps it. None: the answer to a request that this
                home has made ("vcred request") is known by its nonce, and any other answer is
                `nonce_wrong`; else nothing was asked, and a live code (or a paper type) may answer.
            at: An audit question, judged as of that time on the evidence held now. Codes already
                seen are neither consulted nor changed.

        Raises:
            StoreError: No trust bundle is held, or the codes already seen cannot be remembered.
            ValueError: `at` has no time zone.
        """
        belief = self.belief(at=at)
        now = self._clock() if at is None else at
        try:
            text = _text_of(presentation)
        except (DecodeError, RefusedError) as error:
            return unreadable(error, belief=belief, policy=self._policy, now=now)
        report = evaluate(text, request=request, belief=belief, policy=self._policy, now=now)
        if request is None and (asked := self._asked_by(report)) is not None:
            report = evaluate(text, request=asked, belief=belief, policy=self._policy, now=now)
        return report if at is not None else self._remembered(report, now)

    def verify(
        self,
        presentation: str | bytes,
        *,
        request: PresentationRequest | None = None,
        at: datetime | None = None,
    ) -> VerifiedPresentation:
        """As `evaluate`, but raise `VerificationError` unless accepted. Prefer it."""
        return self.evaluate(presentation, request=request, at=at).require()

    def own_request(self, text: str) -> PresentationRequest:
        """Read a request that a program has kept in the place of this home, for `evaluate`.

        It must be signed by a key that the ledger has for its asker; where this home has a DID, by
        this home's: whoever can change the text cannot have an answer accepted that was given to
        somebody else, or to less. A home without a DID can only tell that it is some verifier's.
        Whether it is over, `evaluate` says.

        Args:
            text: "VQ1:..." or the compact JWS.

        Raises:
            LimitExceededError, DecodeError: Not a request.
            RefusedError: REQUEST_INVALID. AUDIENCE_WRONG: another verifier's.
            StoreError: No trust bundle is held.

        Spec: docs/spec/requests.md section 6.
        """
        from vcred.verifier.asking import check_signature, open_text
        from vcred.verifier.request_token import invalid, parse_request

        belief = self.belief()
        parsed = parse_request(open_text(text))
        if not check_signature(parsed, belief, network_id=belief.network_id):
            raise invalid("its asker is not on the ledger that is held here")
        own = _did_of(self._home)
        if own is not None and own != parsed.request.audience:
            raise RefusedError(Reason.AUDIENCE_WRONG, "the request is another verifier's")
        return parsed.request

    def belief(self, *, at: datetime | None = None) -> Belief:
        """On what `evaluate` decides: it names the issuers, places and types in a report.

        Args:
            at: Of an audit question.

        Raises:
            StoreError: No trust bundle is held, or none that was known at that time.
            ValueError: `at` has no time zone.
        """
        if at is None:
            # A gate stays open for days, and bundles are imported by another process.
            if self._trust.refresh() or self._belief is None:
                self._belief = self._trust.belief()
            return self._belief
        if at.utcoffset() is None:
            raise ValueError("at must be timezone-aware")
        self._trust.refresh()
        if self._audited is None or self._audited[0] != at:
            self._audited = at, self._trust.belief(at=at)
        return self._audited[1]

    def _asked_by(self, report: VerificationReport) -> PresentationRequest | None:
        """What this home has asked, if the presentation claims to answer that."""
        if report.binding is not Binding.CHALLENGE or report.replay_key is None:
            return None
        text = self._asked.find(report.replay_key)
        if text is None:
            return None
        # Here, because most gates ask nothing.
        from vcred.verifier.request_token import parse_request

        try:
            return parse_request(text).request
        except (DecodeError, RefusedError) as error:
            raise StoreError(
                "what this home has asked is damaged", hint=f"move {ASKED_FILE} away, and ask again"
            ) from error

    def _remembered(self, report: VerificationReport, now: datetime) -> VerificationReport:
        """QR-07. Only what would be accepted is remembered, in one atomic step."""
        if report.decision is not Decision.ACCEPTED or report.replay_key is None:
            return report
        is_new = self._seen.remember(report.replay_key, until=report.replay_until, now=int(now.timestamp()))
        if is_new:
            return report
        return report.with_check(
            failed("key_binding", Reason.REPLAYED, "this code has been shown here before")
        )


def load_policy(path: Path) -> Policy:
    """Read a policy file.

    Raises:
        StoreError: It is missing.
        UsageError: It cannot be used.
    """
    try:
        return parse_policy(read_capped(path, max_bytes=MAX_POLICY_BYTES, from_pipe=True).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8") from error


def _did_of(home: Home) -> str | None:
    file = home.path / PARTY_FILE
    if not file.exists():
        return None
    return optional_text(decode_json_object(read_capped(file, max_bytes=MAX_HOME_FILE_BYTES)), "did")


def _text_of(presentation: str | bytes) -> str:
    if isinstance(presentation, str):
        return presentation.strip()
    if presentation.startswith(_PICTURES):
        # Here, because a program that is handed text should not load an image library.
        from vcred.qr.engines.zxing import read_picture

        return read_picture(presentation)
    try:
        return presentation.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise DecodeError("neither a PNG or JPEG picture nor a code or credential as text") from error
