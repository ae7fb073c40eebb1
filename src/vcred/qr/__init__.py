# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The presentation in one QR symbol: a lossless packing, its text, its picture.

Bytes in, bytes out: no camera, no trust. Whoever unpacks a code has an ordinary SD-JWT
presentation and knows nothing yet about who signed it.
"""
