# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Who signs the chunks: this process, a pool of processes, a cluster."""
