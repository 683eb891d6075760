"""Real servers on loopback: started, used, stopped by a signal; nothing is left."""

import asyncio
import gc
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest

from kimera.composition import make_services
from kimera.infrastructure.settings import KimeraSettings
from kimera.server import serve
from kimera_di import ContainerClosedError
from tests.examples.support import settings_in

pytestmark = pytest.mark.check

ROOT = Path(__file__).parents[2]


class Server(NamedTuple):
    process: "subprocess.Popen[str]"
    address: str


@contextmanager
def server(*command: str) -> Iterator[Server]:
    """Start a server of its own process and wait until it is ready."""
    process = subprocess.Popen(
        [sys.executable, *command],
        env={"PYTHONPATH": f"{ROOT / 'examples'}{os.pathsep}{ROOT}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("Kimera is ready on http://127.0.0.1:"), line + process.communicate()[1]
            yield Server(process, line.split()[-1])
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_signal_ends_the_server_with_exit_code_zero_and_no_file_left(tmp_path: Path, number: signal.Signals) -> None:
    folder = tmp_path / "data"

    with server("-m", "kimera", "--folder", str(folder), "serve", "--port", "0") as (process, address):
        stored = httpx2.post(f"{address}/geoids", json={"text": "Ice floats."})
        process.send_signal(number)
        out, err = process.communicate(timeout=20)

    assert stored.status_code == 201
    assert (process.returncode, out) == (0, "")
    assert "Traceback" not in err
    assert [file.name for file in folder.iterdir()] == ["kimera.sqlite3"]


def test_request_in_flight_is_answered_and_committed_before_the_server_ends(tmp_path: Path) -> None:
    with (
        server(str(Path(__file__).with_name("slow_server.py")), str(tmp_path)) as (process, address),
        ThreadPoolExecutor(1) as pool,
    ):
        answer = pool.submit(httpx2.post, f"{address}/process", json={"text": "Ice floats."}, timeout=20)
        assert process.stdout is not None
        assert process.stdout.readline() == "in flight\n"
        process.send_signal(signal.SIGTERM)
        response = answer.result(timeout=20)
        _, err = process.communicate(timeout=20)

    assert (response.status_code, response.json()["is_new"]) == (200, True)
    assert process.returncode == 0, err
    assert stored(tmp_path) == ["Ice floats."]


def test_port_that_is_taken_is_told_and_nothing_stays_open(tmp_path: Path) -> None:
    async def run(port: int) -> None:
        container = make_services(settings_in(tmp_path, api={"port": port})).build()
        with pytest.raises(OSError, match="in use"):
            await serve(container)
        with pytest.raises(ContainerClosedError):
            container.resolve(KimeraSettings)

    with socket.create_server(("127.0.0.1", 0)) as taken:
        asyncio.run(run(taken.getsockname()[1]))


def stored(folder: Path) -> list[str]:
    connection = sqlite3.connect(folder / "kimera.sqlite3")
    try:
        return [text for (text,) in connection.execute("SELECT text FROM geoids")]
    finally:
        connection.close()


class Leftovers(NamedTuple):
    threads: set[threading.Thread]
    open_files: list[str]
    signal_handlers: list[object]


def leftovers() -> Leftovers:
    gc.collect()
    files = [os.readlink(link) for link in Path("/proc/self/fd").iterdir() if link.exists()]
    handlers: list[object] = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    return Leftovers(set(threading.enumerate()), sorted(map(str, files)), handlers)


async def start_use_stop(folder: Path) -> tuple[set[str], list[weakref.ref[object]]]:
    """Run a server in this process, send it requests, stop it by a signal.

    Returns:
        The tasks that remain, and what must not be kept alive by anything.
    """
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    container = make_services(settings_in(folder, api={"port": 0})).build()
    serving = asyncio.create_task(serve(container, ready.set_result))
    address = (await asyncio.wait_for(ready, timeout=20)).split()[-1]
    async with httpx2.AsyncClient(base_url=address) as client:
        answers = await asyncio.gather(*(client.post("/process", json={"text": f"Fact {n}."}) for n in range(20)))
        health = await client.get("/health")
    assert {answer.status_code for answer in [*answers, health]} == {200}
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(serving, timeout=20)
    tasks = {task.get_name() for task in asyncio.all_tasks() - {asyncio.current_task()}}
    return tasks, [weakref.ref(container), weakref.ref(serving)]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted through /proc")
def test_start_and_stop_leave_no_thread_task_socket_file_or_handler(tmp_path: Path) -> None:
    asyncio.run(start_use_stop(tmp_path / "warm"))  # what libraries make once and keep
    before = leftovers()

    tasks, objects = asyncio.run(start_use_stop(tmp_path / "again"))

    assert tasks == set()
    assert leftovers() == before
    assert [each() for each in objects] == [None, None]
    assert [file.name for file in (tmp_path / "again" / "data").iterdir()] == ["kimera.sqlite3"]


def test_server_says_it_is_not_ready_before_it_stops_listening(tmp_path: Path) -> None:
    """So that a load balancer sends nothing more; a second signal ends the notice."""

    async def run() -> tuple[int, str, int]:
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        settings = settings_in(tmp_path, api={"port": 0, "stop_notice_s": 60})
        serving = asyncio.create_task(serve(make_services(settings).build(), ready.set_result))
        address = (await asyncio.wait_for(ready, timeout=20)).split()[-1]
        async with httpx2.AsyncClient(base_url=address) as client:
            os.kill(os.getpid(), signal.SIGTERM)
            probed = await client.get("/health/ready")
            stored = await client.post("/geoids", json={"text": "Ice floats."})
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(serving, timeout=20)
        return probed.status_code, probed.json()["status"], stored.status_code

    assert asyncio.run(run()) == (503, "stopping", 201)
