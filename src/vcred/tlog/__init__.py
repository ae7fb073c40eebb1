# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A transparency log over opaque bytes: tree, note, checkpoint, cosignature, quorum, witness.

It knows no DID and no ledger entry. Everything here is a pure rule: stored nodes
come through a callable, time and durable records are parameters.
"""
