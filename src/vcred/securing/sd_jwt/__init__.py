# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""SD-JWT (RFC 9901): selective disclosure over JSON values. Knows no issuer, no type, no trust."""
