import pytest

from kimera_di.architecture.model.patterns import compiled, covers, expression_fault

NAMES = ["a", "a.b", "a.b.c", "a.c", "ab", "ab.c", "d", "d.e", "d.e.b", "x"]
EXPRESSIONS = ["a", "a.*", "a.**", "*", "**", "*.b", "**.b", "a.*.c", "a.**.c", "*.*", "a.*.*", "d.e"]


@pytest.mark.check
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression_matches_what_grimp_matches(expression: str) -> None:
    import grimp

    graph = grimp.ImportGraph()
    for name in NAMES:
        graph.add_module(name)

    ours = {name for name in NAMES if compiled(expression).fullmatch(name)}

    assert ours == graph.find_matching_modules(expression)


@pytest.mark.parametrize("expression", ["a.*b", "a..b", "", "a b", "**.*", "*.**", "a.**.**"])
def test_malformed_expression_is_refused(expression: str) -> None:
    assert expression_fault(expression) is not None


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_well_formed_expression_is_accepted(expression: str) -> None:
    assert expression_fault(expression) is None


def test_package_covers_itself_and_what_is_below_but_no_neighbour() -> None:
    assert [name for name in NAMES if covers("a", name)] == ["a", "a.b", "a.b.c", "a.c"]
