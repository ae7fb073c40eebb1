# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Faults: kills, power cuts, failing disks, torn files, wrong clocks; and what must hold all the same.

Scenarios run as processes and record outside of the faulted store what they were told. The checker
shares nothing with the implementation but the format. Every experiment has a control that must fail.
`VCRED_FAULTS=full` runs each in its full number.
"""
