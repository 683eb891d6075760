"""What ``validate`` and ``build`` report, and calls that make no sense: KD1xx registration, KD2xx planning.

In: data from registration and planning. Out: one class and one code per cause.
"""

from collections.abc import Hashable, Sequence
from typing import Any

from kimera_di.errors.base import Facts, KimeraError
from kimera_di.vocabulary import Place, ServiceId, SettingProblem, Step


class RegistrationError(KimeraError):
    """A registration, or another call of the public API, makes no sense as it is written."""

    code = "KD101"


class FrozenCollectionError(RegistrationError):
    """A collection was changed after ``build()``."""

    code = "KD102"


class AnnotationError(RegistrationError):
    """A parameter of a class or factory has no annotation, or one that names nothing known."""

    code = "KD103"


class ServiceError(KimeraError):
    """Base of the errors about one service: ``service`` is its interface, ``key`` its key."""

    def __init__(
        self, summary: str, *, service: ServiceId, path: Sequence[Step] = (), end: str = "", facts: Facts = ()
    ) -> None:
        super().__init__(summary, path=path, end=end, facts=facts)
        self.service: Any = service.interface
        self.key: Hashable = service.key


class MissingServiceError(ServiceError):
    """A service is needed or asked for, but nothing provides it."""

    code = "KD201"


class CircularDependencyError(ServiceError):
    """A service needs itself; the path starts and ends with it."""

    code = "KD202"


class CaptiveDependencyError(ServiceError):
    """A longer-lived service would keep a shorter-lived one alive."""

    code = "KD203"


class InterfaceMismatchError(ServiceError):
    """An implementation, instance or override does not fit the interface it stands for."""

    code = "KD204"


class AmbiguousServiceError(ServiceError):
    """Several registered services answer one request, and none is the obvious one."""

    code = "KD205"


class AsyncDependencyError(ServiceError):
    """Something that must be awaited is wanted in a form that cannot await, such as ``Lazy[T]`` or ``Provider[T]``."""

    code = "KD206"


class LayerViolationError(KimeraError):
    """An import or a wiring edge breaks the contract given to ``build(architecture=...)``.

    Carries the finding of the report as data: ``fingerprint``, ``finding_code``, ``contract``, ``kind``,
    ``importer``, ``imported``, ``file``, ``line``.
    """

    code = "KD207"

    def __init__(
        self,
        summary: str,
        *,
        fingerprint: str,
        finding_code: str,
        contract: str | None,
        kind: str,
        importer: str | None,
        imported: str | None,
        place: Place | None,
        facts: Facts = (),
    ) -> None:
        super().__init__(summary, facts=facts)
        self.fingerprint: str = fingerprint
        self.finding_code: str = finding_code
        self.contract: str | None = contract
        self.kind: str = kind
        self.importer: str | None = importer
        self.imported: str | None = imported
        self.file: str | None = place.file if place else None
        self.line: int | None = place.line if place else None


class InvalidSettingsError(KimeraError):
    """Variables of one settings model are missing or wrong; ``problems`` names all of them, no value of any."""

    code = "KD208"

    def __init__(self, summary: str, *, model: Any, problems: Sequence[SettingProblem] = (), facts: Facts = ()) -> None:
        super().__init__(summary, facts=facts)
        self.model: Any = model
        self.problems: tuple[SettingProblem, ...] = tuple(problems)
