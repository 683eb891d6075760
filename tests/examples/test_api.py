"""The web application through ASGI, without a server: routes, validation, errors, correlation ids."""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import Engine, event

from kimera.core.interfaces import IEmbeddingService, IVaultService
from kimera.engines.interfaces import IContradictionEngine
from kimera.infrastructure.devices import Vector
from kimera.infrastructure.settings import KimeraSettings
from kimera.web import CORRELATION_HEADER, make_fastapi
from kimera_di import ServiceContainer
from tests.examples.support import running, settings_in

pytestmark = pytest.mark.check

Work = Callable[[httpx2.AsyncClient, ServiceContainer], Awaitable[None]]


@pytest.fixture
def settings(tmp_path: Path) -> KimeraSettings:
    return settings_in(tmp_path)


def with_client(settings: KimeraSettings, work: Work) -> None:
    async def run() -> None:
        async with running(settings) as (client, container):
            await work(client, container)

    asyncio.run(run())


def ask(settings: KimeraSettings, *requests: tuple[str, str, Any]) -> list[httpx2.Response]:
    """Send requests one after the other."""

    async def run() -> list[httpx2.Response]:
        async with running(settings) as (client, _):
            return [await client.request(method, path, json=body) for method, path, body in requests]

    return asyncio.run(run())


def stored_texts(settings: KimeraSettings) -> list[str]:
    connection = sqlite3.connect(settings.database.folder / "kimera.sqlite3")
    try:
        return [text for (text,) in connection.execute("SELECT text FROM geoids ORDER BY number")]
    finally:
        connection.close()


def test_stored_geoid_can_be_read_alone_and_in_the_list(settings: KimeraSettings) -> None:
    async def work(client: httpx2.AsyncClient, _: ServiceContainer) -> None:
        stored = await client.post("/geoids", json={"text": "  Ice floats. "})
        one = await client.get(f"/geoids/{stored.json()['id']}")
        newest = await client.get("/geoids")

        assert (stored.status_code, stored.json()["text"]) == (201, "Ice floats.")
        assert one.json() == stored.json()
        assert newest.json() == {"total": 1, "geoids": [stored.json()]}

    with_client(settings, work)


def test_text_that_is_stored_already_is_a_conflict_that_names_it(settings: KimeraSettings) -> None:
    first, second = ask(settings, *[("POST", "/geoids", {"text": "Ice floats."})] * 2)

    assert second.status_code == 409
    assert first.json()["id"] in second.json()["error"]["message"]
    assert stored_texts(settings) == ["Ice floats."]


def test_processed_text_is_stored_and_its_contradictions_explained(settings: KimeraSettings) -> None:
    *_, processed, again, scars = ask(
        settings,
        ("POST", "/geoids", {"text": "The shop is open."}),
        ("POST", "/geoids", {"text": "Fish swim."}),
        ("POST", "/process", {"text": "The shop is closed."}),
        ("POST", "/process", {"text": "The shop is closed."}),
        ("GET", "/scars", None),
    )

    answer = processed.json()
    (contradiction,) = answer["contradictions"]
    assert (answer["is_new"], answer["compared"], answer["degraded"]) == (True, 2, [])
    assert (contradiction["second"]["text"], contradiction["cue"]) == ("The shop is open.", "closed / open")
    assert contradiction["score"] == pytest.approx(contradiction["likeness"] * contradiction["strength"])
    assert (again.json()["is_new"], len(again.json()["contradictions"])) == (False, 1)
    assert len(scars.json()) == 1


def test_contradictions_are_found_among_all_or_the_named_geoids(settings: KimeraSettings) -> None:
    async def work(client: httpx2.AsyncClient, _: ServiceContainer) -> None:
        texts = ["The shop is open.", "The shop is closed.", "Fish swim."]
        ids = [(await client.post("/geoids", json={"text": text})).json()["id"] for text in texts]

        everything = (await client.post("/contradictions", json={})).json()
        named = (await client.post("/contradictions", json={"ids": [ids[0], ids[2]]})).json()
        again = (await client.post("/contradictions", json={})).json()

        assert (everything["compared"], everything["found"], everything["new_scars"]) == (3, 1, 1)
        assert sorted(everything["tensions"]) == sorted(ids[:2])
        assert everything["total_tension"] == pytest.approx(2 / 3 * 0.85)
        assert (named["compared"], named["contradictions"]) == (2, [])
        assert again["new_scars"] == 0

    with_client(settings, work)


