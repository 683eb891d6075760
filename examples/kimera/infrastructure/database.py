"""Sessions of the SQLite database: one transaction each."""

import sqlite3
from collections.abc import Iterator

from kimera.infrastructure.settings import Settings

_SCHEMA = """
CREATE TABLE IF NOT EXISTS texts (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE,
    vector BLOB NOT NULL
)
"""


def open_session(settings: Settings) -> Iterator[sqlite3.Connection]:
    """Open a connection for one scope: commit when the scope ends well, roll back when it fails.

    Registered as a scoped generator: the container throws the error of the scope in at the ``yield``.

    Args:
        settings: Names the database; its folder is made if need be.

    Yields:
        A connection with the tables in place.
    """
    settings.database.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(settings.database)
    try:
        connection.execute(_SCHEMA)
        yield connection
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        connection.close()
