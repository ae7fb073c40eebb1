# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How a person is asked for a passphrase, in the languages of `vcred.text.languages`.

Every question but the last names what the passphrase opens: whoever has two homes must not
type the secret of one into the other.
"""

from collections.abc import Mapping
from typing import Final

EXISTING: Final[Mapping[str, str]] = {
    "en": "passphrase of {place}: ",
    "zh-Hans": "请输入 {place} 的密码短语：",
    "zh-Hant": "請輸入 {place} 的密碼短語：",
    "pt": "frase-passe de {place}: ",
}
NEW: Final[Mapping[str, str]] = {
    "en": "new passphrase for {place}: ",
    "zh-Hans": "请为 {place} 设定新的密码短语：",
    "zh-Hant": "請為 {place} 設定新的密碼短語：",
    "pt": "nova frase-passe para {place}: ",
}
# Where the command says in its own words what is made.
NEW_HERE: Final[Mapping[str, str]] = {
    "en": "new passphrase: ",
    "zh-Hans": "新的密码短语：",
    "zh-Hant": "新的密碼短語：",
    "pt": "nova frase-passe: ",
}
ONCE_MORE: Final[Mapping[str, str]] = {
    "en": "the same once more: ",
    "zh-Hans": "请再输入一次：",
    "zh-Hant": "請再輸入一次：",
    "pt": "mais uma vez: ",
}
