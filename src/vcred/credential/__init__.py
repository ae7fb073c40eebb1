# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a credential says: claims and paths, types, validation, drafts, requests, presentations.

Nothing here signs, verifies or knows a wire format; that is `vcred.formats`.
"""
