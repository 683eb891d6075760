"""A page that is wrong must turn red, or the other tests of this folder prove nothing."""

from pathlib import Path

import pytest
from sybil.example import SybilFailure

from tests.docs.pages import anchors, links, run_page


def page(folder: Path, *blocks: str) -> Path:
    file = folder / "page.md"
    file.write_text("# Page\n\n" + "\n\n".join(blocks) + "\n", encoding="utf-8")
    return file


def test_python_blocks_share_names(tmp_path: Path) -> None:
    file = page(tmp_path, "```python\nx = 2\n```", "```python\nassert x == 2\n```")

    assert run_page(file, tmp_path) == 2


def test_python_that_raises_is_red(tmp_path: Path) -> None:
    file = page(tmp_path, "```python\nassert 1 == 2\n```")

    with pytest.raises(AssertionError) as caught:
        run_page(file, tmp_path)

    assert caught.traceback[-1].lineno == 3


def test_printed_text_is_compared(tmp_path: Path) -> None:
    file = page(tmp_path, "```python\nprint('yes')\n```", "<!-- output -->\n```text\nno\n```")

    with pytest.raises(SybilFailure, match="on the page\nno\n--- printed\nyes"):
        run_page(file, tmp_path)


def test_files_are_there_for_commands_and_output_is_compared(tmp_path: Path) -> None:
    file = page(
        tmp_path,
        "```console\n$ python a/b.py 1\nhello ... 1\n$ echo $?\n3\n```",
        "<!-- file from the start: a/b.py -->\n\n"
        "```python\nimport sys\nsys.exit(print('hello you', sys.argv[1]) or 3)\n```",
    )

    assert run_page(file, tmp_path) == 1


def test_command_that_prints_something_else_is_red(tmp_path: Path) -> None:
    file = page(tmp_path, "```console\n$ python -c 'print(1)'\n2\n```")

    with pytest.raises(SybilFailure, match="line 3"):
        run_page(file, tmp_path)


def test_error_of_a_program_is_its_output(tmp_path: Path) -> None:
    program = "<!-- program: shop.py -->\n```python\nfrom kimera_di import *\nServiceCollection().register(3)\n```"
    output = "<!-- output -->\n```text\nKD101 3 is not a type...at       shop.py:2...\n```"

    assert run_page(page(tmp_path, program, output), tmp_path) == 2


def test_error_of_a_program_that_the_page_does_not_show_is_red(tmp_path: Path) -> None:
    file = page(tmp_path, "<!-- program: shop.py -->\n```python\nint('x')\n```")

    with pytest.raises(AssertionError, match="invalid literal"):
        run_page(file, tmp_path)


def test_block_of_an_unknown_language_is_red(tmp_path: Path) -> None:
    file = page(tmp_path, "```pyhton\n1/0\n```")

    with pytest.raises(SybilFailure, match="pyhton"):
        run_page(file, tmp_path)


def test_links_are_found_outside_of_code_and_anchors_by_title(tmp_path: Path) -> None:
    file = page(tmp_path, '[a](b.md#c) `[x](y)` <a id="kd1"></a>', "## What is `it`?", "```text\n[n](o)\n```")

    assert list(links(file)) == ["b.md#c"]
    assert anchors(file) == {"page", "what-is-it", "kd1"}
