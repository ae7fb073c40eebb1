# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
