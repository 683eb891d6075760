"""The mistakes that the mutation run makes: which there are, and what is left alone because it has no behaviour."""

import ast
from textwrap import dedent

import pytest

from scripts.mutation_operators import Mutant, mutants_of

pytestmark = pytest.mark.check


def changes(text: str) -> list[str]:
    """Give the changed texts, each as Python writes it."""
    return [ast.unparse(ast.parse(mutant.text)) for mutant in mutants_of("a.py", dedent(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b", ["a <= b", "a >= b"]),
        ("a is b", ["a is not b", "a == b"]),
        ("a is None", ["a is not None"]),
        ("a is Lifetime.SCOPED", ["a is not Lifetime.SCOPED"]),
        ("a in b", ["a not in b"]),
        ("a and b", ["a or b"]),
        ("not a", ["a"]),
        ("-a", ["a"]),
        ("a + 1", ["a - 1", "a + 2"]),
        ("a = True", ["a = False"]),
        ("b if a else c", ["b if not a else c"]),
        ("[a for a in b if c]", ["[a for a in b]"]),
        ("f(a for a in b if c)", ["pass", "f((a for a in b))"]),
        ("a.b = c", ["pass"]),
        ("raise a", ["pass"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_statement_has_these_mistakes(text: str, expected: list[str]) -> None:
    found = changes(text)

    assert found == expected


@pytest.mark.parametrize(
    ("text", "operators"),
    [
        ("for a in b:\n    break", ["loop over nothing", "continue for break"]),
        ("for a in b:\n    continue", ["loop over nothing", "break for continue"]),
        ("try:\n    a\nexcept B:\n    c", ["catch nothing"]),
        ("if a:\n    b", ["negate a condition"]),
        ("if a == b:\n    c", ["another comparison", "another comparison"]),
        ("def f():\n    return a", ["return None"]),
        ("def f():\n    return None", []),
    ],
    ids=lambda value: value.partition("\n")[0] if isinstance(value, str) else "",
)
def test_block_has_these_mistakes(text: str, operators: list[str]) -> None:
    found = [mutant.operator for mutant in mutants_of("a.py", text)]

    assert found == operators


@pytest.mark.parametrize(
    "text",
    [
        "def f(a: int | None, *b: c | d) -> e | None: ...",
        "a: b | None",
        "A = b | c",
        "cast('a | b', c)[d]",
        "if TYPE_CHECKING:\n    from a import b\n    f()",
        "class A(Protocol[b]):\n    def f(self, c=1): ...",
        "@overload\ndef f(a=1): ...",
        "@dataclass(frozen=True, slots=True)\nclass A: ...",
        "if a is b:\n    raise InternalError(c)",
        "f'{a + 1}'",
    ],
    ids=lambda text: text.partition("\n")[0],
)
def test_text_without_behaviour_is_left_alone(text: str) -> None:
    found = mutants_of("a.py", text)

    assert found == []


def test_only_the_mistake_differs_also_behind_letters_of_several_bytes() -> None:
    text = "é = 'ü'; return_ = ö < b  # ä\nc = 'd'\n"

    first = mutants_of("a.py", text)[0]

    assert first == Mutant(
        "a.py",
        22,  # bytes, as Python counts
        "another comparison",
        (1,),
        "ö < b",
        "(ö <= b)",
        "é = 'ü'; return_ = (ö <= b)  # ä\nc = 'd'\n",
    )


def test_mistake_in_a_long_statement_is_judged_by_all_of_its_lines() -> None:
    text = "f(\n    a,\n    (b\n     and c),\n)\n"

    found = {mutant.operator: mutant.lines for mutant in mutants_of("a.py", text)}

    assert found == {"leave out a call": (1, 2, 3, 4, 5), "swap and and or": (3, 4, 1)}
