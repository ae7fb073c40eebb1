# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The one guarded HTTP client: every answer is capped in size and time, and comes from where it should."""

from vcred.fetch.site import Answer, Site

__all__ = ["Answer", "Site"]
