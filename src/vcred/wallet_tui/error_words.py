# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What went wrong, as a holder reads it: a sentence in the language, what to do next, and the code."""

from dataclasses import dataclass

from vcred.errors import (
    DecodeError,
    KeyMaterialError,
    LedgerError,
    LimitExceededError,
    RefusedError,
    StoreError,
    TrustBundleError,
    UsageError,
    VcredError,
)
from vcred.reasons import Reason
from vcred.text.reasons import explain_reason
from vcred.text.words import Words
from vcred.wallet_tui.widgets.text import foreign


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorText:
    """An error in words.

    Attributes:
        sentence: In the language.
        hint: What to do next, in the language; None where nothing helps.
        code: The stable code of the reason or of the error.
        detail: The message of the error, in English and sanitised, for whoever helps.
    """

    sentence: str
    hint: str | None
    code: str
    detail: str


def describe_error(error: VcredError, words: Words) -> ErrorText:
    """Say an error in the language. Never a claim: no message of vcred has one."""
    reason = reason_of(error)
    if reason is not None:
        sentence, hint = explain_reason(reason, words.language)
        return ErrorText(sentence=sentence, hint=hint, code=str(reason), detail=foreign(str(error)))
    return ErrorText(sentence=_sentence(error, words), hint=None, code=error.code, detail=_detail(error))


def reason_of(error: VcredError) -> Reason | None:
    """The stable reason that an error carries, if it is one of those that do."""
    if isinstance(error, RefusedError | TrustBundleError | LedgerError):
        return error.reason
    return None


def _sentence(error: VcredError, words: Words) -> str:
    if isinstance(error, LimitExceededError):
        return words.gettext("This is larger than the wallet takes.")
    if isinstance(error, DecodeError):
        return words.gettext("This cannot be read: it is of another kind, or damaged.")
    if isinstance(error, KeyMaterialError):
        return words.gettext("The key does not fit, or it was changed on the way.")
    if isinstance(error, StoreError):
        return words.gettext("The wallet's files could not be read or written.")
    if isinstance(error, UsageError):
        return words.gettext("The wallet cannot do this.")
    return words.gettext("This did not work.")


def _detail(error: VcredError) -> str:
    message = str(error)
    return foreign(message if error.hint is None else f"{message} ({error.hint})")
