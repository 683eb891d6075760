"""``kimera migrate`` as a user starts it; the printed program is run, and builds what the container builds."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kimera_di import Lifetime, MissingServiceError, ServiceCollection
from kimera_di.cli.migrate import migrate_text
from kimera_di.errors import ServicesNotFoundError
from tests.unit.cli.command import kimera
from tests.unit.integrations import library_shop as shop

pytestmark = pytest.mark.check

ROOT = Path(__file__).parents[3]
TARGET = "tests.unit.integrations.library_shop"

CONTAINERS = """
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from clocks.other import Clock as OtherClock
from dependency_injector import containers, providers

class Clock:
    def close(self) -> None: ...

class Zone:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock

class Page:
    def __init__(self, zone: Zone, title: str = "t", clock: Clock | None = None) -> None:
        self.zone, self.title, self.clock = zone, title, clock

class Fake(Clock): ...

@contextmanager
def open_clock() -> Iterator[Clock]:
    yield Clock()

async def load_clock() -> Clock:
    return Clock()

def stamp(*parts: object, **named: object) -> list[object]:
    return [*parts, named]

class Plain(containers.DeclarativeContainer):
    clock = providers.Singleton(Clock)
    zone = providers.Factory(Zone, clock)
    page = providers.Factory(Page, zone=zone)

class Resources(containers.DeclarativeContainer):
    clock = providers.Resource(open_clock)
    late = providers.Resource(load_clock)

class Overridden(containers.DeclarativeContainer):
    clock = providers.Singleton(Clock)
    zone = providers.Factory(Zone, clock)

Overridden.clock.override(providers.Singleton(Fake))

class Nobody(containers.DeclarativeContainer):
    clock = providers.Dependency(instance_of=Clock)
    zone = providers.Factory(Zone, clock)

class Values(containers.DeclarativeContainer):
    clock = providers.Singleton(Clock)
    maker = providers.Factory(stamp, 1, "it's", None, [clock], {"k": (1,)}, kind=Clock)
    inner = providers.Factory(Zone, clock=providers.Singleton(Clock))
    zones = providers.Factory(stamp, clock.provider, providers.Factory(Zone, clock).provider)
    listed = providers.Dict(a=clock, b=providers.List(clock, 3))
    attribute = providers.Callable(stamp, inner.provided.clock, inner.provided.clock.close.call())

class Odd(containers.DeclarativeContainer):
    local = providers.Callable(lambda: 3)
    lock = providers.Object(object())
    chosen = providers.Selector(lambda: "a", a=local)
    both = providers.Aggregate(a=providers.Factory(Clock), b=providers.Factory(Clock))
    open = providers.Factory(Zone)
    user = providers.Factory(stamp, both)
    task = providers.ContextLocalSingleton(Clock)

class make_named: ...

def make_clash(stamp: Clock) -> list[object]:
    return [stamp]

class Clashing(containers.DeclarativeContainer):
    clock = providers.Singleton(Clock)
    clash = providers.Factory(make_clash, stamp=clock)
    stamp = providers.Factory(stamp, clash, 1)
    both = providers.Factory(stamp.provides, stamp, providers.Singleton(Clock))
    named = providers.Factory(make_named)

class Colour(Enum):
    RED = 1

class Gateway(containers.DeclarativeContainer):
    shared = providers.DependenciesContainer()
    zone = providers.Factory(Zone, clock=shared.clock)

class Shared(containers.DeclarativeContainer):
    clock = providers.Singleton(Clock)

class More(containers.DeclarativeContainer):
    config = providers.Configuration()
    shared = providers.Container(Shared)
    gateway = providers.Container(Gateway, shared=shared)
    other = providers.Singleton(OtherClock)
    lock = providers.Object(object())
    kept = providers.Factory(stamp, Path("a/b"), Colour.RED, {"x", "y", "z"}, set(), ("x", 2), open_clock, other=other)
    makers = providers.Factory(stamp, providers.Factory(Zone, other).provider, config.a.provided["b"], str.upper)
    given = providers.Factory(stamp, providers.Object([1]), providers.Callable(Colour, 1))
    whole = providers.Factory(stamp, shared)
    calling = providers.Callable(kept.provider)
    locked = providers.Factory(stamp, lock)
    size = providers.Factory(len, config.name)
    taken = config.deep["x"].y.as_(stamp, 1)

