"""Pytest plugin: the run counts only when no GIL was there, from the first import to the last test.

An extension module that does not declare itself safe turns the GIL back on for the whole process, and every test would
then pass for the wrong reason. Loaded by ``make test-freethreaded`` with ``-p tests.freethreaded_guard``.

Test modules marked as a whole with ``pytestmark = pytest.mark.check`` are not even imported: what they import at their
top is not installed here. Single marked tests are left out with ``-m "not check"``.
"""

import re
import sys
from pathlib import Path

import pytest

MARKED_AS_A_WHOLE = re.compile(r"^pytestmark\b.*\bpytest\.mark\.check\b", re.MULTILINE)

left_out: list[Path] = []


def gil_is_on() -> bool:
    """Whether this process has a GIL now; interpreters before 3.13 always have one."""
    return bool(getattr(sys, "_is_gil_enabled", lambda: True)())


def pytest_configure() -> None:
    """Refuse to start with a GIL, before anything of ours is imported."""
    if gil_is_on():
        raise pytest.UsageError("this run needs a free-threaded interpreter with the GIL off")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave modules out that need the extra ``[check]``."""
    if collection_path.suffix != ".py" or not MARKED_AS_A_WHOLE.search(collection_path.read_text(encoding="utf-8")):
        return None
    left_out.append(collection_path)
    return True


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run during which something turned the GIL on."""
    if gil_is_on():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the run proves."""
    terminalreporter.write_line(f"{len(left_out)} test modules left out, they need the extra [check]")
    if gil_is_on():
        terminalreporter.write_line("FAILED: an import turned the GIL on, the tests above prove nothing", red=True)
    else:
        terminalreporter.write_line("the GIL was off from the first import to the last test", green=True)
