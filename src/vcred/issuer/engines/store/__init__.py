# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The issuer's store, in a file or in PostgreSQL: places, journal, outbox, statuses, audit log."""
