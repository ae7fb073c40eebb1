# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Changes of status, publication of the lists, and what notices a restored copy."""
