# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""SD-JWT VC: a credential as an SD-JWT of type dc+sd-jwt. One verb a module: issue, parse, present."""
