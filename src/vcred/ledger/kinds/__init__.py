# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What each kind of entry says and who may say it: one kind, or one pair of kinds, a file."""
