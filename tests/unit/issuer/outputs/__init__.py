# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Tests of vcred.issuer.engines.outputs, and of what goes into them."""