def test_conversation_is_remembered_counted_and_forgotten(settings: KimeraSettings) -> None:
    said, history, stats, forgotten, gone = ask(
        settings,
        ("POST", "/conversations/s-1/messages", {"text": "Hello"}),
        ("GET", "/conversations/s-1/messages", None),
        ("GET", "/conversations/stats", None),
        ("DELETE", "/conversations/s-1", None),
        ("GET", "/conversations/s-1/messages", None),
    )

    assert (said.status_code, history.status_code) == (201, 200)
    assert [each["text"] for each in history.json()["interactions"]] == ["Hello"]
    assert stats.json() == {
        "active_sessions": 1,
        "total_interactions": 1,
        "evicted_sessions": 0,
        "expired_sessions": 0,
    }
    assert (forgotten.status_code, forgotten.content) == (204, b"")
    assert gone.status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "where"),
    [
        ("POST", "/geoids", {"text": ""}, "body.text"),
        ("POST", "/geoids", {"text": "   "}, "body.text"),
        ("POST", "/geoids", {"text": "x" * 2001}, "body.text"),
        ("POST", "/geoids", {"text": "a\0b"}, "body.text"),
        ("POST", "/geoids", {"text": ["a"]}, "body.text"),
        ("POST", "/geoids", {"text": "a", "id": "mine"}, "body.id"),
        ("POST", "/geoids", [], "body"),
        ("POST", "/contradictions", {"ids": []}, "body.ids"),
        ("POST", "/contradictions", {"ids": ["geoid_" + "0" * 16] * 1001}, "body.ids"),
        ("POST", "/contradictions", {"ids": ["'; DROP TABLE geoids"]}, "body.ids.0"),
        ("POST", "/contradictions", {"limit": 0}, "body.limit"),
        ("GET", "/geoids?limit=1001", None, "query.limit"),
        ("GET", "/geoids/geoid_XYZ", None, "path.geoid_id"),
        ("POST", "/conversations/a b/messages", {"text": "a"}, "path.session"),
        ("POST", "/conversations/a/messages", {"text": "a", "role": "root"}, "body.role"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_malformed_request_is_answered_with_the_place(
    settings: KimeraSettings, method: str, path: str, body: object, where: str
) -> None:
    (answer,) = ask(settings, (method, path, body))

    error = answer.json()["error"]
    assert answer.status_code == 422
    assert where in [each["where"] for each in error["details"]]
    assert error["correlation_id"] == answer.headers[CORRELATION_HEADER]
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b"\xff\xfe", b'{"text": "\\ud800"}', b'{"text": NaN}', b"[" * 100_000],
    ids=["cut off", "empty", "no text", "half a character", "no number", "deep"],
)
def test_body_that_is_no_usable_json_is_refused(settings: KimeraSettings, body: bytes) -> None:
    async def work(client: httpx2.AsyncClient, _: ServiceContainer) -> None:
        answer = await client.post("/geoids", content=body, headers={"Content-Type": "application/json"})

        assert 400 <= answer.status_code < 500
        assert answer.json()["error"]["status"] == answer.status_code

    with_client(settings, work)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/geoids/geoid_0123456789abcdef", 404),
        ("GET", "/conversations/nobody/messages", 404),
        ("DELETE", "/conversations/nobody", 404),
        ("GET", "/nothing", 404),
        ("DELETE", "/geoids", 405),
        ("GET", "/docs", 404),
    ],
)
def test_refusal_has_the_form_of_every_error(settings: KimeraSettings, method: str, path: str, status: int) -> None:
    (answer,) = ask(settings, (method, path, None))

    assert answer.status_code == answer.json()["error"]["status"] == status
    assert set(answer.json()["error"]) == {"status", "message", "details", "correlation_id"}


def test_unknown_geoids_of_a_search_are_named(settings: KimeraSettings) -> None:
    (answer,) = ask(settings, ("POST", "/contradictions", {"ids": ["geoid_0123456789abcdef"]}))

    assert answer.status_code == 404
    assert "geoid_0123456789abcdef" in answer.json()["error"]["message"]


class Failing(IContradictionEngine):
    """An engine with a bug."""

    def find(self, geoids: object) -> Any:
        raise ZeroDivisionError("a secret of the server")

    def against(self, geoid: object, others: object) -> Any:
        raise ZeroDivisionError("a secret of the server")


def test_bug_is_answered_with_its_id_and_nothing_is_kept(settings: KimeraSettings) -> None:
    """The text was stored before the engine failed; its transaction must not be committed."""

    async def work(client: httpx2.AsyncClient, container: ServiceContainer) -> None:
        wanted = uuid4().hex
        with container.override(IContradictionEngine, Failing()):
            answer = await client.post("/process", json={"text": "Ice floats."}, headers={CORRELATION_HEADER: wanted})

        assert answer.status_code == 500
        assert answer.headers[CORRELATION_HEADER] == answer.json()["error"]["correlation_id"] == wanted
        assert "secret" not in answer.text
        assert (await client.get("/geoids")).json()["total"] == 0

    with_client(settings, work)


