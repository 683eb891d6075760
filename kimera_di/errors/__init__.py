"""Every error users see: a class, a stable code and the data behind the text.

In: data from any stage. Out: exceptions whose ``str`` is drawn only when it is asked for. One class and
one code per cause: KD1xx registration, KD2xx planning, KD3xx resolution, KD4xx contracts, KD9xx our bugs.
All survive pickling; a service that cannot be pickled arrives as its dotted name. Users know one module:
``kimera_di.errors``, which is also what tracebacks and pickles name.
"""

from kimera_di.errors.base import (
    Facts,
    InternalError,
    KimeraError,
    error_page,
    render_path,
)
from kimera_di.errors.contracts import (
    BaselineError,
    CompositionRootError,
    ContractError,
    MissingExtraError,
    RootPackageError,
    ServicesNotFoundError,
    UnwritableReportError,
)
from kimera_di.errors.groups import (
    BuildErrors,
    CloseErrors,
)
from kimera_di.errors.planning import (
    AmbiguousServiceError,
    AnnotationError,
    AsyncDependencyError,
    CaptiveDependencyError,
    CircularDependencyError,
    FrozenCollectionError,
    InterfaceMismatchError,
    InvalidSettingsError,
    LayerViolationError,
    MissingServiceError,
    RegistrationError,
    ServiceError,
)
from kimera_di.errors.resolving import (
    ArgumentsError,
    AsyncRequiredError,
    ContainerClosedError,
    ResponseIncompleteError,
    ScopeRequiredError,
)

__all__ = [
    "AmbiguousServiceError",
    "AnnotationError",
    "ArgumentsError",
    "AsyncDependencyError",
    "AsyncRequiredError",
    "BaselineError",
    "BuildErrors",
    "CaptiveDependencyError",
    "CircularDependencyError",
    "CloseErrors",
    "CompositionRootError",
    "ContainerClosedError",
    "ContractError",
    "Facts",
    "FrozenCollectionError",
    "InterfaceMismatchError",
    "InternalError",
    "InvalidSettingsError",
    "KimeraError",
    "LayerViolationError",
    "MissingExtraError",
    "MissingServiceError",
    "RegistrationError",
    "ResponseIncompleteError",
    "RootPackageError",
    "ScopeRequiredError",
    "ServiceError",
    "ServicesNotFoundError",
    "UnwritableReportError",
    "error_page",
    "render_path",
]

for _public in list(globals().values()):
    if isinstance(_public, type) and issubclass(_public, KimeraError):
        _public.__module__ = __name__  # the files may be cut anew; pickles written today must still be read
