"""The vault on SQLite: texts and vectors in one table, through bound parameters only."""

import sqlite3
from array import array

from kimera.core.interfaces import IEmbeddingService, IVaultService, StoredText


class SqliteVault(IVaultService):
    """Works within the transaction of the session it is given, which its scope ends."""

    def __init__(self, session: sqlite3.Connection, embedding: IEmbeddingService) -> None:
        self._session = session
        self._embedding = embedding

    def store(self, text: str) -> bool:
        """Keep a text; ``False`` when it is there already."""
        vector = array("d", self._embedding.embed(text)).tobytes()
        done = self._session.execute("INSERT OR IGNORE INTO texts (text, vector) VALUES (?, ?)", (text, vector))
        return done.rowcount == 1

    def texts(self) -> list[StoredText]:
        """Give all texts in the order they were stored."""
        rows = self._session.execute("SELECT id, text, vector FROM texts ORDER BY id")
        return [StoredText(number, text, tuple(array("d", vector))) for number, text, vector in rows]
