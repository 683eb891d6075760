"""Which tests judge a mistake, and which mistakes are none."""

import pytest

from scripts.mutation_judge import Map
from scripts.mutation_operators import mutants_of

pytestmark = pytest.mark.check

KNOWN = Map(
    by_line={"a.py": {1: frozenset(), 2: frozenset({"wide", "special"}), 3: frozenset({"wide"})}},
    breadth={"wide": 900, "special": 3, "tests/property/test_all.py::test_it": 1},
    seconds={"wide": 20.0, "special": 0.1},
)


def test_most_special_test_comes_first() -> None:
    assert KNOWN.tests("a.py", (2, 3)) == ["special", "wide"]


def test_line_that_runs_at_import_is_judged_by_all_tests_of_its_module() -> None:
    assert KNOWN.tests("a.py", (1,)) == ["special", "wide"]


@pytest.mark.parametrize(("path", "line"), [("a.py", 9), ("b.py", 1)])
def test_line_that_never_runs_is_judged_by_nobody(path: str, line: int) -> None:
    assert KNOWN.tests(path, (line,)) == []


@pytest.mark.parametrize(("tests", "seconds"), [((), 60.0), (("special",), 60.0), (("special", "wide"), 100.0)])
def test_limit_is_a_minute_or_five_times_what_the_slowest_takes(tests: tuple[str, ...], seconds: float) -> None:
    assert KNOWN.limit_s(tests) == seconds


def test_mistake_that_python_warns_of_is_none() -> None:
    found = mutants_of("a.py", "kind == 'list'")

    assert [(mutant.after, mutant.is_program) for mutant in found] == [
        ("(kind != 'list')", True),
        ("(kind is 'list')", False),
    ]
