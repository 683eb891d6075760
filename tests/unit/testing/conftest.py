"""Every project of these tests is called ``shop``: one that another test imported must not be found."""

import sys

import pytest


@pytest.fixture(autouse=True)
def no_shop_of_another_test() -> None:
    """Forget the modules of earlier projects, which ran in this process."""
    for name in [each for each in sys.modules if each.partition(".")[0] in {"shop", "test_shop"}]:
        del sys.modules[name]
