# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Writes the vectors of requests: who asks, and what a wallet makes of it."""
