# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Witnesses that monitor: they replay every entry, and cosign what only grows and hides nothing."""
