"""Fixtures: a container of the application, a scope per test, overrides that end with the test.

In: a ``ServiceCollection``, from a fixture of the user or from the option ``kimera_services``. Out: the container,
built once per process (each worker of pytest-xdist has its own) and closed at its end. Awaits nothing: who closes with
``await`` writes the fixture of the same name as an async one. Imports pytest only; kimera_di loads with the first use.
"""

from collections.abc import Hashable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

import pytest

if TYPE_CHECKING:
    from kimera_di import Scope, ServiceCollection, ServiceContainer

T = TypeVar("T")

_MISSING: Any = object()
_TELL = (
    "pytest needs the services of the application for the fixture kimera_container\n"
    '  do this  kimera_services = "shop.main:services" in [tool.pytest.ini_options], or in conftest.py:\n\n'
    '    @pytest.fixture(scope="session")\n'
    "    def kimera_services() -> ServiceCollection:\n"
    "        return make_services()"
)
_ISOLATED = (
    "kimera_override cannot be seen by an IsolatedAsyncioTestCase: the case takes its context before any fixture runs\n"
    "  do this  self.enterContext(container.override(IVault, FakeVault())) in setUp or in the test"
)
_AWAIT = "write the fixture {name} as an async one in conftest.py: docs/how-to/test-with-pytest.md"


class KimeraOverride:
    """What the fixture ``kimera_override`` gives: call it to replace a service until the test ends.

    Args:
        container: Whose services are replaced.
        stack: Ends the overrides, the last one first.
    """

    def __init__(self, container: "ServiceContainer", stack: ExitStack) -> None:
        self._container = container
        self._stack = stack

    @overload
    def __call__(self, service: Any, instance: T, *, key: Hashable = None, everywhere: bool = False) -> T: ...
    @overload
    def __call__(self, service: Any, *, factory: Any, key: Hashable = None, everywhere: bool = False) -> None: ...

    def __call__(
        self,
        service: Any,
        instance: Any = _MISSING,
        *,
        factory: Any = _MISSING,
        key: Hashable = None,
        everywhere: bool = False,
    ) -> Any:
        """Replace a service for the rest of the test.

        Args:
            service: What is replaced.
            instance: The object to give out instead.
            factory: A class or factory to build instead, with the lifetime of what it replaces.
            key: The key of the service.
            everywhere: Reach every thread of the process, also those that began before the test; excludes every
                other override.

        Returns:
            ``instance``, so that ``fake = kimera_override(IVault, FakeVault())`` fits in a line.

        Raises:
            MissingServiceError: The service is not registered.
            InterfaceMismatchError: The replacement does not fit it.
            RegistrationError: Neither or both of instance and factory are given; or one of several overrides in force
                is for the whole process.
        """
        given = {"instance": instance, "factory": factory}
        options = {name: value for name, value in given.items() if value is not _MISSING}
        self._stack.enter_context(self._container.override(service, key=key, everywhere=everywhere, **options))
        return options.get("instance")


@pytest.fixture(scope="session")
def kimera_services(request: pytest.FixtureRequest) -> "ServiceCollection":
    """The registrations of the application; write a fixture of this name, or set the option ``kimera_services``."""
    target: str = request.config.getini("kimera_services")
    if not target:
        pytest.fail(_TELL, pytrace=False)
    from kimera_di.composition.loading import load_services
    from kimera_di.errors import KimeraError

    try:
        found: Any = load_services(target)
    except KimeraError as error:
        # Not `pytest.fail`: without `from None` pytest shows the chain of tracebacks as well.
        text = f"kimera_services = {target!r} cannot be used\n{error}"
        raise pytest.fail.Exception(text, pytrace=False) from None
    services: ServiceCollection = found
    return services


@pytest.fixture(scope="session")
def kimera_container(kimera_services: "ServiceCollection") -> "Iterator[ServiceContainer]":
    """The container of the application: built once per process, closed at the end of the run.

    A module or folder with a ``kimera_services`` of its own has its own one: see ``own_containers``.
    """
    from kimera_di import AsyncRequiredError, BuildErrors, ServiceCollection

    given = cast("object", kimera_services)  # users write this fixture, mostly without types
    if not isinstance(given, ServiceCollection):
        kind = type(given).__name__
        pytest.fail(f"the fixture kimera_services gave an object of type {kind}\n{_TELL}", pytrace=False)
    try:
        container = given.build()
    except BuildErrors as errors:
        text = "\n\n".join([str(errors), *(str(error) for error in errors.exceptions)])
        raise pytest.fail.Exception(text, pytrace=False) from None
    yield container
    try:
        container.close()
    except AsyncRequiredError as error:
        error.add_note(_AWAIT.format(name="kimera_container"))
        raise


@pytest.fixture
def kimera_scope(kimera_container: "ServiceContainer") -> "Iterator[Scope]":
    """A scope of the container for one test, closed after it; also the current scope of ``@inject`` functions."""
    from kimera_di import AsyncRequiredError

    scope = kimera_container.scope(ambient=True)
    try:
        with scope:
            yield scope
    except AsyncRequiredError as error:
        error.add_note(_AWAIT.format(name="kimera_scope"))
        raise


@pytest.fixture
def kimera_override(request: pytest.FixtureRequest, kimera_container: "ServiceContainer") -> Iterator[KimeraOverride]:
    """Replace services for one test: ``kimera_override(IVault, FakeVault())``; undone after it, the last one first."""
    if hasattr(request.instance, "asyncSetUp"):  # without importing asyncio for those who do not use it
        pytest.fail(_ISOLATED, pytrace=False)
    with ExitStack() as stack:
        yield KimeraOverride(kimera_container, stack)
