# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The scenarios that a verifier is held to, as data: each negative is one mutation of a positive."""
