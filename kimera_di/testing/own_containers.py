"""Give every ``kimera_services`` fixture a ``kimera_container`` of its own.

In: a module or class that defines ``kimera_services``. Out: the same module, with the fixture ``kimera_container``
beside it. pytest keeps one value per definition of a fixture: with a single ``kimera_container`` a second
``kimera_services`` would be given the container of the first one. Builds nothing.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest

from kimera_di.testing.fixtures import kimera_container

_IN_A_CLASS = (
    "the class {name} has a kimera_services of its own, and no kimera_container\n"
    "  do this  move the fixture kimera_services to the module, or write a kimera_container beside it"
)


class OwnContainers:
    """Adds the fixture where it is missing; a ``kimera_container`` that a user wrote stays the one of its folder."""

    def __init__(self) -> None:
        self._folders: list[Path] = []
        """Whose conftest.py has a ``kimera_container`` of the user's own; a plugin's is everybody's."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_plugin_registered(self, plugin: object) -> None:
        """Look at every conftest.py and plugin module, before pytest takes the fixtures from it."""
        file = getattr(plugin, "__file__", None)
        if not isinstance(file, str):
            return
        path = Path(file)
        if vars(plugin).get("kimera_container", kimera_container) is not kimera_container:
            self._folders.append(path.parent if path.name == "conftest.py" else Path(path.anchor))
        self._complete(plugin, path)

    def pytest_collectstart(self, collector: pytest.Collector) -> None:
        """Have test modules and classes looked at before pytest takes the fixtures from them."""
        if not isinstance(collector, pytest.Class) and type(collector).collect is not pytest.Module.collect:
            return  # no Python, or a module of doctests, which takes no fixtures from it
        # Inside `collect`, so that a module that cannot be imported is reported as ever, and imported once.
        collect = collector.collect

        def look_and_collect() -> Iterable[pytest.Item | pytest.Collector]:
            holder: object = getattr(collector, "obj")  # noqa: B009 - no collector in general has one
            if not isinstance(collector, pytest.Class):
                self._complete(holder, collector.path)
            elif self._lacks(holder, collector.path):
                raise collector.CollectError(_IN_A_CLASS.format(name=collector.name))
            return collect()

        vars(collector)["collect"] = look_and_collect

    def _complete(self, module: object, path: Path) -> None:
        if self._lacks(module, path):
            vars(module)["kimera_container"] = kimera_container

    def _lacks(self, holder: object, path: Path) -> bool:
        """Tell whether something defines ``kimera_services`` and would be given the container of other ones."""
        names = vars(holder)
        if "kimera_container" in names or not _is_fixture(names.get("kimera_services")):
            return False
        return not any(map(path.is_relative_to, self._folders))


def _is_fixture(found: object) -> bool:
    # before pytest 8.4 a fixture was its function, with a mark
    return type(found).__module__.startswith("_pytest.") or hasattr(found, "_pytestfixturefunction")
