"""Numbers and groups in the texts about metrics."""

from fractions import Fraction

import pytest

from kimera_di.architecture.metrics.measures import ModuleMeasures, PackageMeasures
from kimera_di.architecture.reading.class_counts import ClassCounts
from kimera_di.architecture.rules.metric_texts import grouped, module_text, package_text, shown_number

pytestmark = pytest.mark.check


@pytest.mark.parametrize(
    ("value", "text"),
    [(Fraction(1, 3), "0.333"), (Fraction(1, 2), "0.5"), (Fraction(1), "1"), (Fraction(0), "0"), (Fraction(25), "25")],
    ids=["long", "short", "one", "nothing", "whole"],
)
def test_number_has_three_decimals_at_most(value: Fraction, text: str) -> None:
    assert shown_number(value) == text


def test_number_that_would_look_like_its_limit_has_all_digits() -> None:
    assert shown_number(Fraction(2503, 10_000), 0.25) == "0.2503"


def test_largest_groups_come_first_and_the_rest_is_counted() -> None:
    names = ["a.x", "b.x", "b.y", "c.x", "d.x", "d.y", "d.z", "top"]

    assert grouped(names) == "3 in d, 2 in b, 1 in a, 2 elsewhere"


def test_module_that_is_only_abstract_gets_other_advice_than_one_that_is_only_used() -> None:
    used = ModuleMeasures("m", ("a", "b"), (), ClassCounts(2, 0))
    unused = ModuleMeasures("m", (), ("a", "b"), ClassCounts(2, 2))

    advice = [module_text("max_distance", each, 0.5).advice for each in (used, unused)]

    assert advice[0].startswith("others depend on it and it cannot be replaced")
    assert advice[1].startswith("it is abstract, and hardly anything depends on it")


def test_propagation_cost_without_cycles_has_no_advice_about_cycles() -> None:
    text = package_text("max_propagation_cost", PackageMeasures("shop", 2, 1, 3, ()), 0.5)

    assert text.message.endswith("a module reaches 1.5 of 2 on average")
    assert "kimera cycles" not in text.advice
