# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The issuer: rosters become credentials, each once, each one that can be taken back."""

from vcred.issuer.issuer import Issuer

__all__ = ["Issuer"]
