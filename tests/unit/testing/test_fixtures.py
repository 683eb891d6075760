"""The fixtures: a container of the application, a scope per test, overrides that end with the test."""

import pytest

from tests.unit.testing.projects import outcomes, run, write

pytest_plugins = ["pytester"]

SHOP = """
    from collections.abc import Iterator
    from kimera_di import ServiceCollection

    closed = []

    class Mailer:
        name = "smtp"

    class Fake(Mailer):
        name = "fake"

    class Pool: ...

    class Session: ...

    class Orders:
        def __init__(self, mailer: Mailer) -> None:
            self.mailer = mailer

    def open_pool() -> Iterator[Pool]:
        yield Pool()
        closed.append("pool")

    def open_session() -> Iterator[Session]:
        yield Session()
        closed.append("session")

    services = ServiceCollection().singleton(Mailer).singleton(Mailer, key="bulk").singleton(Orders)
    services.singleton(Pool, open_pool).scoped(Session, open_session)
"""
OPTION = "[pytest]\nkimera_services = shop:services\npythonpath = .\n"


def write_shop(pytester: pytest.Pytester, tests: str, shop: str = SHOP) -> None:
    write(pytester, "shop.py", shop)
    write(pytester, "pytest.ini", OPTION)
    write(pytester, "test_shop.py", tests)


def test_container_is_built_once_from_the_option_and_closed_at_the_end(pytester: pytest.Pytester) -> None:
    write_shop(
        pytester,
        """
        import shop

        seen = []

        def test_first(kimera_container): seen.append((kimera_container, kimera_container[shop.Pool]))
        def test_second(kimera_container): assert seen == [(kimera_container, kimera_container[shop.Pool])]
        def test_open_so_far(): assert shop.closed == []
        """,
    )
    write(pytester, "conftest.py", "import shop\ndef pytest_unconfigure(): print('closed', shop.closed)")

    result = run(pytester)

    assert outcomes(result) == {"passed": 3}
    result.stdout.fnmatch_lines(["closed [[]'pool'[]]"])


def test_services_of_a_fixture_win(pytester: pytest.Pytester) -> None:
    write_shop(
        pytester,
        """
        import pytest
        from kimera_di import ServiceCollection

        @pytest.fixture(scope="session")
        def kimera_services(): return ServiceCollection().instance(str, "mine")

        def test_mine(kimera_container): assert kimera_container[str] == "mine"
        """,
    )

    assert outcomes(run(pytester)) == {"passed": 1}


SERVICES = """
    import pytest
    from kimera_di import ServiceCollection

    @pytest.fixture(scope="session")
    def kimera_services(): return ServiceCollection().instance(str, "NAME")
"""


def test_each_module_and_folder_has_the_container_of_its_own_services(pytester: pytest.Pytester) -> None:
    check = """
    def test_NAME(kimera_container, kimera_scope): assert kimera_container[str] == kimera_scope[str] == 'NAME'

    def test_again(kimera_container, request):
        assert kimera_container is request.getfixturevalue("kimera_container")
    """
    write(pytester, "test_first.py", (SERVICES + check).replace("NAME", "first"))
    write(pytester, "test_second.py", (SERVICES + check).replace("NAME", "second"))
    write(pytester, "folder/conftest.py", SERVICES.replace("NAME", "folder"))
    write(pytester, "folder/test_third.py", check.replace("NAME", "folder"))

    assert outcomes(run(pytester)) == {"passed": 6}


def test_services_of_a_class_without_a_container_are_refused(pytester: pytest.Pytester) -> None:
    in_class = """
    class TestOwn:
        kimera_services = kimera_services

        def test_any(self, kimera_container): ...
    """
    write(pytester, "test_first.py", SERVICES + in_class)

    result = run(pytester)

    assert outcomes(result) == {"errors": 1}
    result.stdout.fnmatch_lines(["the class TestOwn has a kimera_services of its own*", "  do this  move the fixture*"])


def test_services_of_a_module_are_built_by_the_container_fixture_of_its_folder(pytester: pytest.Pytester) -> None:
    own = """
    @pytest.fixture(scope="session")
    def kimera_container(kimera_services): return kimera_services.instance(int, 7).build()
    """
    write(pytester, "conftest.py", SERVICES.replace("NAME", "folder") + own)
    write(
        pytester, "test_mine.py", SERVICES + "\n    def test_mine(kimera_container): assert kimera_container[int] == 7"
    )

    assert outcomes(run(pytester)) == {"passed": 1}


def test_module_of_own_services_that_cannot_be_imported_is_imported_once(pytester: pytest.Pytester) -> None:
    write(pytester, "test_broken.py", SERVICES + "\n    print('imported')\n    raise ValueError('broken')")

    result = run(pytester)

    assert outcomes(result) == {"errors": 1}
    assert result.stdout.str().count("\nimported") == 1


