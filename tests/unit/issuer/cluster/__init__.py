# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Tests of vcred.issuer.engines.workers.cluster and cluster_worker."""
