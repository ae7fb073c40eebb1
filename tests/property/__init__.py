# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What holds for every change and every input, not only for the cases somebody has thought of."""
