# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The list of everything that is measured. To measure more, add a row to a module here."""

from bench import (
    codec_rows,
    command_rows,
    credential_rows,
    hsm_rows,
    issuing_rows,
    ledger_rows,
    qr_rows,
    status_rows,
    tlog_rows,
    verify_rows,
    wallet_rows,
)
from bench.row import AnyRow

ROWS: tuple[AnyRow, ...] = (
    *credential_rows.ROWS,
    *verify_rows.ROWS,
    *qr_rows.ROWS,
    *codec_rows.ROWS,
    *status_rows.ROWS,
    *tlog_rows.ROWS,
    *ledger_rows.ROWS,
    *hsm_rows.ROWS,
    *issuing_rows.ROWS,
    *wallet_rows.ROWS,
    *command_rows.ROWS,
)
