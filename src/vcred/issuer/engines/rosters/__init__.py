# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Roster files: CSV, workbooks and Parquet become rows of text."""
