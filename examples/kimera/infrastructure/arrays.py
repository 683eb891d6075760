"""Devices with NumPy's array functions: NumPy on the processor, CuPy on a GPU when both are there."""

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from kimera.infrastructure.devices import IGPUService, Matrix

GPU_FILES = Path("/dev")
"""Where the driver of an NVIDIA card shows its devices: ``nvidia0``, ``nvidia1`` ..."""


class CpuDevice:
    """The device every machine has; fits ``IGPUService`` by its shape."""

    def __init__(self, note: str = "no GPU was looked for") -> None:
        self._note = note

    @property
    def device_name(self) -> str:
        """The device in one word."""
        return "cpu"

    @property
    def note(self) -> str:
        """Why this device was taken."""
        return self._note

    def similarities(self, queries: Matrix, others: Matrix) -> Matrix:
        """Give the cosine of each angle; of unit vectors that is the sum of products."""
        return np.asarray(queries @ others.T, dtype=np.float32)


class CupyDevice:
    """A GPU through CuPy, which has NumPy's functions; fits ``IGPUService`` by its shape.

    Args:
        cupy: The module ``cupy``, or one with its ``asarray`` and ``asnumpy``.
        note: Why this device was taken.
    """

    def __init__(self, cupy: Any, note: str) -> None:
        self._cupy, self._note = cupy, note

    @property
    def device_name(self) -> str:
        """The device in one word."""
        return "gpu"

    @property
    def note(self) -> str:
        """Why this device was taken."""
        return self._note

    def similarities(self, queries: Matrix, others: Matrix) -> Matrix:
        """Give the cosine of each angle; both matrices are copied to the device, the result is copied back."""
        product = self._cupy.asarray(queries) @ self._cupy.asarray(others).T
        return np.asarray(self._cupy.asnumpy(product), dtype=np.float32)


def make_device() -> IGPUService:
    """Take the GPU when there is one and CuPy is installed, else the processor; says which and why."""
    return choose_device(GPU_FILES, _load_cupy)


def choose_device(files: Path, load_cupy: Callable[[], Any]) -> IGPUService:
    """Choose between the GPU and the processor.

    Args:
        files: The folder in which a driver shows its devices.
        load_cupy: Gives the module ``cupy``, or ``None`` when it is not installed.

    Returns:
        The device.
    """
    cards = sorted(file.name for file in files.glob("nvidia[0-9]*"))
    if not cards:
        return CpuDevice("no GPU found")
    cupy = load_cupy()
    if cupy is None:
        return CpuDevice(f"{', '.join(cards)} found, but CuPy is not installed")
    return CupyDevice(cupy, f"{', '.join(cards)} found")


def _load_cupy() -> Any:
    return importlib.import_module("cupy") if importlib.util.find_spec("cupy") else None
