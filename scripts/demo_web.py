"""The part of the demo that runs the web application: real requests on loopback, a hundred at once, a clean stop.

In: a folder. Out: what was asked and answered, in short; ``Unexpected`` at the first surprise. The server is a process
of its own and is always gone at the end.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
from demo_output import expect, show

HEADER = "X-Correlation-ID"
AT_ONCE = 100
PATIENCE_S = 20.0


def show_web_application(root: Path, folder: Path) -> None:
    """Start the application, use it, stop it.

    Args:
        root: Where ``examples`` and ``contracts`` are.
        folder: Where its database and its temporary files go.

    Raises:
        Unexpected: Something was not as expected.
    """
    with server(root, folder) as (process, address):
        asyncio.run(use(address, sentences(root)))
        stop(process, address, folder)


@contextmanager
def server(root: Path, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the application on a free port, and give its process and address."""
    (folder / "tmp").mkdir()
    command = ["-m", "kimera", "--folder", str(folder / "data"), "--architecture", "contracts/kimera_example.toml"]
    print(f"$ python {' '.join([*command, 'serve', '--port', '0'])}", flush=True)
    with (folder / "server.log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, *command, "serve", "--port", "0"],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root / "examples"), "TMPDIR": str(folder / "tmp")},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        with process:
            try:
                line = first_line(process)
                expect("ready on http://127.0.0.1:" in line, "a server that says it is ready", line + text_of(log.name))
                show([line])
                yield process, line.split()[-1]
            finally:
                if process.poll() is None:
                    process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    """Wait for the first line the server prints, but not for ever."""
    if process.stdout is None or not select.select([process.stdout], [], [], PATIENCE_S)[0]:
        return f"nothing within {PATIENCE_S:g} s\n"
    return process.stdout.readline().rstrip()


async def use(address: str, lines: list[str]) -> None:
    """Send every kind of request."""
    async with httpx2.AsyncClient(base_url=address, timeout=PATIENCE_S) as client:
        await store_and_compare(client, lines)
        await converse(client)
        await many_at_once(client)
        await refusals(client)
        health = await ask(client, "GET", "/health", 200)
        show([f"{health['status']}: " + "; ".join(f"{n} {c['message']}" for n, c in health["components"].items())])


async def ask(client: httpx2.AsyncClient, method: str, path: str, status: int, body: object = None) -> Any:
    """Send one request, show it, and give the answer."""
    answer = await client.request(method, path, json=body)
    print(f"{method} {path} -> {answer.status_code}")
    expect(answer.status_code == status, f"{status} from {method} {path}, not {answer.status_code}", answer.text)
    expect(answer.headers.get(HEADER), f"a {HEADER} in the answer to {method} {path}")
    return answer.json()


async def store_and_compare(client: httpx2.AsyncClient, lines: list[str]) -> None:
    """Store the sentences of the application, and find their contradictions."""
    stored = [await client.post("/geoids", json={"text": line}) for line in lines]
    print(f"POST /geoids, {len(lines)} sentences -> {counted(stored)}")
    expect({answer.status_code for answer in stored} == {201}, "every sentence stored", counted(stored))
    found = await ask(client, "POST", "/contradictions", 200, {})
    expect(found["found"] == 8, "8 contradictions among the sentences", str(found["found"]))  # noqa: PLR2004
    show(
        f"{each['score']:.2f}  {each['first']['text']}  |  {each['second']['text']}  ({each['cue']})"
        for each in found["contradictions"]
    )
    processed = await ask(client, "POST", "/process", 200, {"text": "The Moon orbits no planet."})
    show([f"stored as {processed['geoid']['id']}, compared with {processed['compared']} others"])
    expect(processed["is_new"], "a new geoid", str(processed))


async def converse(client: httpx2.AsyncClient) -> None:
    """Say more than is remembered."""
    for number in range(12):
        answer = await client.post("/conversations/demo/messages", json={"text": f"message {number}"})
        expect(answer.status_code == 201, "201 for a message", answer.text)  # noqa: PLR2004
    said = await ask(client, "GET", "/conversations/demo/messages", 200)
    stats = await ask(client, "GET", "/conversations/stats", 200)
    expect(stats["total_interactions"] == 10, "the last 10 of 12 messages remembered", str(stats))  # noqa: PLR2004
    show([f"12 messages said, remembered: {len(said['interactions'])}, from {said['interactions'][0]['text']!r} on"])


async def many_at_once(client: httpx2.AsyncClient) -> None:
    """Send a hundred requests at the same time, each with an id of its own."""
    ids = [uuid4().hex for _ in range(AT_ONCE)]
    began = time.perf_counter()
    answers = await asyncio.gather(
        *(
            client.post("/geoids", json={"text": f"Fact number {n} of {AT_ONCE}."}, headers={HEADER: ids[n]})
            for n in range(AT_ONCE)
        )
    )
    took = time.perf_counter() - began
    expect({answer.status_code for answer in answers} == {201}, f"{AT_ONCE} x 201", counted(answers))
    expect([answer.headers[HEADER] for answer in answers] == ids, "every answer with the id of its own request")
    geoids = {answer.json()["id"] for answer in answers}
    expect(len(geoids) == AT_ONCE, f"{AT_ONCE} different geoids", str(len(geoids)))
    print(f"POST /geoids, {AT_ONCE} at once -> {counted(answers)} in {took:.2f} s")
    show([f"{len(geoids)} different geoids, {len(set(ids))} correlation ids, each on its own answer"])


async def refusals(client: httpx2.AsyncClient) -> None:
    """Send what must be refused."""
    refused = await ask(client, "POST", "/geoids", 422, {"text": ""})
    await ask(client, "GET", "/geoids/geoid_0000000000000000", 404)
    await ask(client, "POST", "/geoids", 409, {"text": "Ice floats on water."})
    show([f"{refused['error']['details'][0]['where']}: {refused['error']['details'][0]['message']}"])


def stop(process: subprocess.Popen[str], address: str, folder: Path) -> None:
    """Send SIGTERM, and see that nothing remains but the database."""
    began = time.perf_counter()
    process.send_signal(signal.SIGTERM)
    try:
        code = process.wait(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        code = None
    log = text_of(str(folder / "server.log"))
    expect(code == 0, f"exit code 0 after SIGTERM, not {code}", log)
    expect("Traceback" not in log, "no traceback in the log of the server", log)
    host, port = address.removeprefix("http://").split(":")
    with socket.socket() as probe:
        expect(probe.connect_ex((host, int(port))), f"nobody listening on {address} any more")
    left = sorted(file.name for part in ("data", "tmp") for file in (folder / part).iterdir())
    expect(left == ["kimera.sqlite3"], "the database and no other file of the server", ", ".join(left))
    print(f"SIGTERM -> exit code {code} in {time.perf_counter() - began:.2f} s")
    show(["the port is free, the database is the only file left"])


def counted(answers: list[httpx2.Response]) -> str:
    """Count answers by status."""
    counts = Counter(answer.status_code for answer in answers)
    return ", ".join(f"{count} x {status}" for status, count in sorted(counts.items()))


def sentences(root: Path) -> list[str]:
    """Read the sentences that come with the application."""
    text = (root / "examples" / "kimera" / "texts" / "sentences.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def text_of(file: str) -> str:
    """Read what a server logged."""
    return Path(file).read_text(encoding="utf-8")
