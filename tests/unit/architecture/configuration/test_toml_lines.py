import tomllib

from kimera_di.architecture.configuration.toml_lines import key_lines

DOCUMENT = '''# comment with [brackets] and = signs
[tool.importlinter]
root_packages = ["shop"]  # not a "string
"quoted key" = 1
kimera = { allow_unseen = [
    "a/**",
    "b # not a comment",
], deep = { x = 1 } }

[[tool.importlinter.contracts]]
why = """
[not.a.header]
key = 1
"""
layers = [
    "web | api",
    # a comment
    "core",
]
literal = \'\'\'
x = 2
\'\'\'

[[tool.importlinter.contracts]]
a.b = 1
[[tool.importlinter.contracts.ignore]]
import = "a -> b"
[[tool.importlinter.contracts.ignore]]
import = "c -> d"
'''
CONTRACTS = ("tool", "importlinter", "contracts")


def test_document_used_here_is_valid() -> None:
    assert tomllib.loads(DOCUMENT)


def test_key_of_a_table_has_the_line_it_stands_on() -> None:
    lines = key_lines(DOCUMENT)

    assert lines["tool", "importlinter", "root_packages"] == 3
    assert lines["tool", "importlinter", "quoted key"] == 4


def test_item_of_an_array_has_a_line_of_its_own() -> None:
    lines = key_lines(DOCUMENT)

    assert lines["tool", "importlinter", "kimera", "allow_unseen", 1] == 7
    assert lines[*CONTRACTS, 0, "layers", 1] == 18


def test_nested_inline_table_is_followed() -> None:
    assert key_lines(DOCUMENT)["tool", "importlinter", "kimera", "deep", "x"] == 8


def test_text_inside_strings_is_no_key() -> None:
    lines = key_lines(DOCUMENT)

    assert not [path for path in lines if "not" in path or "key" in path]
    assert lines[*CONTRACTS, 0, "literal"] == 20


def test_arrays_of_tables_are_numbered() -> None:
    lines = key_lines(DOCUMENT)

    assert (lines[*CONTRACTS, 0], lines[*CONTRACTS, 1]) == (10, 24)
    assert lines[*CONTRACTS, 1, "a", "b"] == 25
    assert lines[*CONTRACTS, 1, "ignore", 1, "import"] == 29


def test_invalid_document_gives_what_was_found_before_the_fault() -> None:
    assert key_lines("a = 1\nb = [1, {")["a",] == 1
