# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The command line: thin commands over the doors. Data on stdout, words on stderr."""
