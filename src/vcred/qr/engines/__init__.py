# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What draws and reads symbols. One engine: zxing-cpp, with Pillow for the picture files."""
