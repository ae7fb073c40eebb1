# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Rosters run whole: killed, checked first, reissued, on several processes."""
