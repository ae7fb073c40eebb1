# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Every limit on what comes from outside, in one table; checked before parsing."""

from datetime import timedelta
from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB
GIB: Final = 1024 * MIB

# Text and structure (threats: JOS-21, JOS-31, CBR-02, QR-02).
MAX_PRESENTATION_BYTES: Final = 64 * KIB
# A presentation in base64url, with header, encrypted key, vector and tag.
MAX_SEALED_CHARACTERS: Final = 88 * KIB
MAX_JSON_BYTES: Final = 64 * KIB
MAX_JSON_DEPTH: Final = 32
MAX_JSON_INTEGER: Final = 2**53 - 1
MAX_CBOR_DEPTH: Final = 16
MAX_CBOR_ITEMS: Final = 65_536
# A wallet of 10,000 credentials, as many keys, and a history of years.
MAX_BACKUP_ITEMS: Final = 1_000_000
MAX_DISCLOSURES: Final = 256
MAX_DISCLOSURE_DEPTH: Final = 8
MAX_DIGESTS: Final = 2048
MAX_KID_CHARACTERS: Final = 512
MAX_URI_CHARACTERS: Final = 2048
MAX_DID_CHARACTERS: Final = 4096
MAX_QR_TEXT_CHARACTERS: Final = 4296
MAX_QR_PACKED_BYTES: Final = 2900
MAX_QR_VERSION: Final = 22
# A request: what a symbol of that version holds, the JWS in it, and what it may ask.
MAX_REQUEST_PACKED_BYTES: Final = 970
MAX_REQUEST_CHARACTERS: Final = 1300
MAX_REQUEST_CLAIMS: Final = 32
MAX_PURPOSE_CHARACTERS: Final = 200
MAX_IMAGE_BYTES: Final = 16 * MIB
MAX_IMAGE_PIXELS: Final = 40_000_000
MAX_IMAGE_MEMORY_BYTES: Final = 64 * MIB
MAX_IMAGE_SCANS: Final = 64
MAX_IMAGE_SEARCHED_PIXELS: Final = 2_100_000

# Status lists.
MIN_STATUS_LIST_SIZE: Final = 131_072
MAX_STATUS_TOKEN_BYTES: Final = 4 * MIB
MAX_STATUS_LIST_BYTES: Final = 16 * MIB

# Ledger and trust.
MAX_ENTRY_BYTES: Final = 7_500
MAX_PROOFS: Final = 32
MAX_LOG_SIZE: Final = 2**53 - 1
MAX_LOG_GROWTH_PER_IMPORT: Final = 1_000_000
MAX_UNVOUCHED_VOID_ENTRIES: Final = 1_000
MAX_KEYS_OF_A_DID: Final = 4_096
MAX_PENDING_OPERATIONS: Final = 1_000
MAX_NOTE_BYTES: Final = 64 * KIB
MAX_NOTE_SIGNATURES: Final = 16
MAX_BUNDLE_BYTES: Final = 64 * MIB
MAX_BUNDLE_PART_BYTES: Final = 5 * MIB
MAX_BUNDLE_PARTS: Final = 4096
MAX_TYPE_DEFINITION_BYTES: Final = 256 * KIB
MAX_NETWORK_FILE_BYTES: Final = 64 * KIB

