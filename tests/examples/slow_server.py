"""The application with an engine that ends only when the process was told to stop; run by test_server.py.

Its request is therefore in flight when the signal comes, however fast or slow the machine is.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from kimera.composition import make_services
from kimera.core.interfaces import Geoid
from kimera.engines.interfaces import Contradiction, IContradictionEngine
from kimera.infrastructure.health import StopSign
from kimera.infrastructure.settings import KimeraSettings
from kimera.server import serve


class WaitsForTheStopSign(IContradictionEngine):
    """Finds nothing, late."""

    def __init__(self, stop: StopSign) -> None:
        self._stop = stop

    def find(self, geoids: Sequence[Geoid]) -> list[Contradiction]:
        until = time.monotonic() + 20
        tell("in flight")
        while not self._stop.is_raised and time.monotonic() < until:
            time.sleep(0.01)
        return []

    def against(self, geoid: Geoid, others: Sequence[Geoid]) -> list[Contradiction]:
        return self.find(others)


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    settings = KimeraSettings.model_validate({"database": {"folder": Path(sys.argv[1])}, "api": {"port": 0}})
    services = make_services(settings)
    services.singleton(IContradictionEngine, WaitsForTheStopSign)
    asyncio.run(serve(services.build(), tell))


if __name__ == "__main__":
    main()
