from textwrap import dedent

import pytest

from kimera_di.architecture.reading.deferred import deferred_lines


def deferred(source: str, *lines: int) -> list[int]:
    data = dedent(source).lstrip("\n").encode()
    return sorted(deferred_lines(data, lines))


def test_import_inside_a_function_is_deferred() -> None:
    assert deferred("def f():\n    import a\n", 2) == [2]


def test_import_inside_a_method_is_deferred() -> None:
    source = """
    class A:
        import a
        async def f(self):
            if self:
                from b import c
    """

    assert deferred(source, 2, 5) == [5]


def test_import_inside_a_block_at_the_top_is_not_deferred() -> None:
    source = """
    try:
        import a
    except ImportError:
        import b
    else:
        import c
    if True:
        with open("x"):
            import d
    """

    assert deferred(source, 2, 4, 6, 9) == []


def test_import_on_the_line_of_a_function_is_deferred() -> None:
    assert deferred("def f(): import a\nif True: import b\nx = 1; import c\n", 1, 2, 3) == [1]


def test_import_after_a_backslash_is_deferred_with_its_function() -> None:
    assert deferred("def f(): \\\nimport a\n", 2) == [2]


def test_text_at_the_margin_inside_a_string_does_not_mislead() -> None:
    source = '''
    def f():
        text = """
    class X:
        """
        import a
    def g(
        x,
    ):
        import b
    '''

    assert deferred(source, 5, 9) == [5, 9]


def test_function_in_a_string_defers_nothing() -> None:
    source = '''
    if True:
        text = """
    def f():
        import a
    """
        import b
    '''

    assert deferred(source, 6) == []


def test_string_that_ends_at_the_margin_with_the_word_from_does_not_mislead() -> None:
    source = """
    def f():
        text = '''
    from'''; import a
    """

    assert deferred(source, 3) == [3]


def test_string_that_goes_on_at_the_margin_does_not_mislead() -> None:
    source = r"""
    def f():
        def g():
            text = 'a \
    b'
        import a
    """

    assert deferred(source, 5) == [5]


def test_function_in_a_string_over_joined_lines_defers_nothing() -> None:
    source = r"""
    class A:
        text = 'a \
      def f(): # '
        import a
    """

    assert deferred(source, 4) == []


@pytest.mark.parametrize("quotes", ["'''", '"""'])
def test_function_in_a_string_that_seems_to_end_in_a_comment_defers_nothing(quotes: str) -> None:
    source = f"""
    class A:
        text = {quotes}
    def f():
        # {quotes}
        import a
    """

    assert deferred(source, 5) == []


def test_function_around_a_function_with_an_import_is_found_again() -> None:
    source = """
    def f():
        def g():
            import a
        import b
    """

    assert deferred(source, 3, 4) == [3, 4]


def test_decorated_neighbours_do_not_mislead() -> None:
    source = """
    def f():
        import a

    @property
    def g():
        import b
    """

    assert deferred(source, 2, 6) == [2, 6]


def test_windows_line_ends_are_lines() -> None:
    assert sorted(deferred_lines(b"x = 1\r\ndef f():\r\n    import a\r\n", [3])) == [3]


def test_other_encoding_is_no_obstacle() -> None:
    source = "# -*- coding: latin-1 -*-\ndef f():\n    x = 'é'\n    import a\n".encode("latin-1")

    assert sorted(deferred_lines(source, [4])) == [4]


def test_source_newer_than_the_interpreter_is_judged_by_indentation() -> None:
    source = "lazy import x\ndef f():\n    y = §\n    import a\nif z:\n    import b\n"

    assert deferred(source, 4, 6) == [4]


def test_signature_over_several_lines_does_not_mislead() -> None:
    source = """
    class A:
        def f(
            self,
        ) -> None:
            try:
                import a
            except (
                ImportError
            ):
                import b
        import c
    """

    assert deferred(source, 6, 10, 11) == [6, 10]


def test_tabs_and_blanks_may_be_mixed() -> None:
    assert deferred("def f():\n\tif x:\n\t    import a\n\timport b\n", 3, 4) == [3, 4]


def test_lazy_import_beside_it_does_not_mislead() -> None:
    source = """
    if x:
        lazy import a
        def f(): import b
        text = '''
    def g():
        '''
        import c
    """

    assert deferred(source, 2, 3, 7) == [3]
