"""Writing a file of the cache leaves nothing half done, whatever interrupts it."""

import os
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from kimera_di.architecture.reading.cache_files import CacheFile

pytestmark = pytest.mark.check


def interrupt_replacing(_frame: FrameType, event: str, called: Any) -> None:
    """Stand for Ctrl-C just before the new file takes the place of the old one."""
    if event == "c_call" and called is os.replace:
        raise KeyboardInterrupt


def test_interrupted_write_keeps_the_old_file_and_leaves_no_other(tmp_path: Path) -> None:
    file = CacheFile(tmp_path / "cache", ("one",), "report.json")
    file.write({"answer": 1})

    sys.setprofile(interrupt_replacing)
    try:
        with pytest.raises(KeyboardInterrupt) as caught:
            file.write({"answer": 2})
    finally:
        sys.setprofile(None)

    assert caught.type is KeyboardInterrupt
    assert file.read() == {"options": ["one"], "answer": 1}
    assert [path.name for path in file.path.parent.iterdir()] == ["report.json"]
