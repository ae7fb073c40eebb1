# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Tests of whole programs that need more of the machine than a process: networks of their own."""
