# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What touches the outside: the record that outlives a power cut, other machines' witnesses."""
