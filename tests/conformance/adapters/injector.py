"""injector: bindings in a module function, ``@inject`` on constructors, ``multibind`` for lists."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from kimera_di import Lifetime
from kimera_di.testing.conformance import Adapter, Feature, Keyed, Marker, Opened, Registration
from tests.conformance.adapters.support import wants

_CHILD = "scopes are written by the user, and nothing manages them"


class InjectorOpened(Opened):
    """An ``Injector``."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def resolve(self, service: Any, key: Hashable = None) -> Any:
        return self.inner.get(service if key is None else Annotated[service, key])

    def resolve_all(self, service: Any, key: Hashable = None) -> Sequence[Any]:
        return self.inner.get(list[service] if key is None else list[Annotated[service, key]])  # type: ignore[no-any-return]

    def create(self, kind: Any, *given: object, **named: object) -> Any:
        if given:
            raise TypeError("create_object takes arguments by name")
        return self.inner.create_object(_injected(kind), additional_kwargs=named)

    def close(self, error: BaseException | None = None) -> None:
        """Nothing is ever closed."""


class InjectorAdapter(Adapter):
    """``auto_bind=False``, so that a missing binding is an error."""

    name: ClassVar[str] = "injector"
    distribution: ClassVar[str] = "injector"
    lacks: ClassVar[Mapping[Feature, str]] = {
        Feature.SCOPE: _CHILD,
        Feature.NESTED_SCOPE: _CHILD,
        Feature.SCOPE_VALUE: _CHILD,
        Feature.SCOPE_FACTORY: _CHILD,
        Feature.OPTIONAL_LOOKUP: "`get` raises",
        Feature.UNDECLARED_LIST: "a list is declared with multibind, and may be empty",
        Feature.IS_SERVICE: "there is no such question",
        Feature.OPEN_GENERIC: "generics are bound closed",
        Feature.ANY_KEY: "a key is named",
        Feature.OWN_KEY: "a service does not learn its key",
        Feature.SAME_KEY: "a key is named",
        Feature.DEFAULT: "what is not injected is marked `NoInject`, also where it has a default",
        Feature.CLEANUP: "nothing is closed",
        Feature.SCOPE_ERROR: "nothing is closed",
        Feature.VALIDATION: "problems show when something is asked for",
        Feature.DECORATE: "there are no decorators",
        Feature.OVERRIDE: "tests build another injector",
        Feature.ASYNC: "there are no async providers",
        Feature.SYNC_CLOSE: "nothing is closed",
        Feature.ASYNC_CLEANUP: "there are no async providers",
    }

    def open(self, registrations: Sequence[Registration], needs: frozenset[Feature]) -> Opened:
        import injector

        def configure(binder: Any) -> None:
            for each in registrations:
                interface = each.service if each.key is None else Annotated[each.service, each.key]
                scope = injector.singleton if each.lifetime is Lifetime.SINGLETON else injector.noscope
                target = each.maker
                if each.kind == "instance":
                    target = injector.InstanceProvider(each.maker)
                elif each.kind in {"class", "factory"}:
                    target = _injected(each.maker)
                binder.bind(interface, to=target, scope=scope)
                every = list[each.service] if each.key is None else list[interface]
                if each.kind == "instance":
                    binder.multibind(every, to=injector.InstanceProvider([each.maker]))
                elif each.kind == "class":
                    binder.multibind(every, to=target, scope=scope)

        return InjectorOpened(injector.Injector([configure], auto_bind=False))

    def marked(self, marker: Marker | Keyed) -> Any:
        import injector

        if isinstance(marker, Keyed):
            return Annotated[marker.service, marker.key]
        if marker.what == "list":
            return list[marker.service]
        return injector.ProviderOf[marker.service] if marker.what == "lazy" else injector.Injector

    def wrapped(self, native: Any) -> Opened:
        return InjectorOpened(native)


def _injected(kind: Any) -> Any:
    import injector

    return injector.inject(kind) if wants(kind) else kind
