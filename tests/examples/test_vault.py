import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from kimera.api.handlers import Stored, StoreTexts
from kimera.composition import make_services
from kimera.core.embedding import HashingEmbedding
from kimera.core.interfaces import IEmbeddingService, IVaultService, Scar
from kimera.core.vault import id_of
from kimera.infrastructure.settings import EmbeddingSettings, KimeraSettings
from kimera_di import Scope, ScopeRequiredError, ServiceContainer
from tests.examples.support import settings_in

pytestmark = pytest.mark.check


@pytest.fixture
def settings(tmp_path: Path) -> KimeraSettings:
    return settings_in(tmp_path)


def in_scope(settings: KimeraSettings, *works: Callable[[Scope], Awaitable[None]]) -> None:
    """Run each work in a scope of its own, one after the other, in one container."""

    async def run() -> None:
        async with make_services(settings).build() as container:
            for work in works:
                async with container.scope() as scope:
                    await work(scope)

    asyncio.run(run())


def rows(settings: KimeraSettings) -> list[str]:
    connection = sqlite3.connect(settings.database.folder / "kimera.sqlite3")
    try:
        return [text for (text,) in connection.execute("SELECT text FROM geoids ORDER BY number")]
    finally:
        connection.close()


def test_text_is_committed_when_its_scope_ends(settings: KimeraSettings) -> None:
    async def store(scope: Scope) -> None:
        (await scope.aresolve(IVaultService)).add("Ice floats.")
        assert rows(settings) == []

    in_scope(settings, store)

    assert rows(settings) == ["Ice floats."]


def test_nothing_is_kept_when_the_scope_fails(settings: KimeraSettings) -> None:
    async def store_and_fail(scope: Scope) -> None:
        (await scope.aresolve(IVaultService)).add("Ice floats.")
        raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        in_scope(settings, store_and_fail)

    assert rows(settings) == []


def test_nothing_is_kept_when_the_task_of_the_scope_is_cancelled(settings: KimeraSettings) -> None:
    async def run() -> None:
        async with make_services(settings).build() as container:
            stored = asyncio.Event()

            async def work() -> None:
                async with container.scope() as scope:
                    (await scope.aresolve(IVaultService)).add("Ice floats.")
                    stored.set()
                    await asyncio.Event().wait()

            task = asyncio.create_task(work())
            await stored.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())

    assert rows(settings) == []


def test_handlers_of_one_scope_share_the_vault_and_its_session(settings: KimeraSettings) -> None:
    async def work(scope: Scope) -> None:
        (await scope.aresolve(StoreTexts)).handle(["Ice floats."])
        assert [each.text for each in (await scope.aresolve(IVaultService)).geoids()] == ["Ice floats."]

    in_scope(settings, work)


def test_scopes_have_sessions_of_their_own_and_share_the_engine(settings: KimeraSettings) -> None:
    seen: list[tuple[Session, Engine]] = []

    async def work(scope: Scope) -> None:
        seen.append((await scope.aresolve(Session), await scope.aresolve(Engine)))

    in_scope(settings, work, work)

    (one, first), (other, second) = seen
    assert one is not other
    assert first is second


def test_engine_gives_up_its_connections_with_the_container(settings: KimeraSettings) -> None:
    async def work(scope: Scope) -> None:
        (await scope.aresolve(IVaultService)).add("Ice floats.")

    in_scope(settings, work)

    # The last connection that is closed removes SQLite's write-ahead log.
    assert [file.name for file in settings.database.folder.iterdir()] == ["kimera.sqlite3"]


def test_vault_outside_of_a_scope_is_refused(settings: KimeraSettings) -> None:
    """Otherwise one transaction would live as long as the process."""

    async def ask(container: ServiceContainer) -> None:
        async with container:
            await container.aresolve(IVaultService)

    with pytest.raises(ScopeRequiredError) as caught:
        asyncio.run(ask(make_services(settings).build()))

    assert caught.value.service is IVaultService


