"""What the user said: registrations with their places, and how annotations and signatures are read.

In: calls of the composition root. Out: descriptors and parameters as data. Plans nothing, builds nothing.
"""

from kimera_di.registration.annotations import Parameter, read_parameters
from kimera_di.registration.descriptors import UNSET, Construction, ServiceDescriptor, Unset, describe
from kimera_di.registration.places import caller_place, defined_at
from kimera_di.registration.registry import Registry

__all__ = [
    "UNSET",
    "Construction",
    "Parameter",
    "Registry",
    "ServiceDescriptor",
    "Unset",
    "caller_place",
    "defined_at",
    "describe",
    "read_parameters",
]
