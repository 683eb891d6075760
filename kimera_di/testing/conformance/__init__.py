"""A conformance suite for dependency-injection containers: run it against any of them through a small adapter.

In: an ``Adapter``. Out: ``Results``, from ``run``, from ``python -m kimera_di.testing.conformance``, or as tests of
pytest from ``conformance_tests``. Knows kimera_di's own container only through the adapter ``kimera``.
See docs/decisions/0017.
"""

from kimera_di.testing.conformance.behaviours import BEHAVIOURS
from kimera_di.testing.conformance.model import (
    ANY,
    CONTAINER,
    SCOPES,
    Adapter,
    Behaviour,
    Feature,
    Keyed,
    Marker,
    Opened,
    Registration,
    Result,
    Results,
    Unsupported,
)
from kimera_di.testing.conformance.pytest_entry import conformance_tests
from kimera_di.testing.conformance.running import adapter_of, run, run_one
from kimera_di.testing.conformance.services import Services

__all__ = [
    "ANY",
    "BEHAVIOURS",
    "CONTAINER",
    "SCOPES",
    "Adapter",
    "Behaviour",
    "Feature",
    "Keyed",
    "Marker",
    "Opened",
    "Registration",
    "Result",
    "Results",
    "Services",
    "Unsupported",
    "adapter_of",
    "conformance_tests",
    "run",
    "run_one",
]
