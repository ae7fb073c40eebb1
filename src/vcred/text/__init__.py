# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Words for people: strangers' text made safe to show, and codes said in four languages."""
