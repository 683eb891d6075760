"""The pytest plugin ``kimera``: contracts as test items, a container and its overrides as fixtures.

In: command line options, options of the configuration file. Out: fixtures, and with ``--kimera`` one item per
contract. Every pytest run of an environment with kimera_di loads this module, so that it imports pytest only; what
does the work loads when it is asked for. See docs/decisions/0010.
"""

import pytest

from kimera_di.testing.fixtures import kimera_container, kimera_override, kimera_scope, kimera_services
from kimera_di.testing.own_containers import OwnContainers

__all__ = ["kimera_container", "kimera_override", "kimera_scope", "kimera_services"]  # pytest takes them from here

_FILE_OPTIONS = ("kimera_config", "kimera_root", "kimera_baseline")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare ``--kimera`` and its companions, on the command line and in the configuration file."""
    group = parser.getgroup("kimera", "contracts about imports and wiring (kimera_di)")
    group.addoption("--kimera", action="store_true", help="check every contract, as one test item each")
    group.addoption(
        "--kimera-config",
        action="append",
        default=[],
        metavar="FILE",
        help="a contract file (repeatable); default: contracts/*.toml, else pyproject.toml, setup.cfg or .importlinter",
    )
    group.addoption(
        "--kimera-root", action="append", default=[], metavar="DIR", help="a folder that holds packages (repeatable)"
    )
    group.addoption("--kimera-baseline", metavar="FILE", help="known violations, written by `kimera baseline`")
    parser.addini("kimera_config", "contract files, as --kimera-config", type="paths", default=[])
    parser.addini("kimera_root", "folders that hold packages, as --kimera-root", type="paths", default=[])
    parser.addini("kimera_baseline", "known violations, as --kimera-baseline", type="paths", default=[])
    parser.addini("kimera_services", "MODULE:SERVICES for the fixture kimera_container", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, what looks for services, and with ``--kimera`` the part that collects contracts.

    Raises:
        UsageError: The options do not fit together, there is no contract file, or ``[check]`` is not installed.
    """
    config.addinivalue_line("markers", "kimera: a contract about imports or wiring, collected by --kimera")
    config.pluginmanager.register(OwnContainers(), "kimera-containers")
    if not config.getoption("kimera"):
        given = [f"--{name.replace('_', '-')}" for name in _FILE_OPTIONS if config.getoption(name)]
        if given:
            todo = f"add --kimera, or write {_FILE_OPTIONS[0]} and the like into the configuration file"
            raise pytest.UsageError(f"{', '.join(given)} has no effect without --kimera\n  do this  {todo}")
        return
    from kimera_di.testing.contract_run import start_contract_run

    config.pluginmanager.register(start_contract_run(config), "kimera-contracts")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> None:
    """Leave frames of kimera_di out of the report of its own errors; ``--full-trace`` shows them."""
    if call.excinfo is not None:
        from kimera_di.testing.short_tracebacks import hide_own_frames

        hide_own_frames(call.excinfo)
