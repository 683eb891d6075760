"""Objects: the container, its scopes, single flight, overrides, closing. The only stage that builds objects."""

from kimera_di.resolution.container import ServiceContainer
from kimera_di.resolution.injection import inject
from kimera_di.resolution.listening import ServiceBuilt, ServiceFailed, Subscription
from kimera_di.resolution.overrides import Override
from kimera_di.resolution.scope import Scope
from kimera_di.resolution.scope_factory import ScopeFactory

__all__ = [
    "Override",
    "Scope",
    "ScopeFactory",
    "ServiceBuilt",
    "ServiceContainer",
    "ServiceFailed",
    "Subscription",
    "inject",
]
