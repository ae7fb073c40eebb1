# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Signed things, whatever they say: JWS, SD-JWT, Data Integrity. Nothing here knows whom to trust."""
