"""Objects: the container, its scopes, single flight, overrides, closing. The only stage that builds objects.

Its names load when they are asked for: a container loads without injected calls, a scope without overrides.
"""

from typing import TYPE_CHECKING

from kimera_di.late_names import late_names

if TYPE_CHECKING:
    from kimera_di.resolution.container import ServiceContainer
    from kimera_di.resolution.injection import inject
    from kimera_di.resolution.listening import ServiceBuilt, ServiceFailed, Subscription
    from kimera_di.resolution.overrides import Override
    from kimera_di.resolution.scope import Scope
    from kimera_di.resolution.scope_factory import ScopeFactory
else:
    __getattr__ = late_names(
        __name__,
        {
            "kimera_di.resolution.container": ("ServiceContainer",),
            "kimera_di.resolution.injection": ("inject",),
            "kimera_di.resolution.listening": ("ServiceBuilt", "ServiceFailed", "Subscription"),
            "kimera_di.resolution.overrides": ("Override",),
            "kimera_di.resolution.scope": ("Scope",),
            "kimera_di.resolution.scope_factory": ("ScopeFactory",),
        },
        {
            "kimera_di.resolution.container": "compilation",
            "kimera_di.resolution.injection": "compilation",
            "kimera_di.resolution.listening": "planning",
            "kimera_di.resolution.overrides": "compilation",
            "kimera_di.resolution.scope": "compilation",
            "kimera_di.resolution.scope_factory": "compilation",
        },
    )

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
