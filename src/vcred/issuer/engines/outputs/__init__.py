# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Where the credentials of a roster go: a folder of files, or one file of lines.

Each output is durable when `write` returns, and writing a chunk again gives the same bytes: the
store names how long each growing file is for certain, and what lies beyond is cut off first.
"""
