# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a verifier may believe offline: the network file, the bundle, and what may replace what."""
