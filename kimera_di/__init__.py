"""kimera_di: a dependency-injection container joined with a layered-architecture validator.

Register services against interfaces in a composition root, get a container that is proven before it runs,
and hold one layer contract over the imports and the wiring.

Names load when they are asked for first (docs/decisions/0026): a command that never builds a container pays for none
of it. What is known without a container is who checks which contract type.
"""

from typing import TYPE_CHECKING

from kimera_di.composition import register_composition_runners
from kimera_di.late_names import late_names

if TYPE_CHECKING:
    from kimera_di.collection import ServiceCollection
    from kimera_di.errors import (
        AmbiguousServiceError,
        AnnotationError,
        ArgumentsError,
        AsyncDependencyError,
        AsyncRequiredError,
        BuildErrors,
        CaptiveDependencyError,
        CircularDependencyError,
        CloseErrors,
        ContainerClosedError,
        ContractError,
        FrozenCollectionError,
        InterfaceMismatchError,
        InternalError,
        InvalidSettingsError,
        KimeraError,
        LayerViolationError,
        MissingServiceError,
        RegistrationError,
        ScopeRequiredError,
    )
    from kimera_di.planning.service_graph import ServiceGraph
    from kimera_di.registration import Registry, ServiceDescriptor
    from kimera_di.registration.conditions import Conditions
    from kimera_di.registration.interception import Call
    from kimera_di.registration.marks import service
    from kimera_di.resolution import (
        Scope,
        ScopeFactory,
        ServiceBuilt,
        ServiceContainer,
        ServiceFailed,
        Subscription,
        inject,
    )
    from kimera_di.vocabulary import (
        ANY_KEY,
        AsyncProvider,
        Factory,
        Injected,
        Key,
        Lazy,
        Lifetime,
        Owned,
        Provider,
        SameKey,
        ServiceId,
        ServiceKey,
        Step,
    )

__all__ = [
    "ANY_KEY",
    "AmbiguousServiceError",
    "AnnotationError",
    "ArgumentsError",
    "AsyncDependencyError",
    "AsyncProvider",
    "AsyncRequiredError",
    "BuildErrors",
    "Call",
    "CaptiveDependencyError",
    "CircularDependencyError",
    "CloseErrors",
    "Conditions",
    "ContainerClosedError",
    "ContractError",
    "Factory",
    "FrozenCollectionError",
    "Injected",
    "InterfaceMismatchError",
    "InternalError",
    "InvalidSettingsError",
    "Key",
    "KimeraError",
    "LayerViolationError",
    "Lazy",
    "Lifetime",
    "MissingServiceError",
    "Owned",
    "Provider",
    "RegistrationError",
    "Registry",
    "SameKey",
    "Scope",
    "ScopeFactory",
    "ScopeRequiredError",
    "ServiceBuilt",
    "ServiceCollection",
    "ServiceContainer",
    "ServiceDescriptor",
    "ServiceFailed",
    "ServiceGraph",
    "ServiceId",
    "ServiceKey",
    "Step",
    "Subscription",
    "inject",
    "service",
]

_HOMES = {
    "kimera_di.collection": ("ServiceCollection",),
    "kimera_di.errors": (
        "AmbiguousServiceError",
        "AnnotationError",
        "ArgumentsError",
        "AsyncDependencyError",
        "AsyncRequiredError",
        "BuildErrors",
        "CaptiveDependencyError",
        "CircularDependencyError",
        "CloseErrors",
        "ContainerClosedError",
        "ContractError",
        "FrozenCollectionError",
        "InterfaceMismatchError",
        "InternalError",
        "InvalidSettingsError",
        "KimeraError",
        "LayerViolationError",
        "MissingServiceError",
        "RegistrationError",
        "ScopeRequiredError",
    ),
    "kimera_di.planning.service_graph": ("ServiceGraph",),
    "kimera_di.registration": ("Registry", "ServiceDescriptor"),
    "kimera_di.registration.conditions": ("Conditions",),
    "kimera_di.registration.interception": ("Call",),
    "kimera_di.registration.marks": ("service",),
    "kimera_di.resolution": (
        "Scope",
        "ScopeFactory",
        "ServiceBuilt",
        "ServiceContainer",
        "ServiceFailed",
        "Subscription",
        "inject",
    ),
    "kimera_di.vocabulary": (
        "ANY_KEY",
        "AsyncProvider",
        "Factory",
        "Injected",
        "Key",
        "Lazy",
        "Lifetime",
        "Owned",
        "Provider",
        "SameKey",
        "ServiceId",
        "ServiceKey",
        "Step",
    ),
}
_PARTS = frozenset({"architecture", "collection", "errors", "planning", "registration", "resolution", "vocabulary"})
"""What `import kimera_di` alone gives as attributes besides the names, as it would if it loaded them."""
_STAGES = {
    "kimera_di.collection": "registration",
    "kimera_di.errors": "errors",
    "kimera_di.planning.service_graph": "planning",
    "kimera_di.registration": "registration",
    "kimera_di.registration.conditions": "registration",
    "kimera_di.registration.interception": "registration",
    "kimera_di.registration.marks": "registration",
    "kimera_di.resolution": "planning",
    "kimera_di.vocabulary": "records",
}
_late = late_names(__name__, _HOMES, _STAGES)

register_composition_runners()  # so that `Architecture(...).check()` knows every contract type, whoever calls it


def __getattr__(name: str) -> object:
    """Load a part or a public name, which is kept (PEP 562)."""
    if name in _PARTS:
        from importlib import import_module

        return import_module(f"{__name__}.{name}")
    return _late(name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
