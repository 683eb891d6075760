"""The vault on SQLAlchemy: through bound parameters only, on SQLite and PostgreSQL."""

import hashlib
from collections.abc import Sequence
from datetime import UTC
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from kimera.core.interfaces import Geoid, IKimeraSystem, IVaultService, Kept, Scar
from kimera.core.tables import GeoidRow, ScarRow, VaultTables
from kimera.infrastructure.clock import Clock

_ON_DISK = np.dtype("<f4")
_IDS_AT_ONCE, _ROWS_AT_ONCE = 500, 200
"""In one statement; SQLite takes at least 999 parameters, and a row of scars has four."""


class SqlVault(IVaultService):
    """Works within the transaction of the session it is given, which its scope ends."""

    def __init__(self, session: Session, system: IKimeraSystem, clock: Clock, tables: VaultTables) -> None:
        self._session, self._system, self._clock = session, system, clock
        self._tables = tables  # not used: asking for it makes the container create the tables first

    def add(self, text: str) -> Kept:
        """Keep a text; the geoid that is there already when the text is known."""
        geoid_id = id_of(text)
        vector = self._system.embed(text).vector  # before the first statement: the lock is held as briefly as possible
        row = {
            "id": geoid_id,
            "text": text,
            "vector": vector.astype(_ON_DISK).tobytes(),
            "stored_at": self._clock.now(),
        }
        is_new = self._insert(GeoidRow, [row]) == 1
        geoid = self.geoid(geoid_id)
        if geoid is None:
            raise LookupError(f"{geoid_id} was removed while it was stored")
        return Kept(geoid, is_new)

    def geoid(self, geoid_id: str) -> Geoid | None:
        """Give one geoid, or ``None``."""
        row = self._session.scalar(select(GeoidRow).where(GeoidRow.id == geoid_id))
        return None if row is None else _geoid(row)

    def geoids(self, *, ids: Sequence[str] | None = None, limit: int | None = None) -> list[Geoid]:
        """Give geoids in the order they were stored, the newest of them when there are more than ``limit``."""
        newest = select(GeoidRow).order_by(GeoidRow.number.desc())
        if ids is None:
            rows = list(self._session.scalars(newest if limit is None else newest.limit(limit)))
        else:
            parts = (ids[start : start + _IDS_AT_ONCE] for start in range(0, len(ids), _IDS_AT_ONCE))
            found = {row for part in parts for row in self._session.scalars(newest.where(GeoidRow.id.in_(part)))}
            rows = sorted(found, key=lambda row: -row.number)[:limit]
        return [_geoid(row) for row in reversed(rows)]

    def count(self) -> int:
        """Count the geoids."""
        return self._session.scalar(select(func.count()).select_from(GeoidRow)) or 0

    def add_scars(self, scars: Sequence[Scar]) -> int:
        """Remember contradictions; give the number of those that were not known."""
        rows = [
            {"first_id": scar.first_id, "second_id": scar.second_id, "cue": scar.cue, "score": scar.score}
            for scar in scars
        ]
        parts = (rows[start : start + _ROWS_AT_ONCE] for start in range(0, len(rows), _ROWS_AT_ONCE))
        return sum(self._insert(ScarRow, part) for part in parts)

    def scars(self, *, limit: int) -> list[Scar]:
        """Give the newest scars, newest first."""
        rows = self._session.scalars(select(ScarRow).order_by(ScarRow.number.desc()).limit(limit))
        return [Scar(row.first_id, row.second_id, row.cue, row.score) for row in rows]

    def _insert(self, table: type[GeoidRow | ScarRow], rows: list[dict[str, Any]]) -> int:
        # "Insert, or leave what is there" in one statement: looking first would race with other requests.
        dialect = self._session.get_bind().dialect.name
        insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
        statement = insert(table).on_conflict_do_nothing().returning(table.number)
        return len(self._session.execute(statement.values(rows)).all())


def id_of(text: str) -> str:
    """Give the id of a text: the same text has the same id everywhere."""
    return f"geoid_{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _geoid(row: GeoidRow) -> Geoid:
    vector = np.frombuffer(row.vector, dtype=_ON_DISK).astype(np.float32, copy=False)
    return Geoid(row.id, row.number, row.text, vector, row.stored_at.replace(tzinfo=UTC))
