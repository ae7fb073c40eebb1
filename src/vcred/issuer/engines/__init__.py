# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the issuer reads and keeps: roster files, and the store of what was issued."""
