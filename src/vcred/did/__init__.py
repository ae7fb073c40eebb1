# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Decentralized identifiers: syntax, document, methods, and the pure rules of a DID's life."""
