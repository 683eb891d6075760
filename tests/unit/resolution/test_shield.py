"""A closer goes on although a framework throws a cancellation into what awaits it."""

import asyncio

import pytest

from kimera_di.resolution.inside import INSIDE
from kimera_di.resolution.shield import Shield


def test_cancellation_thrown_into_the_wait_is_kept_and_the_closer_ends() -> None:
    ended: list[str] = []
    cancelled = asyncio.CancelledError("from outside")

    async def main() -> Shield:
        done = asyncio.get_running_loop().create_future()

        async def close() -> None:
            await done
            ended.append("closed")

        steps = close()
        shield = Shield(steps, steps.send(None), (None, INSIDE.get()), None)
        driver = shield.__await__()
        driver.send(None)
        driver.throw(cancelled)
        done.set_result(None)
        await asyncio.sleep(0)
        with pytest.raises(StopIteration):
            driver.send(None)
        return shield

    shield = asyncio.run(main())

    assert ended == ["closed"]
    assert shield.cancelled is cancelled