def test_without_services_the_error_says_how_to_give_them(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_any(kimera_container): ...")

    result = run(pytester)

    assert outcomes(result) == {"errors": 1}
    result.stdout.fnmatch_lines(["pytest needs the services of the application*", '*kimera_services = "shop.main:*'])
    result.stdout.no_fnmatch_line("*fixtures.py*")


def test_services_that_do_not_exist_are_guessed(pytester: pytest.Pytester) -> None:
    write_shop(pytester, "def test_any(kimera_container): ...")
    write(pytester, "pytest.ini", OPTION.replace("shop:services", "shop:service"))

    result = run(pytester)

    assert outcomes(result) == {"errors": 1}
    result.stdout.fnmatch_lines(
        ["kimera_services = 'shop:service' cannot be used", "KD404*", "*did you mean  services"]
    )


def test_fixture_that_gives_no_collection_is_named(pytester: pytest.Pytester) -> None:
    write_shop(
        pytester,
        """
        import pytest

        @pytest.fixture(scope="session")
        def kimera_services(): return "shop:services"

        def test_any(kimera_container): ...
        """,
    )

    result = run(pytester)

    assert outcomes(result) == {"errors": 1}
    result.stdout.fnmatch_lines(["the fixture kimera_services gave an object of type str"])


def test_every_problem_of_the_services_is_shown_without_a_traceback(pytester: pytest.Pytester) -> None:
    shop = """
        from kimera_di import ServiceCollection
        class A:
            def __init__(self, b: bytes) -> None: ...
        class B:
            def __init__(self, c: complex) -> None: ...
        services = ServiceCollection().singleton(A).singleton(B)
    """
    write_shop(pytester, "def test_any(kimera_container): ...", shop)

    result = run(pytester)

    assert outcomes(result) == {"errors": 1}
    result.stdout.fnmatch_lines(["KD200 2 problems*", "KD201 nothing provides bytes", "KD201 nothing provides complex"])
    result.stdout.no_fnmatch_line("*fixtures.py*")


def test_scope_is_one_per_test_and_closed_after_it(pytester: pytest.Pytester) -> None:
    write_shop(
        pytester,
        """
        import shop

        seen = []

        def test_first(kimera_scope):
            seen.append(kimera_scope[shop.Session])
            assert kimera_scope[shop.Session] is seen[0]

        def test_second(kimera_scope):
            assert shop.closed == ["session"]
            assert kimera_scope[shop.Session] is not seen[0]
        """,
    )

    assert outcomes(run(pytester)) == {"passed": 2}


def test_scope_is_closed_although_the_test_fails(pytester: pytest.Pytester) -> None:
    write_shop(
        pytester,
        """
        import shop

        def test_first(kimera_scope):
            kimera_scope[shop.Session]
            assert False

        def test_second(): assert shop.closed == ["session"]
        """,
    )

    assert outcomes(run(pytester)) == {"failed": 1, "passed": 1}


def test_scope_is_the_current_one_of_injected_functions(pytester: pytest.Pytester) -> None:
    write_shop(
        pytester,
        """
        import shop
        from kimera_di import Injected, inject

        @inject
        def handle(session: Injected[shop.Session]) -> shop.Session: return session

        def test_current(kimera_scope): assert handle() is kimera_scope[shop.Session]
        """,
    )

    assert outcomes(run(pytester)) == {"passed": 1}


@pytest.mark.parametrize("ending", ["", "assert False"], ids=["passes", "fails"])
def test_override_reaches_consumers_and_ends_with_the_test(pytester: pytest.Pytester, ending: str) -> None:
    write_shop(
        pytester,
        f"""
        import shop

        def test_first(kimera_container, kimera_override):
            fake = kimera_override(shop.Mailer, shop.Fake())
            assert kimera_container[shop.Orders].mailer is fake
            print("overridden")
            {ending}

        def test_second(kimera_container):
            assert kimera_container[shop.Orders].mailer.name == "smtp"
        """,
    )

    result = run(pytester, "-rA")

    assert outcomes(result) == ({"failed": 1, "passed": 1} if ending else {"passed": 2})
    result.stdout.fnmatch_lines(["overridden"])


def test_overrides_end_last_one_first(pytester: pytest.Pytester) -> None:
    write_shop(
        pytester,
        """
        import shop

        ended = []

        def maker(name):
            def make() -> shop.Iterator[shop.Mailer]:
                yield shop.Fake()
                ended.append(name)
            return make

        def test_two(kimera_container, kimera_override):
            kimera_override(shop.Mailer, factory=maker("outer"))
            kimera_container[shop.Mailer]
            kimera_override(shop.Mailer, factory=maker("inner"))
            kimera_container[shop.Mailer]

        def test_order(): assert ended == ["inner", "outer"]
        """,
    )

    assert outcomes(run(pytester)) == {"passed": 2}


def test_override_takes_a_key(pytester: pytest.Pytester) -> None:
    write_shop(
        pytester,
        """
        import shop

        def test_keyed(kimera_container, kimera_override):
            kimera_override(shop.Mailer, shop.Fake(), key="bulk")
            assert kimera_container.resolve(shop.Mailer, key="bulk").name == "fake"
            assert kimera_container[shop.Mailer].name == "smtp"
        """,
    )

    assert outcomes(run(pytester)) == {"passed": 1}


def test_override_of_an_unknown_service_points_at_the_line_of_the_test(pytester: pytest.Pytester) -> None:
    write_shop(pytester, "def test_unknown(kimera_override):\n    kimera_override(bytes, b'')\n")

    result = run(pytester)

    assert outcomes(result) == {"failed": 1}
    result.stdout.fnmatch_lines(["*KD201*bytes*", "test_shop.py:2:*"])


def test_override_is_seen_by_async_tests(pytester: pytest.Pytester) -> None:
    """A task copies the context it is made in, and the fixture put the override there."""
    write_shop(
        pytester,
        """
        import asyncio, unittest
        import pytest, shop

        def test_own_loop(kimera_container, kimera_override):
            fake = kimera_override(shop.Mailer, shop.Fake())
            async def mailer(): return (await kimera_container.aresolve(shop.Orders)).mailer
            assert asyncio.run(mailer()) is fake

        class TestOrders(unittest.IsolatedAsyncioTestCase):
            @pytest.fixture(autouse=True)
            def given(self, kimera_container): self.container = kimera_container

            def setUp(self):
                self.fake = shop.Fake()
                self.enterContext(self.container.override(shop.Mailer, self.fake))

            async def test_case(self):
                assert (await self.container.aresolve(shop.Orders)).mailer is self.fake
        """,
    )

    assert outcomes(run(pytester)) == {"passed": 2}


def test_override_that_an_isolated_case_cannot_see_is_refused(pytester: pytest.Pytester) -> None:
    """The case copies its context when it is made, before any fixture runs: the fake would silently not be used."""
    write_shop(
        pytester,
        """
        import unittest
        import pytest

        class TestOrders(unittest.IsolatedAsyncioTestCase):
            @pytest.fixture(autouse=True)
            def fakes(self, kimera_override): ...

            async def test_case(self): ...
        """,
    )

    result = run(pytester)

    assert outcomes(result) == {"errors": 1}
    result.stdout.fnmatch_lines(["*do this  self.enterContext(container.override(*"])


@pytest.mark.check
def test_override_is_seen_by_tests_of_the_anyio_plugin(pytester: pytest.Pytester) -> None:
    write_shop(
        pytester,
        """
        import pytest, shop

        @pytest.mark.anyio
        async def test_task(kimera_container, kimera_override):
            fake = kimera_override(shop.Mailer, shop.Fake())
            assert (await kimera_container.aresolve(shop.Orders)).mailer is fake

        def test_after(kimera_container): assert kimera_container[shop.Orders].mailer.name == "smtp"

        @pytest.fixture
        def anyio_backend(): return "asyncio"
        """,
    )

    assert outcomes(run(pytester)) == {"passed": 2}


def test_scope_that_must_await_says_which_fixture_to_write(pytester: pytest.Pytester) -> None:
    shop = """
        from collections.abc import AsyncIterator
        from kimera_di import ServiceCollection
        class Session: ...
        async def open_session() -> AsyncIterator[Session]:
            yield Session()
        services = ServiceCollection().scoped(Session, open_session)
    """
    tests = """
        import asyncio, shop

        def test_opens(kimera_scope): asyncio.run(kimera_scope.aresolve(shop.Session))
    """
    write_shop(pytester, tests, shop)

    result = run(pytester, "-W", "ignore::ResourceWarning")  # the scope stays open: that is what the error says

    assert outcomes(result)["errors"] == 1
    result.stdout.fnmatch_lines(["*AsyncRequiredError: KD302*", "*write the fixture kimera_scope as an async one*"])


def test_override_everywhere_reaches_other_threads_and_ends_with_the_test(pytester: pytest.Pytester) -> None:
    write_shop(
        pytester,
        """
        import threading
        import shop

        def mailer_of_a_thread(container):
            seen = []
            thread = threading.Thread(target=lambda: seen.append(container[shop.Orders].mailer.name))
            thread.start()
            thread.join()
            return seen[0]

        def test_first(kimera_container, kimera_override):
            kimera_override(shop.Mailer, shop.Fake(), everywhere=True)
            assert mailer_of_a_thread(kimera_container) == "fake"

        def test_second(kimera_container):
            assert mailer_of_a_thread(kimera_container) == "smtp"
        """,
    )

    result = run(pytester)

    assert outcomes(result) == {"passed": 2}
