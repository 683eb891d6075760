"""``os.fork``: guarantee 13. Every case runs in an interpreter of its own, which forks and reports."""

import os
import subprocess
import sys
import textwrap

import pytest

from tests.spec.helpers import WAIT_S

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

_BEFORE = """
import os, sys, threading, asyncio, warnings
from kimera_di import *

warnings.simplefilter("ignore", DeprecationWarning)  # 3.12 warns about forks beside threads: the very case

def say(text):
    os.write(1, (text + "\\n").encode())

def in_child(work):
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException as error:
            say(f"child failed: {type(error).__name__}: {error}")
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

class Pool: ...

class Repo:
    def __init__(self, pool: Pool):
        self.pool = pool

class Session:
    def __init__(self, repo: Repo):
        self.repo = repo

class Clock: ...

owner = os.getpid()

def here():
    return "parent" if os.getpid() == owner else "child"

def open_pool():
    try:
        yield Pool()
    finally:
        say(f"pool closed in the {here()}")
"""


def run(script: str) -> list[str]:
    """Give the lines that a script and the children it forks print, in order."""
    done = subprocess.run(
        [sys.executable, "-c", _BEFORE + textwrap.dedent(script)],
        check=False, capture_output=True, text=True, timeout=WAIT_S * 3,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout.splitlines()


def test_child_closes_nothing_of_its_parent() -> None:
    lines = run("""
        container = ServiceCollection().singleton(Pool, open_pool).build()
        container[Pool]
        say(str(in_child(container.close)))
        container.close()
    """)

    assert lines == ["0", "pool closed in the parent"]


def test_child_closes_what_it_built() -> None:
    lines = run("""
        container = ServiceCollection().singleton(Pool, open_pool).build()

        def work():
            container[Pool]
            container.close()

        in_child(work)
        container.close()
    """)

    assert lines == ["pool closed in the child"]


def test_singleton_that_may_be_shared_is_the_parents_object() -> None:
    lines = run("""
        container = ServiceCollection().singleton(Clock).build()
        clock = container[Clock]
        in_child(lambda: say(str(container[Clock] is clock)))
    """)

    assert lines == ["True"]


def test_unsafe_singleton_and_everything_built_on_it_is_rebuilt() -> None:
    lines = run("""
        services = ServiceCollection().singleton(Pool, open_pool, fork_safe=False).singleton(Repo).scoped(Session)
        container = services.singleton(Clock).build()
        pool, repo, clock = container[Pool], container[Repo], container[Clock]
        scope = container.scope()
        session = scope[Session]

        def work():
            say(f"{container[Pool] is pool} {container[Repo] is repo} {container[Clock] is clock}")
            say(f"{scope[Session] is session} {container[Repo].pool is container[Pool] is scope[Session].repo.pool}")
            container.close()

        in_child(work)
        say(f"{container[Pool] is pool} {container[Repo] is repo} {scope[Session] is session}")
        container.close()
    """)

    assert lines == [
        "False False True",
        "False True",
        "pool closed in the child",
        "True True True",
        "pool closed in the parent",
    ]


def test_unsafe_singleton_of_the_parent_is_not_collected_at_the_end_of_the_child() -> None:
    """A connection that says goodbye when it is collected would end the parent's."""
    lines = run("""
        def open_carefully(write=os.write, getpid=os.getpid, owner=owner):  # its module is cleared before it is
            try:
                yield Pool()
            finally:
                write(1, b"pool closed in the parent\\n" if getpid() == owner else b"pool closed in the child\\n")

        services = ServiceCollection().singleton(Pool, open_carefully, fork_safe=False)
        container = services.build()
        container[Pool]
        pid = os.fork()
        if pid:
            os.waitpid(pid, 0)
            say("child is gone")
            container.close()
        else:
            import gc
            del container, services
            gc.collect()
            sys.exit(0)
    """)

    assert lines == ["child is gone", "pool closed in the parent"]


def test_scope_opened_in_the_parent_closes_only_what_the_child_built() -> None:
    lines = run("""
        def open_repo(pool: Pool):
            yield Repo(pool)
            say(f"repo closed in the {here()}")

        container = ServiceCollection().scoped(Pool, open_pool).scoped(Repo, open_repo).build()
        with container.scope() as scope:
            pool = scope[Pool]

            def work():
                say(str(scope[Repo].pool is pool))
                scope.close()

            in_child(work)
    """)

    assert lines == ["True", "repo closed in the child", "pool closed in the parent"]


def test_singleton_that_a_thread_was_building_is_built_by_the_child() -> None:
    lines = run("""
        begun, go_on = threading.Event(), threading.Event()

        def slow():
            if here() == "parent":
                begun.set()
                go_on.wait(10)
            return Pool()

        container = ServiceCollection().singleton(Pool, slow).build()
        thread = threading.Thread(target=container.resolve, args=(Pool,))
        thread.start()
        begun.wait(10)
        say(str(in_child(lambda: say(type(container[Pool]).__name__))))
        go_on.set()
        thread.join()
        container.close()
    """)

    assert lines == ["Pool", "0"]


def test_scoped_object_that_a_thread_was_building_is_built_by_the_child() -> None:
    lines = run("""
        begun, go_on = threading.Event(), threading.Event()

        def slow():
            if here() == "parent":
                begun.set()
                go_on.wait(10)
            return Pool()

        scope = ServiceCollection().scoped(Pool, slow).build().scope()
        thread = threading.Thread(target=scope.resolve, args=(Pool,))
        thread.start()
        begun.wait(10)
        say(str(in_child(lambda: (say(type(scope[Pool]).__name__), scope.close()))))
        go_on.set()
        thread.join()
    """)

    assert lines == ["Pool", "0"]


def test_async_singleton_that_a_task_was_building_is_built_by_the_child() -> None:
    lines = run("""
        async def slow() -> Pool:
            if here() == "parent":
                await asyncio.sleep(0.05)
            return Pool()

        def work():
            asyncio.set_event_loop(None)
            say(type(asyncio.new_event_loop().run_until_complete(container.aresolve(Pool))).__name__)

        async def main():
            building = asyncio.ensure_future(container.aresolve(Pool))
            await asyncio.sleep(0)
            say(str(in_child(work)))
            await building

        container = ServiceCollection().singleton(Pool, slow).build()
        asyncio.run(main())
    """)

    assert lines == ["Pool", "0"]


def test_locks_are_new_in_the_child() -> None:
    """A thread of the parent held them; it does not exist in the child."""
    lines = run("""
        services = ServiceCollection().singleton(Pool).scoped(Repo)
        container = services.build()
        more = ServiceCollection()
        held, go_on = threading.Event(), threading.Event()
        from kimera_di.compilation import assembler

        def hold():
            with container._root.lock, container._root.base._lock, assembler._codes_lock:
                held.set()
                go_on.wait(10)

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait(10)

        def work():
            with container.scope() as scope:
                say(type(scope[Repo].pool).__name__)
            with container.override(Pool, Pool()):
                container[Pool]
            container.close()

        say(str(in_child(work)))
        go_on.set()
        thread.join()
    """)

    assert lines == ["Pool", "0"]


def test_container_that_a_thread_was_closing_is_closed_in_the_child() -> None:
    lines = run("""
        begun, go_on = threading.Event(), threading.Event()

        def open_slowly():
            yield Pool()
            begun.set()
            go_on.wait(10)

        container = ServiceCollection().singleton(Pool, open_slowly).build()
        container[Pool]
        thread = threading.Thread(target=container.close)
        thread.start()
        begun.wait(10)

        def work():
            container.close()
            try:
                container[Pool]
            except ContainerClosedError:
                say("closed")

        say(str(in_child(work)))
        go_on.set()
        thread.join()
    """)

    assert lines == ["closed", "0"]


def test_factory_that_forks_goes_on_in_both_processes() -> None:
    lines = run("""
        def forking():
            say(str(in_child(lambda: None)))
            yield Pool()
            say(f"pool closed in the {here()}")

        with ServiceCollection().singleton(Pool, forking).build() as container:
            say(type(container[Pool]).__name__)
    """)

    assert lines == ["0", "Pool", "pool closed in the parent"]


def test_forks_of_forks_each_close_their_own() -> None:
    lines = run("""
        class First: ...
        class Second: ...
        class Third: ...

        def opening(kind):
            def make():
                yield kind()
                say(f"{kind.__name__} closed {os.getpid() == builder[kind]}")
            return make

        builder = {}
        services = ServiceCollection()
        for kind in (First, Second, Third):
            services.singleton(kind, opening(kind))
        container = services.build()

        def build(kind):
            builder[kind] = os.getpid()
            container[kind]

        def grandchild():
            build(Third)
            container.close()

        def child():
            build(Second)
            in_child(grandchild)
            container.close()

        build(First)
        in_child(child)
        container.close()
    """)

    assert lines == ["Third closed True", "Second closed True", "First closed True"]


def test_override_in_force_closes_nothing_of_the_parent_in_the_child() -> None:
    lines = run("""
        container = ServiceCollection().singleton(Pool).singleton(Repo).build()
        with container.override(Pool, factory=open_pool):
            repo = container[Repo]

            def work():
                say(str(container[Repo] is repo))
                container.close()

            in_child(work)
    """)

    assert lines == ["True", "pool closed in the parent"]


def test_multiprocessing_workers_have_their_own_unsafe_objects() -> None:
    lines = run("""
        import multiprocessing

        container = ServiceCollection().singleton(Pool, open_pool, fork_safe=False).build()
        pool = container[Pool]

        def work():
            say(str(container[Pool] is pool))
            container.close()

        worker = multiprocessing.get_context("fork").Process(target=work)
        worker.start()
        worker.join(10)
        container.close()
    """)

    assert lines == ["False", "pool closed in the child", "pool closed in the parent"]


def test_collection_can_be_changed_in_the_child_while_a_thread_of_the_parent_changed_it() -> None:
    lines = run("""
        services = ServiceCollection()
        held, go_on = threading.Event(), threading.Event()
        lock = services._list._lock

        def hold():
            with lock:
                held.set()
                go_on.wait(10)

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait(10)
        say(str(in_child(lambda: say(type(services.singleton(Pool).build()[Pool]).__name__))))
        go_on.set()
        thread.join()
    """)

    assert lines == ["Pool", "0"]


def test_start_in_the_child_builds_what_was_dropped() -> None:
    lines = run("""
        container = ServiceCollection().singleton(Pool, open_pool, fork_safe=False, eager=True).build()
        container.start()

        def work():
            container.start()
            container.close()

        in_child(work)
        container.close()
    """)

    assert lines == ["pool closed in the child", "pool closed in the parent"]
