# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What answers over HTTP: thin routes over the doors, and what runs them."""
