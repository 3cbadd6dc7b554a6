"""Simulated time: it runs as the machine's does, or faster, from a chosen beginning, and can be advanced."""

import re
import time
from collections.abc import Callable

import msgspec

UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}


class Beginning(msgspec.Struct, frozen=True):
    """The simulated and the machine's moment at which a world began."""

    simulated: float
    machine: float


class Clock:
    """The world's clock."""

    def __init__(
        self, beginning: Beginning, offset: float = 0.0, machine: Callable[[], float] = time.time, speed: float = 1.0
    ) -> None:
        self.beginning, self.offset, self.speed, self._machine = beginning, offset, speed, machine

    def now(self) -> float:
        """Give the simulated moment in Unix seconds."""
        return self.beginning.simulated + (self._machine() - self.beginning.machine) * self.speed + self.offset

    def run_at(self, speed: float, since: float) -> None:
        """Let time run so many times as fast from a moment of the machine's on, without a leap."""
        self.offset += (since - self.beginning.machine) * (self.speed - speed)
        self.speed = speed

    def advance(self, seconds: float) -> None:
        """Let simulated time pass at once."""
        self.offset += seconds


def seconds_of(text: str) -> float:
    """Give the seconds of a duration such as 90m, 36h or 1d12h."""
    parts = re.findall(r"(\d+(?:\.\d+)?)([mhdw])", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{text!r} is no duration: write 90m, 36h, 1d or 1d12h")
    return sum(float(number) * UNITS[unit] for number, unit in parts)
