import asyncio
import shutil
from pathlib import Path

import httpx2
import pytest

from kimera.api.health import HealthReport, HealthService
from kimera.composition import make_services
from kimera.infrastructure.clock import Clock
from kimera.infrastructure.health import Health, HealthCheck, StopSign
from kimera.infrastructure.settings import ApiSettings
from kimera_di import ServiceContainer
from tests.examples.support import NOON, FakeClock, running, settings_in

pytestmark = pytest.mark.check


class Counting(HealthCheck):
    """Counts how often it is asked."""

    name = "counting"

    def __init__(self) -> None:
        self.asked = 0

    async def check(self) -> Health:
        self.asked += 1
        await asyncio.sleep(0)
        return Health("ok", "fine")


class Hanging(HealthCheck):
    """Never answers."""

    name = "hanging"

    def __init__(self) -> None:
        self.asked = 0
        self.was_cancelled = False

    async def check(self) -> Health:
        self.asked += 1
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        raise AssertionError


class Failing(HealthCheck):
    """Cannot be reached."""

    name = "failing"

    async def check(self) -> Health:
        raise OSError("password=hunter2")


def health(*checks: HealthCheck, clock: FakeClock | None = None, stop: StopSign | None = None) -> HealthService:
    settings = ApiSettings(check_timeout_s=0.01, health_cache_s=1.0)
    return HealthService(list(checks), settings, clock or FakeClock(), stop or StopSign())


def test_report_names_every_component_with_status_and_message() -> None:
    report = asyncio.run(health(Counting(), Failing()).report())

    assert report == HealthReport(
        "failed", NOON, "1.0.0", {"counting": Health("ok", "fine"), "failing": Health("failed", "OSError")}
    )
    assert not report.is_ready


def test_degraded_component_leaves_the_whole_ready() -> None:
    class Limping(Counting):
        async def check(self) -> Health:
            return Health("degraded", "slow")

    report = asyncio.run(health(Limping()).report())

    assert (report.status, report.is_ready) == ("degraded", True)


def test_checks_are_asked_once_a_second_however_many_ask() -> None:
    async def run() -> list[int]:
        check, clock = Counting(), FakeClock()
        service = health(check, clock=clock)
        counts: list[int] = []
        for seconds in (0.0, 0.9, 1.0):
            clock.seconds = seconds
            await asyncio.gather(*(service.report() for _ in range(20)))
            counts.append(check.asked)
        return counts

    assert asyncio.run(run()) == [1, 1, 2]


def test_check_that_hangs_is_reported_asked_once_and_cancelled_at_the_end() -> None:
    async def run() -> tuple[HealthReport, Hanging]:
        check, clock = Hanging(), FakeClock()
        service = health(check, clock=clock)
        await service.report()
        clock.seconds = 5
        report = await service.report()
        await service.aclose()
        return report, check

    report, check = asyncio.run(run())

    assert report.components == {"hanging": Health("failed", "no answer within 0.01 s")}
    assert (check.asked, check.was_cancelled) == (1, True)


def test_stopping_is_reported_at_once_without_asking_anybody() -> None:
    async def run() -> tuple[str, int]:
        check, stop = Counting(), StopSign()
        service = health(check, stop=stop)
        await service.report()
        stop.put_up()
        return (await service.report()).status, check.asked

    assert asyncio.run(run()) == ("stopping", 1)


def test_application_that_stops_is_not_ready_and_still_lives(tmp_path: Path) -> None:
    async def run() -> list[tuple[int, str]]:
        async with running(settings_in(tmp_path)) as (client, container):
            before = await client.get("/health/ready")
            container.resolve(StopSign).put_up()
            answers = [before, await client.get("/health/ready"), await client.get("/health/live")]
            return [(answer.status_code, answer.json()["status"]) for answer in answers]

    assert asyncio.run(run()) == [(200, "ok"), (503, "stopping"), (200, "ok")]


def test_report_over_http_has_the_agreed_form(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)

    async def run() -> httpx2.Response:
        services = make_services(settings)
        services.instance(Clock, FakeClock())
        async with running(settings, services) as (client, _):
            return await client.get("/health")

    answer = asyncio.run(run())

    body = answer.json()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert {name: body[name] for name in ("status", "timestamp", "version")} == {
        "status": "ok",
        "timestamp": "2026-11-21T12:00:00Z",
        "version": "1.0.0",
    }
    assert {name: set(each) for name, each in body["components"].items()} == {
        "database": {"status", "message"},
        "system": {"status", "message"},
        "memory": {"status", "message"},
    }


def test_database_that_is_gone_is_named_and_comes_back(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, database={"folder": tmp_path / "data", "recycle_s": 0.001})
    folder, away = settings.database.folder, tmp_path / "away"

    async def ask(client: httpx2.AsyncClient, _: ServiceContainer) -> list[httpx2.Response]:
        paths = ("/health/live", "/health/ready", "/health", "/geoids")
        return [await client.get(path) for path in paths]

    async def run() -> list[list[httpx2.Response]]:
        async with running(settings) as (client, container):
            before = await ask(client, container)
            shutil.move(folder, away)
            folder.touch()  # so that the folder cannot be made again
            gone = await ask(client, container)
            folder.unlink()
            shutil.move(away, folder)
            return [before, gone, await ask(client, container)]

    before, gone, back = asyncio.run(run())

    assert [answer.status_code for answer in before] == [200, 200, 200, 200]
    assert [answer.status_code for answer in gone] == [200, 503, 503, 503]
    assert {name: each["status"] for name, each in gone[2].json()["components"].items()} == {
        "database": "failed",
        "system": "ok",
        "memory": "ok",
    }
    assert gone[3].json()["error"]["message"] == "the database does not answer"
    assert [answer.status_code for answer in back] == [200, 200, 200, 200]
