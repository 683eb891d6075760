"""The suite as tests of pytest, for a container of one's own.

In: an adapter. Out: a parametrized test function. Imports pytest when it is called, and nothing else does.
"""

from collections.abc import Callable
from typing import Any

from kimera_di.testing.conformance.behaviours import BEHAVIOURS
from kimera_di.testing.conformance.model import Adapter, Behaviour
from kimera_di.testing.conformance.running import DEADLINE_S, run_one


def conformance_tests(adapter: Adapter, *, deadline_s: float = DEADLINE_S) -> Callable[[Behaviour], None]:
    """Give a test function with one test per behaviour, in this process.

    Put it into a test module under a name that begins with ``test``::

        test_conformance = conformance_tests(MyAdapter())

    What is not applicable is skipped with its reason; what is waived is left out.

    Args:
        adapter: The container under test.
        deadline_s: How long one behaviour may take, in seconds, before it fails as hanging.

    Returns:
        The function; its parameters' ids are those of the behaviours.
    """
    import pytest

    every = [behaviour for behaviour in BEHAVIOURS if behaviour.check is not None]

    @pytest.mark.parametrize("behaviour", every, ids=[behaviour.id for behaviour in every])
    def test_conformance(behaviour: Behaviour) -> None:
        result = run_one(adapter, behaviour, deadline_s)
        if result.outcome == "n/a":
            pytest.skip(result.reason)
        if result.outcome != "passed":
            pytest.fail(f"{behaviour.id} {behaviour.title}\n{result.outcome}: {result.reason}", pytrace=False)

    made: Any = test_conformance
    return made  # type: ignore[no-any-return]
