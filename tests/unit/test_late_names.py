"""Names that load late load whole, also for threads that ask for different ones at once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import kimera_di

PACKAGES = ["records", "rendering", "errors", "registration", "planning", "compilation"]

LOADED = """
import json, sys
sys.path.insert(0, sys.argv[1])
import kimera_di
getattr(kimera_di, sys.argv[2])
print(json.dumps(sorted(sys.modules)))
"""

AT_ONCE = """
import json, sys, threading
sys.path.insert(0, sys.argv[1])
import kimera_di

failed = []

def ask(name):
    try:
        getattr(kimera_di, name)
    except BaseException as error:
        failed.append(f"{type(error).__name__}: {error}")

other = threading.Thread(target=ask, args=[sys.argv[3]])

def halfway(event, arguments):
    if event == "import" and arguments[0] == sys.argv[4] and other.ident is None:
        other.start()
        other.join(0.1)  # it waits for what this thread is loading, and may hold what this one needs next

sys.addaudithook(halfway)
ask(sys.argv[2])
other.join()
print(json.dumps(failed))
"""


def printed(program: str, *arguments: str) -> list[str]:
    """Run a program in a bare interpreter; it prints a list as JSON."""
    folder = str(Path(kimera_di.__file__).parents[1])
    command = [sys.executable, "-I", "-c", program, folder, *arguments]
    return list(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


@pytest.mark.parametrize(
    ("one", "other", "meanwhile"),
    [
        ("Conditions", "ServiceGraph", "kimera_di.registration.annotations"),
        ("Conditions", "ServiceBuilt", "kimera_di.registration.registry"),
    ],
)
def test_two_threads_that_ask_for_names_of_a_half_loaded_package_get_both(one: str, other: str, meanwhile: str) -> None:
    """Python locks a module before its package: the thread that loads the package would need that module next."""
    assert printed(AT_ONCE, one, other, meanwhile) == []


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("Key", "records"),
        ("KimeraError", "errors"),
        ("Registry", "registration"),
        ("Conditions", "registration"),
        ("Call", "registration"),
        ("service", "registration"),
        ("ServiceCollection", "registration"),
        ("ServiceGraph", "planning"),
        ("ServiceBuilt", "planning"),
        ("ServiceContainer", "compilation"),
        ("Scope", "compilation"),
        ("ScopeFactory", "compilation"),
        ("inject", "compilation"),
    ],
)
def test_name_loads_the_packages_that_it_needs_and_none_behind_them(name: str, last: str) -> None:
    loaded = printed(LOADED, name)

    assert [each for each in PACKAGES if f"kimera_di.{each}" in loaded] == PACKAGES[: PACKAGES.index(last) + 1]
