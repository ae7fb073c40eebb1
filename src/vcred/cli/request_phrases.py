# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an officer is told of a request that was made, in the languages of `vcred.text.languages`."""

from collections.abc import Mapping
from typing import Final

ASKS: Final[Mapping[str, str]] = {
    "en": "asks for {claims}, good until {time}",
    "zh-Hans": "要求出示 {claims}，有效至 {time}",
    "zh-Hant": "要求出示 {claims}，有效至 {time}",
    "pt": "pede {claims}, válido até {time}",
}
REGISTERED: Final[Mapping[str, str]] = {
    "en": 'wallets show "{name}", registered in {place}',
    "zh-Hans": "电子钱包会显示“{name}”，已在{place}登记",
    "zh-Hant": "電子錢包會顯示「{name}」，已在{place}登記",
    "pt": "as carteiras mostram «{name}», com registo em {place}",
}
UNKNOWN: Final[Mapping[str, str]] = {
    "en": 'warning: wallets will say "unknown": this verifier is not registered to ask for this type',
    "zh-Hans": "警告：电子钱包会显示“身份不明”：本查验方未登记可要求出示此类凭证",
    "zh-Hant": "警告：電子錢包會顯示「身份不明」：本查驗方未登記可要求出示此類憑證",
    "pt": "aviso: as carteiras dirão «desconhecido»: este verificador não tem registo para pedir este tipo",
}
REGISTER_HINT: Final[Mapping[str, str]] = {
    "en": 'hint: an authority registers it with "vcred ledger register", then import a new bundle',
    "zh-Hans": "提示：由主管机关以“vcred ledger register”登记，之后导入最新的信任数据包",
    "zh-Hant": "提示：由主管機關以「vcred ledger register」登記，之後匯入最新的信任資料包",
    "pt": "sugestão: uma autoridade regista-o com «vcred ledger register»; depois importe um pacote recente",
}
EXCESS: Final[Mapping[str, str]] = {
    "en": "warning: wallets will mark as beyond the registration: {claims}",
    "zh-Hans": "警告：电子钱包会标明下列项目超出登记范围：{claims}",
    "zh-Hant": "警告：電子錢包會標明下列項目超出登記範圍：{claims}",
    "pt": "aviso: as carteiras assinalarão como fora do registo: {claims}",
}
OTHER_PURPOSE: Final[Mapping[str, str]] = {
    "en": "warning: wallets will say that the purpose is not the registered one: {purpose}",
    "zh-Hans": "警告：电子钱包会标明用途与登记的不同；登记的用途是：{purpose}",
    "zh-Hant": "警告：電子錢包會標明用途與登記的不同；登記的用途是：{purpose}",
    "pt": "aviso: as carteiras dirão que a finalidade não é a registada: {purpose}",
}