# Private keys at rest (threats: JOS-29).
MAX_KEY_FILE_BYTES: Final = 4 * KIB
MAX_PASSPHRASE_ITERATIONS: Final = 2_000_000
MAX_PASSPHRASE_BYTES: Final = 1024
# What a file may say of Argon2id: no less than OWASP's least, and no more work than a person waits for.
# Work is memory times passes; 4 GiB are about 5 seconds of a core.
MIN_ARGON2_PASSES: Final = 2
MAX_ARGON2_PASSES: Final = 16
MIN_ARGON2_MEMORY_KIB: Final = 19 * MIB // KIB
MAX_ARGON2_MEMORY_KIB: Final = GIB // KIB
MAX_ARGON2_LANES: Final = 16
MAX_ARGON2_WORK_KIB: Final = 4 * GIB // KIB
# A box that a passphrase locks (threats: WAL-03, WAL-14).
MAX_BOX_PLAINTEXT_BYTES: Final = 64 * MIB
MAX_BOX_HEADER_BYTES: Final = KIB
MAX_BOX_BYTES: Final = MAX_BOX_PLAINTEXT_BYTES + 2 * KIB
MAX_PKCS11_URI_CHARS: Final = 1024
MAX_PIN_BYTES: Final = 255
MAX_TOKEN_WAIT: Final = timedelta(seconds=10)
MAX_TOKEN_SESSIONS: Final = 8
MAX_HOME_FILE_BYTES: Final = 64 * KIB

# Rosters (threats: ISS-18).
MAX_ROSTER_CELL_CHARACTERS: Final = 4096
MAX_ROSTER_LINE_BYTES: Final = 256 * KIB
# Of all lines of one row: one whose quotes never close goes on to the end of the file.
MAX_ROSTER_ROW_BYTES: Final = 256 * KIB
MAX_ROSTER_COLUMNS: Final = 256
MAX_ROSTER_SHEET_ROWS: Final = 1_048_576
MAX_ROSTER_TABLE_ROWS: Final = 100_000_000
MAX_ROSTER_SHEET_BYTES: Final = 4 * GIB
MAX_ROSTER_READER_BYTES: Final = 4 * GIB
MAX_ROSTER_PAIRS: Final = 64
MAX_ROW_ID_CHARACTERS: Final = 64
MAX_REPORTED_ROWS: Final = 100_000
MAX_HOLDERS_FILE_BYTES: Final = 256 * MIB
MAX_COPIES: Final = 100

# Changes that a second person approves (threats: ISS-21).
MAX_CHANGED_AT_ONCE: Final = 1_000_000
MAX_IDS_FILE_BYTES: Final = 96 * MIB
MAX_IDS_LINE_BYTES: Final = 64 * KIB
MAX_CHANGE_REQUEST_BYTES: Final = 8 * KIB
MAX_APPROVAL_BYTES: Final = 16 * KIB

# Times. The last is the end of the year 9999: what lies beyond no calendar shows.
MAX_TIME: Final = 253_402_300_799
MAX_CLOCK_SKEW: Final = timedelta(seconds=300)
# How far an issuer's clock may be ahead of all that its home knows, unless somebody says that it is right.
MAX_CLOCK_LEAP: Final = timedelta(days=31)
DEFAULT_CLOCK_SKEW: Final = timedelta(seconds=60)
MAX_POLICY_AGE: Final = timedelta(days=366)
LIVE_WINDOW_PAST: Final = timedelta(seconds=60)
LIVE_WINDOW_FUTURE: Final = timedelta(seconds=30)
CHALLENGE_WINDOW: Final = timedelta(seconds=300)
MAX_REQUEST_VALIDITY: Final = timedelta(seconds=300)
MAX_LOGGED_AT_AHEAD: Final = timedelta(minutes=5)

# HTTP (threats: DID-06, SRV-05).
MAX_FETCH_TIME: Final = timedelta(seconds=30)
MAX_REQUEST_BODY_TIME: Final = timedelta(seconds=10)
MAX_REQUEST_HEAD_TIME: Final = timedelta(seconds=10)
MAX_RESPONSE_STALL: Final = timedelta(seconds=20)
MAX_ENTRIES_PER_ANSWER: Final = 1000
MAX_ENTRIES_ANSWER_BYTES: Final = 4 * MIB
MAX_SMALL_ANSWER_BYTES: Final = 64 * KIB
MAX_CONNECTIONS: Final = 512

# Wallet.
MAX_HISTORY_BYTES: Final = 64 * MIB
