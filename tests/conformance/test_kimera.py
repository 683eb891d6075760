"""Our container holds every behaviour of the conformance suite."""

from typing import Final

import pytest

from kimera_di.testing.conformance import BEHAVIOURS, conformance_tests
from kimera_di.testing.conformance.kimera import Kimera

SPECIFICATION: Final = 112
"""How many tests the specification of Microsoft.Extensions.DependencyInjection has."""

test_behaviour = pytest.mark.filterwarnings("ignore::UserWarning")(conformance_tests(Kimera()))


def test_every_test_of_the_specification_is_a_behaviour_or_waived_with_a_reason() -> None:
    found = {behaviour.id: behaviour for behaviour in BEHAVIOURS if behaviour.id.startswith("MEDI-")}

    assert sorted(found) == [f"MEDI-{number:03}" for number in range(1, SPECIFICATION + 1)]
    assert all((behaviour.check is None) == bool(behaviour.waived) for behaviour in BEHAVIOURS)


def test_ids_and_titles_of_behaviours_are_unique() -> None:
    assert len({behaviour.id for behaviour in BEHAVIOURS}) == len(BEHAVIOURS)
    assert len({(behaviour.title, behaviour.source) for behaviour in BEHAVIOURS}) == len(BEHAVIOURS)


def test_our_adapter_lacks_nothing() -> None:
    assert not Kimera().lacks
