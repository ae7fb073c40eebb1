# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What touches the outside: the update that is on its way, the authority's own witness."""