def test_commit_that_fails_is_an_error_and_not_a_success(settings: KimeraSettings) -> None:
    """The answer waits for the commit: what the client is told has happened."""

    async def work(client: httpx2.AsyncClient, container: ServiceContainer) -> None:
        def refuse(_: object) -> None:
            raise OSError("disk full")

        event.listen(container.resolve(Engine), "commit", refuse)
        answer = await client.post("/geoids", json={"text": "Ice floats."})

        assert answer.status_code == 500
        assert answer.headers[CORRELATION_HEADER]

    with_client(settings, work)
    assert stored_texts(settings) == []


class Broken(IEmbeddingService):
    """A model that is gone."""

    def embed(self, text: str) -> Vector:
        raise OSError("model is gone")


def test_service_goes_on_with_the_fallback_and_says_so(settings: KimeraSettings) -> None:
    async def work(client: httpx2.AsyncClient, container: ServiceContainer) -> None:
        async with container.override(IEmbeddingService, Broken()):
            stored = await client.post("/geoids", json={"text": "Ice floats."})
            health = await client.get("/health")

        assert stored.status_code == 201
        assert health.status_code == 200
        assert health.json()["components"]["system"]["status"] == "degraded"
        assert "model is gone" in health.json()["components"]["system"]["message"]

    with_client(settings, work)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("0123456789abcdef0123456789abcdef", True), ("order-2026-11-21", True), ("x", False), ("a b c d e f", False)],
)
def test_correlation_id_is_kept_when_it_is_one_and_replaced_when_not(
    settings: KimeraSettings, sent: str, kept: bool
) -> None:
    async def work(client: httpx2.AsyncClient, _: ServiceContainer) -> None:
        answer = await client.get("/health/live", headers={CORRELATION_HEADER: sent})

        assert (answer.headers[CORRELATION_HEADER] == sent) is kept
        assert len(answer.headers[CORRELATION_HEADER]) >= 8

    with_client(settings, work)


def test_hundred_concurrent_requests_store_a_hundred_geoids_each_with_its_own_id(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, database={"folder": tmp_path / "data", "busy_timeout_s": 10})

    async def work(client: httpx2.AsyncClient, _: ServiceContainer) -> None:
        ids = [uuid4().hex for _ in range(100)]

        async def send(number: int) -> httpx2.Response:
            headers = {CORRELATION_HEADER: ids[number]}
            return await client.post("/geoids", json={"text": f"Fact {number}."}, headers=headers)

        answers = await asyncio.gather(*map(send, range(100)))

        assert {answer.status_code for answer in answers} == {201}
        assert [answer.headers[CORRELATION_HEADER] for answer in answers] == ids
        assert [answer.json()["text"] for answer in answers] == [f"Fact {number}." for number in range(100)]
        assert len({answer.json()["id"] for answer in answers}) == 100

    with_client(settings, work)
    assert len(set(stored_texts(settings))) == 100


def test_same_text_sent_fifty_times_at_once_is_stored_once(settings: KimeraSettings) -> None:
    async def work(client: httpx2.AsyncClient, _: ServiceContainer) -> None:
        answers = await asyncio.gather(*(client.post("/geoids", json={"text": "Ice floats."}) for _ in range(50)))

        statuses = [answer.status_code for answer in answers]
        assert (statuses.count(201), statuses.count(409)) == (1, 49)

    with_client(settings, work)
    assert stored_texts(settings) == ["Ice floats."]


def test_every_request_has_a_vault_of_its_own(settings: KimeraSettings) -> None:
    """Reads and writes in one request: the transaction of one must not hold up the others."""

    async def work(client: httpx2.AsyncClient, _: ServiceContainer) -> None:
        answers = await asyncio.gather(
            *(client.post("/process", json={"text": f"Shop {number} is open."}) for number in range(40))
        )

        assert {answer.status_code for answer in answers} == {200}
        assert all(answer.json()["is_new"] for answer in answers)

    with_client(settings, work)
    assert len(stored_texts(settings)) == 40


def test_vault_is_replaced_for_one_test_by_an_override(settings: KimeraSettings) -> None:
    async def work(client: httpx2.AsyncClient, container: ServiceContainer) -> None:
        vault = create_autospec(IVaultService, instance=True)
        vault.count.return_value = 7
        vault.geoids.return_value = []
        with container.override(IVaultService, vault):
            answer = await client.get("/geoids")

        assert answer.json() == {"total": 7, "geoids": []}

    with_client(settings, work)


def test_openapi_document_shows_no_services(settings: KimeraSettings) -> None:
    async def work(_: httpx2.AsyncClient, container: ServiceContainer) -> None:
        document = make_fastapi(container).openapi()

        assert "Vault" not in json.dumps(document)
        assert [each["name"] for each in document["paths"]["/geoids"]["get"]["parameters"]] == ["limit"]

    with_client(settings, work)
