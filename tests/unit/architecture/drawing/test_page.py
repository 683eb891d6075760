"""The HTML page as text: what gets in, and how. What it does is tested in a browser (tests/browser)."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from kimera_di.architecture.drawing.page import embedded, to_html
from kimera_di.architecture.drawing.picture import Edge, Fault, Lane, Line, Node, Picture

pytestmark = pytest.mark.check


def picture(name: str = "shop.web") -> Picture:
    nodes = (Node("shop.core", "module", 0, "core", "shop/core.py"), Node(name, "module", 0, None, f"{name}.py"))
    edge = Edge("shop.core", name, "runtime", (Line(f"{name}.py", 3, "runtime"),), (Fault("layers", name),))
    return Picture(name, (Lane(name, None),), nodes, (edge,))


class Elements(HTMLParser):
    """Collects what a browser would take for elements."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))


def elements(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Elements()
    parser.feed(page)
    return parser.found


@pytest.mark.parametrize("text", ["<", ">", "&", "\u2028", "\u2029", "\udc80"])
def test_embedded_data_has_no_character_that_html_or_javascript_could_read(text: str) -> None:
    written = embedded([text])

    assert text not in written
    assert written.isascii()
    assert json.loads(written) == [text]


@pytest.mark.parametrize(
    "name",
    ["</script><script>alert(1)</script>", "<!--<script>", "</title><img src=x>", "a\u2028b&lt;"],
    ids=["script", "comment", "title", "entity"],
)
def test_names_add_no_element_to_the_page(name: str) -> None:
    assert elements(to_html(picture(name))) == elements(to_html(picture("shop.web")))


def test_page_names_nothing_to_load() -> None:
    named = [attributes for _, attributes in elements(to_html(picture())) if attributes.keys() & {"src", "href"}]

    assert named == []
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", to_html(picture()))


def test_policy_allows_exactly_the_script_and_style_of_the_page() -> None:
    page = to_html(picture())

    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert policy
    assert script
    assert style
    hashes = [base64.b64encode(hashlib.sha256(each.group(1).encode()).digest()).decode() for each in (script, style)]
    assert policy.group(1) == (
        f"default-src 'none'; script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_page_holds_every_edge_with_its_line_and_fault() -> None:
    page = to_html(picture())

    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    data = json.loads(found.group(1))
    assert data["edges"] == [[0, 1, 0, [[1, 3, 0]], [["layers", "shop.web"]]]]
    assert data["files"] == ["shop/core.py", "shop.web.py"]


def test_scripts_never_make_markup_of_text() -> None:
    script = to_html(picture())

    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", script)


def test_equal_pictures_give_equal_pages() -> None:
    assert to_html(picture()) == to_html(picture())
