"""The shape of dependency-injector's Flask example, half moved: wired views of an application factory."""

from typing import Any

import pytest
from dependency_injector import containers, providers
from dependency_injector.wiring import Provide, inject

from kimera_di import ServiceCollection, ServiceContainer
from kimera_di.integrations.dependency_injector import as_provider, include_container
from tests.unit.integrations import library_shop as shop

flask: Any = pytest.importorskip("flask", reason="Flask is no dependency of any extra; install it to run its example")
pytestmark = pytest.mark.check


class Titles:
    def __init__(self, lister: shop.MovieLister) -> None:
        self.lister = lister


class Wired(containers.DeclarativeContainer):
    wiring_config = containers.WiringConfiguration(modules=[__name__], auto_wire=False)
    cache = providers.Singleton(shop.Cache, name="theirs")
    titles = as_provider(lambda: BUILT[-1], Titles)


BUILT: list[ServiceContainer] = []


@inject
def index(titles: Titles = Provide[Wired.titles], cache: shop.Cache = Provide[Wired.cache]) -> dict[str, object]:
    return {"titles": titles.lister.titles(), "cache": cache.name}


def create_app() -> Any:
    """Make the application as the library's tutorial does: container first, then routes."""
    container = Wired()
    services = ServiceCollection().transient(Titles)
    include_container(services, shop.movies("csv"), types={"finder": shop.MovieFinder})
    BUILT.append(services.build())
    container.wire()
    app = flask.Flask(__name__)
    app.container = container
    app.add_url_rule("/", "index", index)
    return app


def test_views_get_old_and_new_services_and_old_overrides() -> None:
    app = create_app()

    with app.test_client() as client:
        plain = client.get("/").get_json()
        with app.container.cache.override(providers.Object(shop.Cache("fake"))):
            faked = client.get("/").get_json()["cache"]
    app.container.unwire()

    assert plain == {"titles": ["from m.csv"], "cache": "theirs"}
    assert faked == "fake"
