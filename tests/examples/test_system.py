import asyncio
import logging

import numpy as np
import pytest

from kimera.core.checks import SystemCheck
from kimera.core.embedding import HashingEmbedding, WordEmbedding
from kimera.core.interfaces import IEmbeddingService
from kimera.core.system import KimeraSystem
from kimera.infrastructure.arrays import CpuDevice
from kimera.infrastructure.devices import Vector
from kimera.infrastructure.settings import EmbeddingSettings

pytestmark = pytest.mark.check


class Moody(IEmbeddingService):
    """Fails when it is told to."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def embed(self, text: str) -> Vector:
        if self.error is not None:
            raise self.error
        return np.zeros(8, dtype=np.float32)


def system(primary: IEmbeddingService) -> KimeraSystem:
    return KimeraSystem(primary, WordEmbedding(EmbeddingSettings()))


def test_primary_is_used_while_it_works() -> None:
    embedded = system(Moody()).embed("ice")

    assert not embedded.is_degraded
    assert not embedded.vector.any(), "all zeros is a result, too"


def test_fallback_takes_over_and_the_reason_is_told(caplog: pytest.LogCaptureFixture) -> None:
    moody = Moody()
    moody.error = OSError("model file is gone")
    kimera = system(moody)

    embedded = [kimera.embed("ice") for _ in range(3)]

    assert [each.is_degraded for each in embedded] == [True] * 3
    assert kimera.degradations() == {"embedding": "OSError: model file is gone"}
    assert [record.levelno for record in caplog.records] == [logging.WARNING], "once, not for every request"


def test_system_recovers_with_the_first_success() -> None:
    moody = Moody()
    moody.error = OSError("gone")
    kimera = system(moody)
    kimera.embed("ice")

    moody.error = None

    assert not kimera.embed("ice").is_degraded
    assert kimera.degradations() == {}


@pytest.mark.parametrize("result", [None, 0, "", (), False], ids=repr)
def test_falsy_result_of_the_primary_is_no_failure(result: object) -> None:
    def fallback() -> object:
        raise AssertionError("not needed")

    assert system(Moody()).attempt("part", lambda: result, fallback) is result


def test_interrupt_is_nobodys_failure() -> None:
    moody = Moody()
    moody.error = KeyboardInterrupt("stop")
    kimera = system(moody)

    with pytest.raises(KeyboardInterrupt, match="stop"):
        kimera.embed("ice")

    assert kimera.degradations() == {}


def test_error_of_the_fallback_names_that_of_the_primary() -> None:
    def fail(error: Exception) -> None:
        raise error

    with pytest.raises(LookupError, match="second") as caught:
        system(Moody()).attempt("part", lambda: fail(OSError("first")), lambda: fail(LookupError("second")))

    assert str(caught.value.__context__) == "first"


def test_vectors_of_primary_and_fallback_can_be_compared() -> None:
    settings = EmbeddingSettings()

    usual, coarse = (
        each.embed("Ice floats on water.") for each in (HashingEmbedding(settings), WordEmbedding(settings))
    )

    assert float(usual @ coarse) > 0.8


def test_health_check_does_not_forget_what_requests_found_out() -> None:
    """Its own word may still be in a cache while every other text fails."""

    class KnowsOneWord(IEmbeddingService):
        def embed(self, text: str) -> Vector:
            if text != "a word":
                raise OSError("model is gone")
            return np.zeros(8, dtype=np.float32)

    kimera = system(KnowsOneWord())
    check = SystemCheck(kimera, CpuDevice())

    async def run() -> list[str]:
        before = await check.check()
        kimera.embed("ice")
        return [before.status, (await check.check()).status]

    assert asyncio.run(run()) == ["ok", "degraded"]
