"""The tables of the vault, and who makes them."""

import asyncio
from datetime import datetime
from typing import NewType

from sqlalchemy import DateTime, Engine, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

VaultTables = NewType("VaultTables", frozenset[str])
"""The names of the tables; whoever holds it knows that they exist."""


class Base(DeclarativeBase):
    """The base of all tables."""


class GeoidRow(Base):
    """A text with its vector."""

    __tablename__ = "geoids"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    text: Mapped[str] = mapped_column(Text)
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    """Little-endian 32-bit numbers."""
    stored_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ScarRow(Base):
    """A contradiction that was found."""

    __tablename__ = "scars"
    __table_args__ = (UniqueConstraint("first_id", "second_id", "cue"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    first_id: Mapped[str] = mapped_column(ForeignKey("geoids.id"))
    second_id: Mapped[str] = mapped_column(ForeignKey("geoids.id"))
    cue: Mapped[str] = mapped_column(Text)
    score: Mapped[float]


async def create_tables(engine: Engine) -> VaultTables:
    """Make the tables that are missing, once per container; the vault asks for them before it is used."""
    await asyncio.to_thread(Base.metadata.create_all, engine)
    return VaultTables(frozenset(Base.metadata.tables))
