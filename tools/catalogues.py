# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Bring the catalogues of vcred.text.words up to date with the source.

Gathers every message of `src/vcred`, keeps the translations there are, drops what nobody says any more,
and compiles. Guesses nothing: a message that was reworded waits for its translation anew. The same
source and translations give the same bytes, without dates, line numbers or folders.

Ends with 1, naming them, where messages lack a translation.
"""

import sys
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from vcred.text.languages import LANGUAGES
from vcred.text.words import CATALOGUE_NAMES, DOMAIN, catalogue_path

PROJECT = Path(__file__).resolve().parents[1]
SOURCE = PROJECT / "src" / "vcred"
# What the messages are written in: its catalogue says each of them as it stands.
MOTHER_TONGUE = "en"

# The arguments that are messages; "c" is a context.
_KEYWORDS = {"gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
_COMMENT_TAG = "Translators:"
_WIDTH = 100
_HEADER = """\
# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
# Translate here, then run tools/catalogues.py; a context that ends in |N allows N columns."""

# A message by its context and its forms: one, or singular and plural.
MessageId: TypeAlias = tuple[str | None, tuple[str, ...]]


class BareCatalogue(Catalog):
    """A catalogue whose header says what a reader of it needs, and nothing that changes by itself."""

    def _bare_headers(self) -> list[tuple[str, str]]:
        return [
            ("Project-Id-Version", DOMAIN),
            ("Language", str(self.locale_identifier)),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit\n"),
        ]

    mime_headers = property(_bare_headers)


def gather_messages(source: Path = SOURCE) -> dict[MessageId, tuple[str, ...]]:
    """Gather the messages of the source, in order, with the comments that begin with "Translators:"."""
    found: dict[MessageId, tuple[str, ...]] = {}
    method_map, options = [("**.py", "python")], {"**.py": {"encoding": "utf-8"}}
    for _, _, message, comments, context in extract_from_dir(
        source, method_map, options, _KEYWORDS, [_COMMENT_TAG], strip_comment_tags=False
    ):
        forms = (message,) if isinstance(message, str) else tuple(message)
        known = found.setdefault((context, forms), ())
        found[context, forms] = tuple(dict.fromkeys((*known, *comments)))
    return dict(sorted(found.items(), key=lambda item: (item[0][1], item[0][0] or "")))


def read_catalogue(data: bytes, language: str) -> Catalog:
    """Read a catalogue as it was written."""
    return read_po(BytesIO(data), locale=CATALOGUE_NAMES[language])


def message_id(message: Message) -> MessageId:
    """By what a message is known."""
    return message.context, (message.id,) if isinstance(message.id, str) else tuple(message.id)


def translations(message: Message) -> tuple[str, ...]:
    """The forms of its translation; empty texts where there is none."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def merge(language: str, messages: Mapping[MessageId, Iterable[str]], former: Catalog) -> BareCatalogue:
    """Make a catalogue of just these messages, with the translations that there were."""
    known = {message_id(message): translations(message) for message in former if message.id}
    merged = BareCatalogue(locale=CATALOGUE_NAMES[language], header_comment=_HEADER, fuzzy=False)
    for (context, forms), comments in messages.items():
        said = forms if language == MOTHER_TONGUE else known.get((context, forms), ())
        if len(forms) == 1:
            merged.add(forms[0], said[0] if said else "", context=context, auto_comments=list(comments))
        else:
            plurals = said or ("",) * merged.num_plurals
            merged.add(forms, plurals, context=context, auto_comments=list(comments))
    return merged


def written(catalogue: Catalog) -> bytes:
    """The catalogue as people read it (.po)."""
    file = BytesIO()
    write_po(file, catalogue, width=_WIDTH, no_location=True, ignore_obsolete=True)
    return file.getvalue().rstrip(b"\n") + b"\n"


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as programs read it (.mo)."""
    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def update(language: str, messages: Mapping[MessageId, Iterable[str]]) -> list[MessageId]:
    """Bring one language up to date; return what lacks a translation."""
    source, target = catalogue_path(language, "po"), catalogue_path(language, "mo")
    former = read_catalogue(source.read_bytes() if source.exists() else b"", language)
    catalogue = merge(language, messages, former)
    source.parent.mkdir(parents=True, exist_ok=True)
    for path, data in ((source, written(catalogue)), (target, compiled(catalogue))):
        if not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)
    return [message_id(message) for message in catalogue if message.id and not all(translations(message))]


def main() -> int:
    """Update every language; say what is still to be translated."""
    messages = gather_messages()
    missing = [(language, which) for language in LANGUAGES for which in update(language, messages)]
    for language, (context, forms) in missing:
        print(f"{language}: no translation of {' | '.join(forms)!r}" + (f" ({context})" if context else ""))
    print(f"{len(messages)} messages, {len(LANGUAGES)} languages, {len(missing)} translations missing")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