plain = Plain()
dynamic = containers.DynamicContainer()
dynamic.clock = providers.Singleton(Clock)

limit = 3
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    package = tmp_path / "clocks"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "other.py").write_text("class Clock: ...\n", encoding="utf-8")
    (package / "wiring.py").write_text(CONTAINERS, encoding="utf-8")
    return tmp_path


def program(text: str) -> dict[str, Any]:
    """Run what was printed."""
    names: dict[str, Any] = {"__name__": "migrated"}
    exec(compile(text, "migrated.py", "exec"), names)  # noqa: S102 - it is the output of our own command
    return names


def registered(text: str, *configuration: object) -> ServiceCollection:
    """Run what was printed, and register."""
    services: ServiceCollection = program(text)["register"](ServiceCollection(), *configuration)
    return services


@pytest.mark.parametrize(("kind", "titles"), [("csv", ["from m.csv"]), ("sqlite", ["row of m.db"])])
def test_movie_lister_works_after_the_move(kind: str, titles: list[str]) -> None:
    text = migrate_text(f"{TARGET}:MovieContainer", [str(ROOT)])

    configuration = {"finder": {**shop.MOVIES["finder"], "type": kind}}
    container = registered(text, configuration).build()

    lister = container.resolve(shop.MovieLister)
    assert lister.titles() == titles == shop.movies(kind).lister().titles()
    assert container.resolve(shop.MovieLister) is not lister
    assert container.resolve(shop.MovieLister).finder is lister.finder


def shape(thing: object) -> object:
    """Classes and values of an object graph."""
    if type(thing).__module__ != shop.__name__:
        return thing
    return type(thing).__name__, {name: shape(value) for name, value in vars(thing).items()}


def test_application_gives_an_equal_graph_of_objects() -> None:
    text = migrate_text(f"{TARGET}:App", [str(ROOT)])
    names = program(text)
    theirs = shop.app()

    async def main() -> list[tuple[object, object]]:
        async with names["register"](ServiceCollection(), shop.SETTINGS).build() as ours:
            pairs: list[tuple[Any, Any]] = [
                (ours.resolve(shop.Mail), theirs.mail()),
                (await ours.aresolve(shop.Reader), await theirs.reader()),
                (await ours.aresolve(shop.Report), await theirs.report()),
                (ours.resolve(shop.Users), theirs.storage.users()),
                (ours.resolve(names["Upper"]), theirs.upper()),
                (ours.resolve(names["UrlLength"]), theirs.url_length()),
            ]
            assert ours.resolve(shop.Mail) is ours.resolve(shop.Mail)
            assert ours.resolve(names["Caches"])[0] is ours.resolve(shop.Cache, "shared_cache")
            found = [(shape(one), shape(other)) for one, other in pairs]
        assert not pairs[0][0].users.pool.is_open
        await theirs.shutdown_resources()
        return found

    for one, other in asyncio.run(main()):
        assert one == other


def test_class_whose_annotations_say_enough_is_registered_as_it_is(folder: Path) -> None:
    text = migrate_text("clocks.wiring:Plain", [str(folder)])

    assert "services.transient(Zone)\n" in text
    assert "make_zone" not in text


def test_default_that_the_container_would_fill_gets_a_factory(folder: Path) -> None:
    """``clock: Clock | None = None`` was left out before, so it is left out afterwards."""
    text = migrate_text("clocks.wiring:Plain", [str(folder)])

    container = registered(text).build()
    page: Any = container.resolve(next(each for each in services_of(text) if each.__name__ == "Page"))

    assert page.clock is None
    assert "make_page" in text


def services_of(text: str) -> list[Any]:
    return [each.service.interface for each in registered(text).descriptors()]


def lifetimes(text: str) -> list[tuple[str, Lifetime]]:
    found = registered(text).descriptors()
    return [(each.service.interface.__name__, each.lifetime) for each in found]


