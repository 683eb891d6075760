"""dishka: a ``Provider`` per component, ``make_container``; scopes APP and REQUEST, ``cache=False`` for transients."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from kimera_di import Lifetime
from kimera_di.testing.conformance import Adapter, Feature, Keyed, Marker, Opened, Registration
from tests.conformance.adapters.support import is_generator, need_scope, opened_generic


class DishkaOpened(Opened):
    """A container of any scope; ``leave`` is the context manager that opened it."""

    def __init__(self, inner: Any, leave: Any = None) -> None:
        self.inner, self.leave = inner, leave

    def resolve(self, service: Any, key: Hashable = None) -> Any:
        return self.inner.get(service, component="" if key is None else key)

    def resolve_all(self, service: Any, key: Hashable = None) -> Sequence[Any]:
        return self.inner.get(list[service], component="" if key is None else key)  # type: ignore[no-any-return]

    async def aresolve(self, service: Any, key: Hashable = None) -> Any:
        return await self.inner.get(service, component="" if key is None else key)

    def scope(self, values: Mapping[Any, object] | None = None) -> Opened:
        manager = self.inner(context=dict(values or {}))
        if hasattr(manager, "__aenter__"):
            return DishkaOpened(None, manager)
        return DishkaOpened(manager.__enter__(), manager)

    def close(self, error: BaseException | None = None) -> None:
        if self.leave is None:
            self.inner.close(exception=error)
        else:
            self.leave.__exit__(type(error) if error else None, error, None)

    async def aclose(self, error: BaseException | None = None) -> None:
        if self.leave is None:
            await self.inner.close(exception=error)
        else:
            await self.leave.__aexit__(type(error) if error else None, error, None)

    async def __aenter__(self) -> "DishkaOpened":
        if self.inner is None:
            self.inner = await self.leave.__aenter__()
        return self


class Dishka(Adapter):
    """With its defaults: a lock in the root container, none in scopes; all validation on."""

    name: ClassVar[str] = "dishka"
    distribution: ClassVar[str] = "dishka"
    lacks: ClassVar[Mapping[Feature, str]] = {
        Feature.OPTIONAL_LOOKUP: "`get` raises",
        Feature.DEFAULT: "a parameter with a default has to be provided all the same",
        Feature.UNDECLARED_LIST: "a list is declared with collect(), and may be empty",
        Feature.GENERIC_LIST: "collect() gathers what is provided as one written form of a generic",
        Feature.IS_SERVICE: "there is no such question",
        Feature.CREATE: "only registered classes are built",
        Feature.NESTED_SCOPE: "scopes are levels, each of them once",
        Feature.HASHABLE_KEY: "a component is a string, and the empty one is the default",
        Feature.ANY_KEY: "a component is named",
        Feature.OWN_KEY: "a service does not learn its component",
        Feature.SCOPE_ERROR: "a generator is given the error as the value of `yield`, it is not raised",
        Feature.OVERRIDE: "tests build another container",
        Feature.SYNC_CLOSE: "an async container is closed with `await`",
        Feature.LAZY: "there is no lazy parameter",
    }

    def open(self, registrations: Sequence[Registration], needs: frozenset[Feature]) -> Opened:
        from dishka import Provider, Scope, make_async_container, make_container

        in_scope = need_scope(registrations)
        providers: dict[Any, Any] = {"": Provider(scope=Scope.APP)}
        # what is collected cannot be asked for alone any more, so only interfaces are
        listed = {
            (each.service, each.key)
            for each in registrations
            if each.kind == "instance" or (each.kind in {"class", "factory"} and each.service is not each.maker)
        }
        for number, each in enumerate(registrations):
            component = "" if each.key is None else each.key
            provider = providers.setdefault(component, Provider(scope=Scope.APP, component=component))
            is_scoped = each.lifetime is Lifetime.SCOPED or number in in_scope
            scope = Scope.REQUEST if is_scoped else Scope.APP
            cache = each.lifetime is not Lifetime.TRANSIENT
            service = opened_generic(each.service)
            bound = getattr(opened_generic(each.maker), "__parameters__", ())
            if service is not each.service and bound:
                service = each.service[bound]  # with the bound of the implementation
            if Feature.SCOPE in needs and not cache and is_generator(each.maker):
                scope = Scope.REQUEST
            if each.kind == "instance":
                provider.provide(_giving(each.maker), provides=service, scope=scope)
            elif each.kind == "scope value":
                provider.from_context(provides=service, scope=Scope.REQUEST)
            elif each.kind == "decorator":
                provider.decorate(opened_generic(each.maker), provides=service)
            else:
                provider.provide(opened_generic(each.maker), provides=service, scope=scope, cache=cache)
        for service, key in listed if Feature.COLLECTION in needs else ():
            each = next(each for each in registrations if (each.service, each.key) == (service, key))
            scope = Scope.REQUEST if each.lifetime is Lifetime.SCOPED else Scope.APP
            providers["" if key is None else key].collect(opened_generic(service), scope=scope, cache=False)
        make = make_async_container if Feature.ASYNC in needs else make_container
        return DishkaOpened(make(*providers.values()))

    def marked(self, marker: Marker | Keyed) -> Any:
        from dishka import Container, FromComponent

        if isinstance(marker, Keyed):
            return Annotated[marker.service, FromComponent(marker.key)]  # type: ignore[arg-type]
        if marker.what == "list":
            return list[marker.service]
        return marker.service if marker.what == "same key" else Container

    def wrapped(self, native: Any) -> Opened:
        return DishkaOpened(native)


def _giving(thing: object) -> Any:
    return lambda: thing
