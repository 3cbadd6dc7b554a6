"""The dashboard driven without a terminal: what its screen shows as text, and waiting until it shows something."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App
from textual.pilot import Pilot


def shown(app: App[Any]) -> str:
    """The lines of the screen as a person reads them."""
    return "\n".join(line.rstrip() for line in whole(app))


def whole(app: App[Any]) -> list[str]:
    """The same with the spaces at the ends of lines."""
    strips = app.screen._compositor.render_strips()  # noqa: SLF001 - there is no public way to the text
    return [strip.text for strip in strips]


async def until(pilot: Pilot[Any], holds: Callable[[], object], *, seconds: float = 30.0) -> None:
    """Wait until something holds; AssertionError with the screen where it does not."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, shown(pilot.app)
        await pilot.pause(0.05)


async def sees(pilot: Pilot[Any], *texts: str) -> str:
    """Wait until the screen shows all of these; the screen."""
    await until(pilot, lambda: all(text in shown(pilot.app) for text in texts))
    return shown(pilot.app)


def drive(app: App[Any], story: Callable[[Pilot[Any]], Awaitable[None]], size: tuple[int, int] = (120, 40)) -> None:
    """Run an app without a terminal through a story."""

    async def run() -> None:
        async with app.run_test(size=size, notifications=True) as pilot:
            await story(pilot)

    asyncio.run(run())