def test_folder_is_made_by_the_engine_and_not_before(settings: KimeraSettings) -> None:
    """Neither reading settings nor building the container touches the disk."""
    container = make_services(settings).build()
    before = settings.database.folder.exists()

    with container:
        container.resolve(Engine)

    assert (before, settings.database.folder.is_dir()) == (False, True)


def test_file_that_is_no_database_is_refused(settings: KimeraSettings) -> None:
    settings.database.folder.mkdir()
    (settings.database.folder / "kimera.sqlite3").write_text("this is no database at all", encoding="utf-8")

    async def work(scope: Scope) -> None:
        await scope.aresolve(IVaultService)

    with pytest.raises(DatabaseError, match="not a database"):
        in_scope(settings, work)


def test_stored_geoid_comes_back_bit_by_bit(settings: KimeraSettings) -> None:
    async def store(scope: Scope) -> None:
        kept = (await scope.aresolve(IVaultService)).add("Ice floats.")
        assert kept.is_new

    async def read(scope: Scope) -> None:
        vault = await scope.aresolve(IVaultService)
        geoid = vault.geoid(id_of("Ice floats."))
        assert geoid is not None
        assert np.array_equal(geoid.vector, scope.resolve(IEmbeddingService).embed("Ice floats."))
        assert vault.add("Ice floats.").is_new is False
        assert vault.geoids() == [geoid]
        assert geoid.stored_at.tzinfo is not None

    in_scope(settings, store, read)


def test_geoids_are_chosen_by_id_or_by_age(settings: KimeraSettings) -> None:
    async def work(scope: Scope) -> None:
        vault = await scope.aresolve(IVaultService)
        ids = [vault.add(f"text {number}").geoid.id for number in range(600)]
        assert [each.text for each in vault.geoids(limit=2)] == ["text 598", "text 599"]
        assert [each.id for each in vault.geoids(ids=[*reversed(ids), ids[0], id_of("unknown")])] == ids
        assert vault.geoids(ids=[]) == []
        assert vault.count() == 600

    in_scope(settings, work)


def test_scars_are_remembered_once(settings: KimeraSettings) -> None:
    async def work(scope: Scope) -> None:
        vault = await scope.aresolve(IVaultService)
        first, second = (vault.add(text).geoid.id for text in ("Penguins fly.", "Penguins cannot fly."))
        scar = Scar(first, second, "negation", 1.0)
        assert [vault.add_scars([scar]), vault.add_scars([scar]), vault.add_scars([])] == [1, 0, 0]
        assert vault.scars(limit=10) == [scar]

    in_scope(settings, work)


@pytest.mark.parametrize("text", ["'); DROP TABLE geoids; --", "% _ :text ? {} %s", "naïve 水 \U0001f40b"], ids=ascii)
def test_text_that_looks_like_something_else_is_only_a_text(settings: KimeraSettings, text: str) -> None:
    async def work(scope: Scope) -> None:
        (await scope.aresolve(IVaultService)).add(text)

    in_scope(settings, work)

    assert rows(settings) == [text]


def test_handler_counts_new_and_known_texts_and_skips_comments(settings: KimeraSettings) -> None:
    async def work(scope: Scope) -> None:
        stored = (await scope.aresolve(StoreTexts)).handle(
            ["# comment", "", "Ice floats.", " Ice floats. ", "Fish swim."]
        )
        assert stored == Stored(new=2, known=1)

    in_scope(settings, work)


def test_embedding_is_replaced_for_one_test_by_an_override(settings: KimeraSettings) -> None:
    fake = HashingEmbedding(EmbeddingSettings(dimensions=8))

    async def run() -> int:
        async with (
            make_services(settings).build() as container,
            container.override(IEmbeddingService, fake),
            container.scope() as scope,
        ):
            return len((await scope.aresolve(IVaultService)).add("Ice floats.").geoid.vector)

    assert asyncio.run(run()) == 8
