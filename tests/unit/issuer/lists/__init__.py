# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Status lists of the issuer: sizes, the grid, decoys, publication, restored backups."""
