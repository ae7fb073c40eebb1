# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The DID methods, one per module. `key` and `jwk` need nothing but the identifier itself."""
