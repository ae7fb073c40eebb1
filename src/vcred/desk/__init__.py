# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An organisation at its own desk: it makes its name and keys, and signs what it says."""
