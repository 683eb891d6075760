"""dependency-injector both ways: its providers as our implementations, our services as its providers.

In: providers and containers of that library, or a container of ours. Out: factories and registrations, or providers.
Importing this module imports the library, which turns the GIL of a free-threaded interpreter back on. Which object
lives how long on which side, and why: docs/decisions/0019.
"""

from kimera_di.integrations.dependency_injector_including import Included, LeftOut, include_container
from kimera_di.integrations.dependency_injector_providers import from_provider
from kimera_di.integrations.dependency_injector_views import as_container, as_provider

__all__ = ["Included", "LeftOut", "as_container", "as_provider", "from_provider", "include_container"]
