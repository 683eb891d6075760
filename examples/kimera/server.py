"""Run the web application, and stop it gracefully.

In: a container that nobody has started. Out: its end without a thread, task, socket or file left. A signal puts up the
stop sign (readiness says 503 from then on), after the notice nothing new is accepted, requests in flight end with
their scopes, and the container closes its services in reverse order.
"""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from asgi_correlation_id import CorrelationIdFilter

from kimera.core.cleanup import MemoryCleanup
from kimera.core.tables import VaultTables
from kimera.infrastructure.health import StopSign
from kimera.infrastructure.settings import ApiSettings, LoggingSettings
from kimera.web import make_app
from kimera_di import ServiceContainer

SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def serve(container: ServiceContainer, started: Callable[[str], object] = print) -> None:
    """Serve until a signal comes, then stop gracefully; closes the container.

    Args:
        container: A container of ``make_services``.
        started: Called with one line that ends with the address, as soon as requests are accepted.

    Raises:
        OSError: The port is taken, or the folder of the database cannot be made.
        SQLAlchemyError: The database cannot be used.
    """
    async with container:
        await container.aresolve(VaultTables)  # fails now rather than at the first request
        await container.aresolve(MemoryCleanup)
        settings = container.resolve(ApiSettings)
        listener = _listen(settings)
        config = uvicorn.Config(
            make_app(container),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=settings.drain_timeout_s,
        )
        server = GracefulServer(config, container.resolve(StopSign), settings.stop_notice_s, started)
        with listener:
            await server.serve([listener])


def configure_logging(settings: LoggingSettings) -> None:
    """Log to standard error, every line with the correlation id of its request."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(CorrelationIdFilter(default_value="-"))
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s [%(correlation_id)s] %(name)s: %(message)s"))
    logging.basicConfig(level=settings.level.upper(), handlers=[handler])


class GracefulServer(uvicorn.Server):
    """Uvicorn, with a notice before it stops listening, and without raising the signal again at the end.

    Args:
        config: Of uvicorn.
        stop: Put up as soon as a signal comes.
        notice_s: How long requests are still accepted then.
        started: Called once with the address.
    """

    def __init__(
        self, config: uvicorn.Config, stop: StopSign, notice_s: float, started: Callable[[str], object]
    ) -> None:
        super().__init__(config)
        self._stop, self._notice_s, self._started = stop, notice_s, started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does, and tell the address."""
        await super().startup(sockets)
        for listener in sockets or ():
            host, port, *_ = listener.getsockname()
            self._started(f"Kimera is ready on http://{f'[{host}]' if ':' in host else host}:{port}")

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at a signal while the block runs; then the process goes on to its end, with exit code 0."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self.begin_stop)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)

    def begin_stop(self) -> None:
        """Begin to stop; a second signal gives up requests in flight."""
        if self._stop.is_raised:
            self.should_exit = self.force_exit = True
            return
        self._stop.put_up()
        asyncio.get_running_loop().call_later(self._notice_s, setattr, self, "should_exit", True)


def _listen(settings: ApiSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
