# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Measures vcred in U, one ES256 verify of the same run: `python -m bench`. No test decides by it."""