def test_singleton_that_could_be_closed_says_that_nobody_did(folder: Path) -> None:
    text = migrate_text("clocks.wiring:Plain", [str(folder)])

    assert "# clock: nobody closed it before; on_close=Clock.close would" in text
    assert "services.singleton(Clock, on_close=None)" in text
    assert registered(text).validate() == []


def test_context_manager_functions_and_async_functions_become_singletons(folder: Path) -> None:
    text = migrate_text("clocks.wiring:Resources", [str(folder)])
    container = registered(text).build()
    (kind,) = set(services_of(text))

    async def main() -> object:
        async with container:
            return await container.aresolve(kind, key="late")

    assert lifetimes(text) == [("Clock", Lifetime.SINGLETON)] * 2
    assert type(asyncio.run(main())) is kind


def test_override_is_what_is_registered(folder: Path) -> None:
    text = migrate_text("clocks.wiring:Overridden", [str(folder)])
    zone = next(each for each in services_of(text) if each.__name__ == "Zone")

    found: Any = registered(text).build().resolve(zone)

    assert type(found.clock).__name__ == "Fake"
    assert "# clock: overridden by another provider" in text


def test_dependency_that_nobody_provides_is_left_to_the_reader(folder: Path) -> None:
    text = migrate_text("clocks.wiring:Nobody", [str(folder)])

    (problem,) = registered(text).validate()

    assert "# clock: nobody provides it; register Clock" in text
    assert isinstance(problem, MissingServiceError)


def test_values_lists_and_nested_providers_become_expressions(folder: Path) -> None:
    text = migrate_text("clocks.wiring:Values", [str(folder)])
    names = program(text)
    container = names["register"](ServiceCollection()).build()
    clock, zone = container.resolve(names["Clock"]), names["Zone"]

    made: Any = container.resolve(names["Maker"])
    zones: Any = container.resolve(names["Zones"])

    assert made == [1, "it's", None, [clock], {"k": (1,)}, {"kind": names["Clock"]}]
    assert zones[0]() is clock
    assert type(zones[1]()) is zone
    assert container.resolve(names["Listed"]) == {"a": clock, "b": [clock, 3]}
    assert container.resolve(names["Attribute"])[0] is not clock


def test_values_that_have_a_name_are_imported_or_written_down(folder: Path) -> None:
    text = migrate_text("clocks.wiring:More", [str(folder)])
    names = program(text)
    config = {"a": {"b": 7}, "name": "four", "deep": {"x": {"y": 5}}}
    services = ServiceCollection().instance(names["Lock"], object())  # what the program leaves to its reader
    container = names["register"](services, config).build()

    kept: Any = container.resolve(names["Kept"])
    makers: Any = container.resolve(names["Makers"])

    assert kept[:5] == [Path("a/b"), names["Colour"].RED, {"x", "y", "z"}, set(), ("x", 2)]
    assert kept[5].__name__ == "open_clock"
    assert type(makers[0]()).__name__ == "Zone"
    assert makers[0]().clock is kept[6]["other"]
    assert makers[2] is str.upper
    assert container.resolve(names["Given"]) == [[1], names["Colour"].RED, {}]
    assert container.resolve(names["Size"]) == 4
    assert container.resolve(names["Taken"]) == [5, 1, {}]


def test_containers_that_are_given_to_each_other_are_followed(folder: Path) -> None:
    text = migrate_text("clocks.wiring:More", [str(folder)])
    names = program(text)
    services = ServiceCollection().instance(names["Lock"], object())
    container = names["register"](services, {}).build()

    assert container.resolve(names["Zone"]).clock is container.resolve(names["clocks_wiring_Clock"])
    assert "from clocks.wiring import Clock as clocks_wiring_Clock" in text


@pytest.mark.parametrize(
    "line",
    [
        "# whole: not translated, it is given a whole container",
        "# calling: not translated, it calls what another provider gives",
    ],
)
def test_what_has_no_expression_is_named(line: str, folder: Path) -> None:
    assert line in migrate_text("clocks.wiring:More", [str(folder)])


