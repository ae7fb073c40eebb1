# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A store that several machines share: its address, its session, its tables. Only engines come here."""
