"""The shapes of the library's documented examples, half moved: movie lister, a web application, plain wiring."""

import sys
from typing import Annotated

import pytest
from dependency_injector import containers, providers
from dependency_injector.wiring import Provide, inject
from fastapi import Depends, FastAPI
from starlette.testclient import TestClient

from kimera_di import ServiceCollection, ServiceContainer
from kimera_di.integrations.dependency_injector import as_provider, from_provider, include_container
from kimera_di.integrations.fastapi import Injected, setup
from tests.unit.integrations import library_shop as shop

pytestmark = pytest.mark.check


class Search:
    def __init__(self, lister: shop.MovieLister) -> None:
        self.lister = lister

    def titles(self) -> list[str]:
        return self.lister.titles()


class Web(containers.DeclarativeContainer):
    """The library's container of a web application, with a service that was moved to ours."""

    config = providers.Configuration(default={"page": 3})
    cache = providers.Singleton(shop.Cache, name="theirs")
    search = as_provider(lambda: BUILT[-1], Search)


BUILT: list[ServiceContainer] = []
app = FastAPI()


@app.get("/theirs")
@inject
def theirs_page(
    search: Annotated[Search, Depends(Provide[Web.search])],
    cache: Annotated[shop.Cache, Depends(Provide[Web.cache])],
    page: Annotated[int, Depends(Provide[Web.config.page.as_int()])],
) -> dict[str, object]:
    return {"titles": search.titles(), "cache": cache.name, "page": page}


@app.get("/ours")
def our_page(search: Injected[Search], cache: Injected[shop.Cache]) -> dict[str, object]:
    return {"titles": search.titles(), "cache": cache.name}


def half_moved() -> tuple[Web, ServiceContainer]:
    """Build both containers: the pages of the library are wired, those of ours set up."""
    theirs = Web()
    services = ServiceCollection().transient(Search).singleton(shop.Cache, from_provider(theirs.cache))
    include_container(services, shop.movies("csv"), types={"finder": shop.MovieFinder})
    return theirs, services.build()


@pytest.mark.parametrize(("kind", "titles"), [("csv", ["from m.csv"]), ("sqlite", ["row of m.db"])])
def test_movie_lister_works_from_our_side(kind: str, titles: list[str]) -> None:
    services = ServiceCollection().transient(Search)
    include_container(services, shop.movies(kind), types={"finder": shop.MovieFinder})

    assert services.build().resolve(Search).titles() == titles


def test_web_application_serves_both_kinds_of_pages() -> None:
    theirs, ours = half_moved()
    BUILT.append(ours)
    theirs.wire(modules=[sys.modules[__name__]])
    setup(app, ours, close_container=True)

    with TestClient(app) as client:
        before, after = client.get("/theirs").json(), client.get("/ours").json()
        with theirs.cache.override(providers.Object(shop.Cache("fake"))):
            faked = client.get("/theirs").json()["cache"]
    theirs.unwire()

    assert before == {"titles": ["from m.csv"], "cache": "theirs", "page": 3}
    assert after == {"titles": ["from m.csv"], "cache": "theirs"}
    assert faked == "fake"


def test_view_function_without_annotations_for_its_framework_is_wired_as_before() -> None:
    """The shape of the library's Flask example: the framework calls what ``@inject`` made with route arguments."""
    theirs, ours = half_moved()
    BUILT.append(ours)
    theirs.wire(modules=[sys.modules[__name__]])

    found = index("query")
    theirs.unwire()

    assert found == "query: from m.csv"


@inject
def index(query: str, search: Search = Provide[Web.search]) -> str:
    return f"{query}: {', '.join(search.titles())}"
