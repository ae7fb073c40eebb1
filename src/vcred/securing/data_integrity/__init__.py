# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""W3C Data Integrity proofs over JCS-canonical JSON."""
