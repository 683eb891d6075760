"""The composition root: the only module that says which implementation stands behind which interface."""

import sqlite3

from kimera.api.handlers import ReportContradictions, StoreTexts
from kimera.core.embedding import HashingEmbedding
from kimera.core.interfaces import IEmbeddingService, IVaultService
from kimera.core.vault import SqliteVault
from kimera.engines.contradictions import ContradictionEngine
from kimera.engines.interfaces import IContradictionEngine
from kimera.infrastructure.cpu import CpuDevice
from kimera.infrastructure.database import open_session
from kimera.infrastructure.devices import IGPUService
from kimera.infrastructure.settings import Settings
from kimera_di import ServiceCollection


def make_services(settings: Settings | None = None) -> ServiceCollection:
    """Register every service of the application; builds nothing.

    Args:
        settings: The settings of this run; the defaults when left out, as the contract check does.

    Returns:
        A collection that may still be changed.
    """
    services = ServiceCollection()
    services.instance(Settings, Settings() if settings is None else settings)
    services.singleton(IGPUService, CpuDevice)
    services.singleton(IEmbeddingService, HashingEmbedding)
    services.singleton(IContradictionEngine, ContradictionEngine)
    services.scoped(sqlite3.Connection, open_session)
    services.scoped(IVaultService, SqliteVault)
    services.scoped(StoreTexts)
    services.scoped(ReportContradictions)
    return services
