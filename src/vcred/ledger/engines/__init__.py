# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Where a ledger's entries are kept, and where a witness keeps its last size."""
