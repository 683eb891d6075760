from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from kimera.infrastructure.arrays import CpuDevice, choose_device, make_device
from kimera.infrastructure.devices import IGPUService, Matrix

pytestmark = pytest.mark.check

# NumPy in the place of CuPy: the same functions on another device. That a real GPU computes is CuPy's promise.
CUPY = SimpleNamespace(asarray=np.asarray, asnumpy=np.asarray)


def rows(*numbers: list[float]) -> Matrix:
    return np.array(numbers, dtype=np.float32)


def nothing() -> None:
    return None


def test_machine_without_a_card_computes_on_the_processor(tmp_path: Path) -> None:
    device = choose_device(tmp_path, lambda: CUPY)

    assert (device.device_name, device.note) == ("cpu", "no GPU found")


def test_card_without_cupy_is_told_and_not_used(tmp_path: Path) -> None:
    (tmp_path / "nvidia0").touch()
    (tmp_path / "nvidiactl").touch()

    device = choose_device(tmp_path, nothing)

    assert (device.device_name, device.note) == ("cpu", "nvidia0 found, but CuPy is not installed")


def test_card_with_cupy_is_used(tmp_path: Path) -> None:
    (tmp_path / "nvidia0").touch()

    device = choose_device(tmp_path, lambda: CUPY)

    assert (device.device_name, device.note) == ("gpu", "nvidia0 found")


@pytest.mark.parametrize("name", ["cpu", "gpu"])
def test_devices_give_the_same_cosines(name: str, tmp_path: Path) -> None:
    (tmp_path / "nvidia0").touch()
    device: IGPUService = CpuDevice() if name == "cpu" else choose_device(tmp_path, lambda: CUPY)

    found = device.similarities(rows([1, 0], [0.6, 0.8]), rows([1, 0], [0, 1], [-1, 0]))

    assert np.allclose(found, [[1, 0, -1], [0.6, 0.8, -0.6]])
    assert found.dtype == np.float32


def test_device_of_this_machine_says_why_it_was_taken() -> None:
    assert make_device().note
