from textwrap import dedent

import pytest

from kimera_di.architecture.reading.dynamic_calls import DynamicCalls, dynamic_calls, mentions_calls


def calls(source: str, module: str = "shop.web.views", *, is_package: bool = False) -> DynamicCalls:
    return dynamic_calls(dedent(source).lstrip("\n").encode(), module, is_package=is_package)


@pytest.mark.parametrize(
    "source",
    [
        "import importlib\nimportlib.import_module('shop.core')",
        "import importlib as il\nil.import_module(name='shop.core')",
        "import importlib.util\nimportlib.import_module('shop' '.core')",
        "from importlib import import_module\nimport_module('shop.core')",
        "from importlib import import_module as im\nx = [im('shop.core') for _ in y]",
        "def f():\n    from importlib import import_module\nimport_module('shop.core')",
        "x = 1\n__import__('shop.core')",
        "import builtins\nbuiltins.__import__('shop.core', globals(), locals(), [], 0)",
        "from importlib import __import__ as load\nload('shop.core')",
    ],
)
def test_call_with_a_written_name_is_found(source: str) -> None:
    line = source.count("\n") + 1

    assert calls(source) == DynamicCalls(named=(("shop.core", line),))


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("import_module('.x', __package__)", "shop.web.x"),
        ("import_module('..x', package=__package__)", "shop.x"),
        ("import_module('.x', __name__)", "shop.web.views.x"),
        ("import_module('.x', 'shop.core')", "shop.core.x"),
        ("import_module('.', __package__)", "shop.web"),
        ("import_module(__name__ + '.x')", "shop.web.views.x"),
        ("import_module(f'{__package__}.x')", "shop.web.x"),
        ("__import__('x', globals(), locals(), ['y', 'z'], 1)", "shop.web.x.y shop.web.x.z"),
        ("__import__('', globals(), level=2)", "shop"),
        ("__import__('shop.core', fromlist=('a',))", "shop.core.a"),
    ],
)
def test_relative_and_composed_names_are_made_absolute(call: str, name: str) -> None:
    found = calls(f"from importlib import import_module\n{call}")

    assert " ".join(each for each, _ in found.named) == name
    assert found.unresolved == ()


def test_package_is_its_own_start_for_relative_names() -> None:
    source = "from importlib import import_module\nimport_module('.x', __package__)"

    assert calls(source, "shop.web", is_package=True).named == (("shop.web.x", 2),)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("import_module(name)", "the name is computed"),
        ("import_module(f'shop.{name}')", "the name is computed"),
        ("import_module(*names)", "the name is computed"),
        ("import_module()", "the name is computed"),
        ("__import__('x', level=n)", "the name is computed"),
        ("import_module('.x')", "it is not known what '.x' is relative to"),
        ("import_module('....x', __package__)", "it is not known what '....x' is relative to"),
    ],
)
def test_computed_name_is_told_with_its_line(call: str, reason: str) -> None:
    found = calls(f"from importlib import import_module\n\n{call}")

    assert found == DynamicCalls(unresolved=((reason, 3),))


def test_method_of_the_same_name_is_no_import() -> None:
    source = (
        "class Loader:\n    def import_module(self, name): ...\nLoader().import_module('shop.core')\nimport_module('a')"
    )

    assert calls(source) == DynamicCalls()


def test_file_newer_than_the_interpreter_is_told() -> None:
    found = calls("x = §\nimportlib.import_module('shop.core')")

    assert found.unresolved == (("the file does not parse with this Python; its calls are not known", 2),)


def test_lazy_imports_do_not_hide_calls() -> None:
    assert calls("lazy import importlib\nimportlib.import_module('shop.core')").named == (("shop.core", 2),)


def test_sum_of_many_texts_is_read() -> None:
    terms = " + ".join(["'.a'"] * 400)

    assert len(calls(f"__import__('shop' + {terms})").named) == 1


@pytest.mark.parametrize(("source", "found"), [(b"import os", False), (b"import_module(x)", True)])
def test_files_without_the_words_are_not_parsed(source: bytes, found: bool) -> None:
    assert mentions_calls(source) is found
