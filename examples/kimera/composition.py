"""The composition root: the only module that says which implementation stands behind which interface."""

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from kimera.api.handlers import ReportContradictions, StoreTexts
from kimera.api.health import HealthService
from kimera.core.checks import MemoryCheck, SystemCheck
from kimera.core.cleanup import MemoryCleanup, run_cleanup
from kimera.core.embedding import HashingEmbedding, WordEmbedding
from kimera.core.interfaces import IConversationMemory, IEmbeddingService, IKimeraSystem, IVaultService
from kimera.core.memory import ConversationMemory
from kimera.core.system import FALLBACK, KimeraSystem
from kimera.core.tables import VaultTables, create_tables
from kimera.core.vault import SqlVault
from kimera.engines.contradictions import ContradictionEngine
from kimera.engines.interfaces import IContradictionEngine, ITensionService
from kimera.engines.tension import TensionService
from kimera.infrastructure.arrays import make_device
from kimera.infrastructure.clock import Clock
from kimera.infrastructure.database import DatabaseCheck, open_engine, open_session
from kimera.infrastructure.devices import IGPUService
from kimera.infrastructure.health import HealthCheck, StopSign
from kimera.infrastructure.settings import KimeraSettings
from kimera.infrastructure.system_clock import SystemClock
from kimera_di import ServiceCollection


def make_services(settings: KimeraSettings | None = None) -> ServiceCollection:
    """Register every service of the application; builds nothing.

    Args:
        settings: The settings of this run; the container reads them from the environment when left out.

    Returns:
        A collection that may still be changed.
    """
    services = ServiceCollection()
    _register_settings(services, settings)
    _register_infrastructure(services)
    _register_core(services)
    services.singleton(IContradictionEngine, ContradictionEngine)
    services.singleton(ITensionService, TensionService)
    services.singleton(HealthService, on_close=HealthService.aclose)
    services.scoped(StoreTexts)
    services.scoped(ReportContradictions)
    return services


def _register_settings(services: ServiceCollection, settings: KimeraSettings | None) -> None:
    if settings is None:
        services.settings(KimeraSettings)  # read when the container is built; its groups are services as well
        return
    services.instance(KimeraSettings, settings)
    for name in KimeraSettings.model_fields:
        group = getattr(settings, name)
        services.instance(type(group), group)


def _register_infrastructure(services: ServiceCollection) -> None:
    services.singleton(Clock, SystemClock)
    services.singleton(StopSign)
    services.singleton(IGPUService, make_device)
    services.singleton(Engine, open_engine)
    services.scoped(Session, open_session)
    services.singleton(HealthCheck, DatabaseCheck)


def _register_core(services: ServiceCollection) -> None:
    services.singleton(IEmbeddingService, HashingEmbedding)
    services.singleton(IEmbeddingService, WordEmbedding, key=FALLBACK)
    services.singleton(IKimeraSystem, KimeraSystem)
    services.singleton(VaultTables, create_tables)
    services.scoped(IVaultService, SqlVault)
    services.singleton(IConversationMemory, ConversationMemory)
    services.singleton(MemoryCleanup, run_cleanup)
    services.singleton(HealthCheck, SystemCheck)
    services.singleton(HealthCheck, MemoryCheck)
