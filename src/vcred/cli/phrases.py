# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The few sentences around a verdict, in the languages of `vcred.text.languages`."""

from collections.abc import Mapping
from typing import Final

ACCREDITED: Final[Mapping[str, str]] = {
    "en": "accredited in {place}",
    "zh-Hans": "在{place}获认可签发",
    "zh-Hant": "在{place}獲認可簽發",
    "pt": "acreditada em {place}",
}
RECOGNISED: Final[Mapping[str, str]] = {
    "en": "recognised in {place}",
    "zh-Hans": "{place}承认",
    "zh-Hant": "{place}承認",
    "pt": "reconhecida em {place}",
}
STATUS_AGE: Final[Mapping[str, str]] = {
    "en": "status {age} old",
    "zh-Hans": "状态列表 {age} 前",
    "zh-Hant": "狀態列表 {age} 前",
    "pt": "estado de há {age}",
}
AS_OF: Final[Mapping[str, str]] = {
    "en": "as of {time}",
    "zh-Hans": "截至 {time}",
    "zh-Hant": "截至 {time}",
    "pt": "à data de {time}",
}
AUDIT: Final[Mapping[str, str]] = {
    "en": "audit",
    "zh-Hans": "审计",
    "zh-Hant": "審計",
    "pt": "auditoria",
}
