# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The rules of the audit log: what stands in it, and whether what it says could have happened."""
