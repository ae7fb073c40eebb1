# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Status lists: the bits, the signed token that carries them, how many places are dealt.

Lists say which credentials their issuer took back; a list as of a time is a status
snapshot. Whose key may sign a list, and how old one may be, is decided in `trust` and
`verifier`.
"""
