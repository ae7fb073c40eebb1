# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The demo's own clock: the same morning every time."""

from datetime import UTC, datetime, timedelta, timezone

HERE = timezone(timedelta(hours=8))
OPENING = datetime(2026, 11, 20, 9, tzinfo=HERE).astimezone(UTC)


class StoryClock:
    """Gives the time of the story, which moves only when the story says so."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **by: float) -> None:
        """Let time pass; takes what `timedelta` takes."""
        self.now += timedelta(**by)

    def sleep(self, seconds: float) -> None:
        """Wait, as the system's `sleep` does."""
        self.pass_by(seconds=seconds)

    def wait_until(self, moment: datetime) -> None:
        """Move to a later moment."""
        if moment < self.now:
            raise ValueError("the story does not go back in time")
        self.now = moment
