"""Every project of these tests is called ``shop``: one that another test imported must not be found."""

import sys

import pytest

from kimera_di import ServiceCollection

# What kimera_di loads at first use must be there before a run inside this one: pytester forgets every module that came
# during a run, and a second copy of it has classes of its own.
ServiceCollection().build().close()


@pytest.fixture(autouse=True)
def no_shop_of_another_test() -> None:
    """Forget the modules of earlier projects, which ran in this process."""
    for name in [each for each in sys.modules if each.partition(".")[0] in {"shop", "test_shop"}]:
        del sys.modules[name]
