# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Certificate histories: salted leaves off the ledger, a root on it, a proof for the holder."""
