# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The main job, played with the public doors in separate homes: a story, not a mock."""
