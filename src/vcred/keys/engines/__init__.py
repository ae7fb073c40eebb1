# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What keeps private keys: encrypted files, or tokens that speak PKCS #11."""
