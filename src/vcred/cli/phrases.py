# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The few words around a verdict and a type, in the languages of `vcred.text.languages`."""

from collections.abc import Mapping
from typing import Final

ACCREDITED: Final[Mapping[str, str]] = {
    "en": "accredited in {place}",
    "zh-Hans": "获{place}授权签发",
    "zh-Hant": "獲{place}授權簽發",
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
    "zh-Hans": "状态列表发布于 {age}前",
    "zh-Hant": "狀態清單發佈於 {age}前",
    "pt": "estado de há {age}",
}
STATUS_AS_OF: Final[Mapping[str, str]] = {
    "en": "status list of {time}",
    "zh-Hans": "状态列表截至 {time}",
    "zh-Hant": "狀態清單截至 {time}",
    "pt": "lista de estado de {time}",
}
TRUST_AS_OF: Final[Mapping[str, str]] = {
    "en": "trust as of {time}",
    "zh-Hans": "信任数据截至 {time}",
    "zh-Hant": "信任資料截至 {time}",
    "pt": "confiança à data de {time}",
}
TOO_OLD: Final[Mapping[str, str]] = {
    "en": ": {age} old, at most {allowed}",
    "zh-Hans": "：已有 {age}，至多 {allowed}",
    "zh-Hant": "：已有 {age}，至多 {allowed}",
    "pt": ": tem {age}, no máximo {allowed}",
}
AUDIT: Final[Mapping[str, str]] = {
    "en": "audit",
    "zh-Hans": "审计",
    "zh-Hant": "審計",
    "pt": "auditoria",
}
BECAUSE: Final[Mapping[str, str]] = {
    "en": ": ",
    "zh-Hans": "：",
    "zh-Hant": "：",
    "pt": ": ",
}
ERROR: Final[Mapping[str, str]] = {
    "en": "error",
    "zh-Hans": "错误",
    "zh-Hant": "錯誤",
    "pt": "erro",
}
HINT: Final[Mapping[str, str]] = {
    "en": "hint",
    "zh-Hans": "提示",
    "zh-Hant": "提示",
    "pt": "sugestão",
}
ISSUER_MIXES_SCRIPTS: Final[Mapping[str, str]] = {
    "en": "warning: the issuer's name mixes scripts: letters may not be what they look like",
    "zh-Hans": "警告：签发机构名称混用不同文字，字母可能与看上去的不同",
    "zh-Hant": "警告：簽發機構名稱混用不同文字，字母可能與看上去的不同",
    "pt": "aviso: o nome do emissor mistura alfabetos: as letras podem não ser o que parecem",
}
CLAIM_MIXES_SCRIPTS: Final[Mapping[str, str]] = {
    "en": "warning: {path} mixes scripts: letters may not be what they look like",
    "zh-Hans": "警告：{path} 混用不同文字，字母可能与看上去的不同",
    "zh-Hant": "警告：{path} 混用不同文字，字母可能與看上去的不同",
    "pt": "aviso: {path} mistura alfabetos: as letras podem não ser o que parecem",
}
SMALL_STATUS_LIST: Final[Mapping[str, str]] = {
    "en": "warning: the issuer's status list is small: whoever sees one of its entries may tell whose it is",
    "zh-Hans": "警告：签发机构的状态列表过小，他人可能由其中一项推知持证人",
    "zh-Hant": "警告：簽發機構的狀態清單過小，他人可能由其中一項推知持證人",
    "pt": "aviso: a lista de estado do emissor é pequena: quem vê uma das suas entradas pode saber de quem é",
}
ALWAYS_SHOWN: Final[Mapping[str, str]] = {
    "en": "always shown",
    "zh-Hans": "必定出示",
    "zh-Hant": "必定出示",
    "pt": "sempre apresentado",
}
ROSTER_COLUMNS: Final[Mapping[str, str]] = {
    "en": "columns of a roster",
    "zh-Hans": "名册的栏目",
    "zh-Hant": "名冊的欄目",
    "pt": "colunas de uma lista nominal",
}
DISCLOSURE: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {"whole": "whole", "members": "members", "elements": "elements"},
    "zh-Hans": {"whole": "整组", "members": "可逐项选择", "elements": "可逐条选择"},
    "zh-Hant": {"whole": "整組", "members": "可逐項選擇", "elements": "可逐條選擇"},
    "pt": {"whole": "em bloco", "members": "membro a membro", "elements": "elemento a elemento"},
}
UNITS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {"d": "d", "h": "h", "min": "min", "s": "s"},
    "zh-Hans": {"d": "天", "h": "小时", "min": "分钟", "s": "秒"},
    "zh-Hant": {"d": "天", "h": "小時", "min": "分鐘", "s": "秒"},
    "pt": {"d": "d", "h": "h", "min": "min", "s": "s"},
}
