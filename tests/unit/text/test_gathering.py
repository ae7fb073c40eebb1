# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The tool that keeps the catalogues: what it gathers, what it keeps, what it drops."""

from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from tools.catalogues import (
    compiled,
    gather_messages,
    main,
    merge,
    message_id,
    read_catalogue,
    translations,
    written,
)

from vcred.text.words import Words

SOURCE = """
def show(words, name, n):
    words.gettext("Show it to %(name)s") % {"name": name}
    words.ngettext("%(n)s claim", "%(n)s claims", n)
    # Translators: of a credential
    words.pgettext("state|10", "valid")
    words.gettext(
        "In two "
        "parts"
    )
    words.gettext(name)
"""
MESSAGES = {
    (None, ("Show it to %(name)s",)): (),
    (None, ("%(n)s claim", "%(n)s claims")): (),
    ("state|10", ("valid",)): ("Translators: of a credential",),
    (None, ("In two parts",)): (),
}


def test_messages_are_gathered_from_a_source(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "screen.py").write_text(SOURCE, encoding="utf-8")
    assert gather_messages(tmp_path) == MESSAGES


def test_translations_are_kept_and_what_nobody_says_is_dropped() -> None:
    former = read_catalogue(
        'msgctxt "state|10"\nmsgid "valid"\nmsgstr "válida"\n\n'
        'msgid "%(n)s claim"\nmsgid_plural "%(n)s claims"\n'
        'msgstr[0] "%(n)s dado"\nmsgstr[1] "%(n)s dados"\n\n'
        'msgid "valid"\nmsgstr "another"\n\n#~ msgid "old"\n#~ msgstr "velho"\n'.encode(),
        "pt",
    )
    merged = merge("pt", MESSAGES, former)
    said = {message_id(message): translations(message) for message in merged if message.id}
    assert said == {
        (None, ("Show it to %(name)s",)): ("",),
        (None, ("%(n)s claim", "%(n)s claims")): ("%(n)s dado", "%(n)s dados"),
        ("state|10", ("valid",)): ("válida",),
        (None, ("In two parts",)): ("",),
    }
    again = merge("pt", MESSAGES, read_catalogue(written(merged), "pt"))
    assert written(again) == written(merged)


def test_english_needs_no_translator() -> None:
    merged = merge("en", MESSAGES, read_catalogue(b"", "en"))
    words = Words("en", GNUTranslations(BytesIO(compiled(merged))))
    assert words.ngettext("%(n)s claim", "%(n)s claims", 1) == "%(n)s claim"
    assert all(translations(message) == message_id(message)[1] for message in merged if message.id)


def test_what_is_compiled_is_what_is_said() -> None:
    merged = merge("zh-Hant", MESSAGES, read_catalogue(b"", "zh-Hant"))
    for message in merged:
        if message.id == ("%(n)s claim", "%(n)s claims"):
            message.string = ("%(n)s 項資料",)
    words = Words("zh-Hant", GNUTranslations(BytesIO(compiled(merged))))
    assert words.ngettext("%(n)s claim", "%(n)s claims", 1) == "%(n)s 項資料"
    assert words.gettext("In two parts") == "In two parts"


def test_the_tool_names_what_lacks_a_translation_and_leaves_the_rest_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tools.catalogues.catalogue_path", lambda language, end: tmp_path / language / end)
    monkeypatch.setattr("tools.catalogues.gather_messages", lambda: {(None, ("Valid",)): ()})
    assert main() == 1
    assert capsys.readouterr().out.splitlines() == [
        "zh-Hans: no translation of 'Valid'",
        "zh-Hant: no translation of 'Valid'",
        "pt: no translation of 'Valid'",
        "1 messages, 4 languages, 3 translations missing",
    ]
    for language, said in (("zh-Hans", "有效"), ("zh-Hant", "有效"), ("pt", "Válida")):
        written_before = (tmp_path / language / "po").read_text(encoding="utf-8")
        translated = written_before.replace('msgid "Valid"\nmsgstr ""', f'msgid "Valid"\nmsgstr "{said}"')
        (tmp_path / language / "po").write_text(translated, encoding="utf-8")
    assert main() == 0
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in tmp_path.glob("*/*")}
    assert main() == 0
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in tmp_path.glob("*/*")} == before
    assert len(before) == 8
