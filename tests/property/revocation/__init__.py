# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Revocation in virtual time: an issuer, gates, and random schedules of what happens between them."""
