# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a credential is in each standard, one folder a standard. Loaded at first use."""
