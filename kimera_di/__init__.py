"""kimera_di: a dependency-injection container joined with a layered-architecture validator.

Register services against interfaces in a composition root, get a container that is proven before it runs,
and hold one layer contract over the imports and the wiring.
"""

from kimera_di.collection import ServiceCollection
from kimera_di.errors import (
    AmbiguousServiceError,
    AnnotationError,
    ArgumentsError,
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
from kimera_di.resolution import Scope, ServiceContainer, inject
from kimera_di.vocabulary import Injected, Key, Lifetime, ServiceId, Step

__all__ = [
    "AmbiguousServiceError",
    "AnnotationError",
    "ArgumentsError",
    "AsyncRequiredError",
    "BuildErrors",
    "CaptiveDependencyError",
    "CircularDependencyError",
    "CloseErrors",
    "ContainerClosedError",
    "ContractError",
    "FrozenCollectionError",
    "Injected",
    "InterfaceMismatchError",
    "InternalError",
    "InvalidSettingsError",
    "Key",
    "KimeraError",
    "LayerViolationError",
    "Lifetime",
    "MissingServiceError",
    "RegistrationError",
    "Registry",
    "Scope",
    "ScopeRequiredError",
    "ServiceCollection",
    "ServiceContainer",
    "ServiceDescriptor",
    "ServiceGraph",
    "ServiceId",
    "Step",
    "inject",
]