def test_instance_and_dynamic_container_are_translated_like_a_class(folder: Path) -> None:
    of_class = migrate_text("clocks.wiring:Plain", [str(folder)])
    of_instance = migrate_text("clocks.wiring:plain", [str(folder)])
    of_dynamic = migrate_text("clocks.wiring:dynamic", [str(folder)])

    assert of_instance == of_class.replace("wiring:Plain", "wiring:plain")
    assert lifetimes(of_dynamic) == [("Clock", Lifetime.SINGLETON)]


def test_program_is_the_same_for_every_hash_seed(folder: Path) -> None:
    one, other = (kimera(folder, "migrate", "clocks.wiring:More", PYTHONHASHSEED=seed).stdout for seed in ("1", "2"))

    assert one == other
    assert "register" in one


def test_names_that_the_program_needs_itself_do_not_hide_those_it_imports(folder: Path) -> None:
    """A factory ``make_clash`` that calls the imported ``make_clash`` would call itself for ever."""
    text = migrate_text("clocks.wiring:Clashing", [str(folder)])
    names = program(text)
    container = names["register"](ServiceCollection()).build()

    both: Any = container.resolve(names["Both"])

    assert both[0][:2] == [[container.resolve(names["Clock"])], 1]
    assert type(both[1]) is names["Clock"]


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("# local: not translated, a lambda cannot be imported by name", "define it at the top of a module"),
        ("# lock: not translated, an object of object cannot", "services.instance(T, the_object)"),
        ("# chosen: not translated, its choice is made by a function", "register a factory that makes the choice"),
        ("# open: not translated, whoever calls it gives clock", "ask for Factory[[...], T]"),
        ("# user: not translated, it is given an aggregate", "ask for Mapping[str, T]"),
        ("# both: one service per member, with its name as the key", "Mapping[str, T] gives them all"),
        ("# task: one object per context before; open a scope", "services.scoped("),
    ],
)
def test_what_cannot_be_translated_is_a_comment_with_advice(line: str, advice: str, folder: Path) -> None:
    text = migrate_text("clocks.wiring:Odd", [str(folder)])

    found = text.index(line)
    assert advice in "\n".join(text[found:].splitlines()[:2])
    assert registered(text).validate() == []


def test_program_goes_to_stdout_and_to_a_file(folder: Path) -> None:
    shown = kimera(folder, "migrate", "clocks.wiring:Plain")
    written = kimera(folder, "migrate", "clocks.wiring:Plain", "--output", "moved.py")

    assert (shown.returncode, shown.stderr) == (0, "")
    assert (written.returncode, written.stdout) == (0, "")
    assert (folder / "moved.py").read_text(encoding="utf-8") == shown.stdout


def test_file_that_exists_is_left_as_it_is(folder: Path) -> None:
    (folder / "moved.py").write_text("mine", encoding="utf-8")

    refused = kimera(folder, "migrate", "clocks.wiring:Plain", "--output", "moved.py")

    assert refused.returncode == 2
    assert "moved.py exists already, and is left as it is" in refused.stderr
    assert (folder / "moved.py").read_text(encoding="utf-8") == "mine"


def test_folder_that_does_not_exist_is_not_made(folder: Path) -> None:
    refused = kimera(folder, "migrate", "clocks.wiring:Plain", "--output", "moved/main.py")

    assert refused.returncode == 2
    assert "cannot write moved/main.py" in refused.stderr
    assert not (folder / "moved").exists()


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("clocks.wiring:Plian", "did you mean  Plain"),
        ("clocks.wiring:limit", "clocks.wiring:limit is of type int, not a container of dependency-injector"),
        ("clocks.wiring:Clock", "clocks.wiring:Clock is the class Clock, not a container of dependency-injector"),
        ("nowhere:Plain", "there is no module 'nowhere'"),
    ],
)
def test_wrong_target_is_refused_with_advice(target: str, message: str, folder: Path) -> None:
    with pytest.raises(ServicesNotFoundError) as caught:
        migrate_text(target, [str(folder)])

    assert message in str(caught.value)


def test_wrong_target_ends_with_two_and_says_so_on_stderr(folder: Path) -> None:
    ran = kimera(folder, "migrate", "clocks.wiring:limit")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "is of type int, not a container" in ran.stderr
