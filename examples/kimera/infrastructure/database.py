"""The SQLAlchemy engine and its sessions: one transaction per scope.

In: the settings of the database. Out: an engine that is disposed of with the container, and sessions that commit when
their scope ends well and roll back when it fails. Knows no table.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from kimera.infrastructure.health import Health, HealthCheck
from kimera.infrastructure.settings import DatabaseSettings


def open_engine(settings: DatabaseSettings) -> Iterator[Engine]:
    """Make the engine; the folder of a SQLite file is made here, and nowhere else.

    A connection is tested before it is used (pre-ping) and replaced when it is too old, so that a database that was
    restarted costs no request.

    Args:
        settings: Names the database.

    Yields:
        An engine; its connections are closed with the container.
    """
    url = make_url(settings.resolved_url())
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_recycle=settings.recycle_s,
        pool_size=settings.pool_size,
        pool_timeout=settings.busy_timeout_s,
        max_overflow=0,
    )
    if url.get_backend_name() == "sqlite":
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        event.listen(engine, "connect", _Pragmas(settings.busy_timeout_s))
    try:
        yield engine
    finally:
        engine.dispose()


class _Pragmas:
    """What SQLite needs for many writers: a write-ahead log, so that readers do not wait, and patience."""

    def __init__(self, busy_timeout_s: float) -> None:
        self._busy_timeout_ms = round(busy_timeout_s * 1000)

    def __call__(self, connection: Any, _record: object) -> None:
        # First the patience: switching to the log may have to wait for another process.
        connection.execute(f"PRAGMA busy_timeout = {self._busy_timeout_ms}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")


async def open_session(engine: Engine) -> AsyncIterator[Session]:
    """Open a session for one scope: commit when the scope ends well, roll back when it fails.

    Registered as a scoped async generator: the container throws the error of the scope in at the ``yield``. Commit and
    rollback run in a thread, because they wait for the disk or the network; those threads are not the ones requests
    run in, so that requests that wait for a lock cannot keep its holder from committing.

    Args:
        engine: Gives the connection, when the first statement needs one.

    Yields:
        The session.
    """
    session = Session(engine, expire_on_commit=False)
    try:
        yield session
    except BaseException:
        await asyncio.to_thread(_end, session, keep=False)
        raise
    if session.in_transaction():  # else nothing was asked of the database
        await asyncio.to_thread(_end, session, keep=True)


def _end(session: Session, *, keep: bool) -> None:
    with session:  # closed also when the commit fails
        session.commit() if keep else session.rollback()


class DatabaseCheck(HealthCheck):
    """Asks the database for the number one."""

    name = "database"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def check(self) -> Health:
        """Say whether the database answers."""
        await asyncio.to_thread(self._ping)
        return Health("ok", f"{self._engine.dialect.name} answers")

    def _ping(self) -> None:
        with self._engine.connect() as connection:
            connection.execute(text("SELECT 1"))
