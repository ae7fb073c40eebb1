# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Who plays: homes, names, jurisdictions, and which roster row is whose."""

from vcred.codec.json_types import JsonObject
from vcred.demo.rosters import CERTIFICATES, HEALTH_GD, HEALTH_MO, Roster

ROWS = 50
GD, MO = "CN-44", "MO"
HEALTH, CERTIFICATE = "health-code", "professional-certificate"
LEDGER, AUTHORITY_GD, AUTHORITY_MO = "ledger", "authority-gd", "authority-mo"
AUTHORITIES = (AUTHORITY_GD, AUTHORITY_MO)
ISSUER_GD, ISSUER_MO, ISSUER_FINTECH = "issuer-gd-health", "issuer-mo-health", "issuer-fintech"
ISSUERS = (ISSUER_GD, ISSUER_MO, ISSUER_FINTECH)
GATE_GD, GATE_MO = "gate-gd", "gate-mo"
GATES = {GATE_GD: GD, GATE_MO: MO}
HOLDER_GD, HOLDER_MO, HOLDER_FINTECH = "holder-1", "holder-2", "holder-3"

# Issuer: its type, its roster, and the holder whose row is the first one.
JOBS: dict[str, tuple[str, Roster, str]] = {
    ISSUER_GD: (HEALTH, HEALTH_GD, HOLDER_GD),
    ISSUER_MO: (HEALTH, HEALTH_MO, HOLDER_MO),
    ISSUER_FINTECH: (CERTIFICATE, CERTIFICATES, HOLDER_FINTECH),
}
SPONSORS = {ISSUER_GD: AUTHORITY_GD, ISSUER_MO: AUTHORITY_MO, ISSUER_FINTECH: AUTHORITY_MO}

JURISDICTIONS: dict[str, tuple[str, JsonObject]] = {
    AUTHORITY_GD: (GD, {"en": "Guangdong", "zh-Hans": "广东", "zh-Hant": "廣東", "pt": "Guangdong"}),
    AUTHORITY_MO: (MO, {"en": "Macao", "zh-Hans": "澳门", "zh-Hant": "澳門", "pt": "Macau"}),
}
NAMES: dict[str, JsonObject] = {
    AUTHORITY_GD: {
        "en": "Guangdong Credential Authority",
        "zh-Hans": "广东凭证管理局",
        "zh-Hant": "廣東憑證管理局",
        "pt": "Autoridade de Credenciais de Guangdong",
    },
    AUTHORITY_MO: {
        "en": "Macao Credential Authority",
        "zh-Hans": "澳门凭证管理局",
        "zh-Hant": "澳門憑證管理局",
        "pt": "Autoridade de Credenciais de Macau",
    },
    ISSUER_GD: {
        "en": "Guangdong Health Code Centre",
        "zh-Hans": "广东健康码中心",
        "zh-Hant": "廣東健康碼中心",
        "pt": "Centro do Código de Saúde de Guangdong",
    },
    ISSUER_MO: {
        "en": "Macao Health Code Office",
        "zh-Hans": "澳门健康码办公室",
        "zh-Hant": "澳門健康碼辦公室",
        "pt": "Gabinete do Código de Saúde de Macau",
    },
    ISSUER_FINTECH: {
        "en": "Fintech Certificate Board",
        "zh-Hans": "金融科技师评审会",
        "zh-Hant": "金融科技師評審會",
        "pt": "Conselho de Certificação Fintech",
    },
}
