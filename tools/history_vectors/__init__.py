# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How tests/vectors/histories is made: whole ledgers, each valid, or wrong in one entry or one signature."""
