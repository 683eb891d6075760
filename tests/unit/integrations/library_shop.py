"""A small application on dependency-injector, in the shapes of its documentation: movie lister, services, resources."""

import abc
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from dependency_injector import containers, providers, resources


class Movie:
    def __init__(self, title: str, year: int) -> None:
        self.title, self.year = title, year


class MovieFinder(abc.ABC):
    @abc.abstractmethod
    def find_all(self) -> list[Movie]: ...


class CsvMovieFinder(MovieFinder):
    def __init__(self, movie_factory: Callable[[str, int], Movie], path: str, delimiter: str) -> None:
        self.movie_factory, self.path, self.delimiter = movie_factory, path, delimiter

    def find_all(self) -> list[Movie]:
        return [self.movie_factory(f"from {self.path}", 2010)]


class SqliteMovieFinder(MovieFinder):
    def __init__(self, movie_factory: Callable[[str, int], Movie], path: str) -> None:
        self.movie_factory, self.path = movie_factory, path

    def find_all(self) -> list[Movie]:
        return [self.movie_factory(f"row of {self.path}", 2015)]


class MovieLister:
    def __init__(self, movie_finder: MovieFinder) -> None:
        self.finder = movie_finder

    def titles(self) -> list[str]:
        return [movie.title for movie in self.finder.find_all()]


class MovieContainer(containers.DeclarativeContainer):
    """The movie lister: a selector over a configuration chooses the finder."""

    config = providers.Configuration()
    movie = providers.Factory(Movie)
    csv_finder = providers.Singleton(
        CsvMovieFinder,
        movie_factory=movie.provider,
        path=config.finder.csv.path,
        delimiter=config.finder.csv.delimiter,
    )
    sqlite_finder = providers.Singleton(SqliteMovieFinder, movie_factory=movie.provider, path=config.finder.sqlite.path)
    finder: providers.Selector[MovieFinder] = providers.Selector(
        config.finder.type, csv=csv_finder, sqlite=sqlite_finder
    )
    lister = providers.Factory(MovieLister, movie_finder=finder)


MOVIES = {"finder": {"type": "csv", "csv": {"path": "m.csv", "delimiter": ","}, "sqlite": {"path": "m.db"}}}


class Database:
    def __init__(self, url: str) -> None:
        self.url = url
        self.is_open = True


class Pool:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.is_open = True


def open_database(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.is_open = False


class PoolResource(resources.Resource[Pool]):
    def init(self, database: Database) -> Pool:
        return Pool(database)

    def shutdown(self, resource: Pool | None) -> None:
        assert resource is not None
        assert resource.database.is_open, "closed after what it uses"
        resource.is_open = False


class Cache:
    def __init__(self, name: str = "") -> None:
        self.name = name


class Link:
    def __init__(self, inner: object) -> None:
        self.inner = inner


class Users:
    def __init__(self, pool: Pool, limit: int = 10) -> None:
        self.pool, self.limit = pool, limit


class Mail:
    cache: Cache

    def __init__(self, users: Users) -> None:
        self.users = users


async def open_feed(users: Users) -> AsyncIterator["Feed"]:
    feed = Feed(users)
    yield feed
    feed.is_open = False


class Feed:
    def __init__(self, users: Users) -> None:
        self.users = users
        self.is_open = True


class Reader:
    def __init__(self, feed: Feed) -> None:
        self.feed = feed


async def load_report(users: Users) -> "Report":
    return Report(users)


class Report:
    def __init__(self, users: Users) -> None:
        self.users = users


class Storage(containers.DeclarativeContainer):
    """Nested: gets its configuration and a cache from outside."""

    config = providers.Configuration()
    cache = providers.Dependency(instance_of=Cache)
    database = providers.Resource(open_database, config.url)
    pool = providers.Resource(PoolResource, database)
    users = providers.Factory(Users, pool=pool, limit=config.limit.as_int())


class App(containers.DeclarativeContainer):
    """Every kind of provider that is common."""

    config = providers.Configuration()
    shared_cache = providers.ThreadSafeSingleton(Cache, name="shared")
    other_cache = providers.Singleton(Cache, name="other")
    storage = providers.Container(Storage, config=config.storage, cache=shared_cache)
    mail = providers.Singleton(Mail, users=storage.users)
    mail.add_attributes(cache=shared_cache)
    feed = providers.Resource(open_feed, storage.users)
    reader = providers.Factory(Reader, feed)
    report = providers.Coroutine(load_report, storage.users)
    caches = providers.List(shared_cache, other_cache)
    upper = providers.Callable(str.upper, config.name)
    readers = providers.Aggregate(fast=providers.Factory(Cache, name="fast"), slow=other_cache)
    unnamed = providers.Callable(lambda: 3)
    per_thread = providers.ThreadLocalSingleton(threading.Barrier, 1)
    url_length = providers.Factory(len, storage.database.provided.url)


SETTINGS: dict[str, Any] = {"name": "shop", "storage": {"url": "db://", "limit": "5"}}


def movies(kind: str = "csv") -> MovieContainer:
    """Give a movie container with its configuration."""
    container = MovieContainer()
    container.config.from_dict({"finder": {**MOVIES["finder"], "type": kind}})
    return container


def app() -> App:
    """Give the application's container with its configuration."""
    container = App()
    container.config.from_dict(SETTINGS)
    return container
