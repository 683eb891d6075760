"""The HTML page of ``kimera graph`` in a real browser: looked at, clicked, typed into."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from kimera_di.architecture.drawing.page import to_html
from kimera_di.architecture.drawing.picture import Edge, Fault, Lane, Line, Node, Picture
from kimera_di.architecture.model.findings import Unseen
from tests.browser.conftest import Open
from tests.browser.shops import shop

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.check, pytest.mark.browser]

Keep = Callable[["Page", str], None]
SMALL = to_html(shop(50))
UP = "shop.domain.billing.forms"
ABOVE = "shop.web.carts.forms"
TOP_TO_BOTTOM = "els => els.map(e => e.getBoundingClientRect().top)"
LINES = "#panel .place"


def box(page: "Page", name: str) -> "Locator":
    return page.locator(f'.box[title="{name}"]')


def twisty(page: "Page", name: str) -> "Locator":
    return box(page, name).locator(".twisty")


def click_edge(page: "Page", number: int) -> None:
    """Click the middle of an edge, where no box is above it."""
    point = page.evaluate(
        """number => {
            const path = document.querySelector(`#paths path[data-link="${number}"]`);
            const origin = document.getElementById("picture").getBoundingClientRect();
            for (let part = 0.02; part < 1; part += 0.01) {
                const at = path.getPointAtLength(path.getTotalLength() * part);
                const [x, y] = [at.x + origin.left, at.y + origin.top];
                if (document.elementFromPoint(x, y) === path) return [x, y];
            }
            return null;
        }""",
        number,
    )
    assert point, "no part of the edge can be clicked"
    page.mouse.click(*point)


def violation(page: "Page", importer: str) -> int:
    """Give the number of the red edge that leaves a box, found by opening the box: it is hot then, and red."""
    box(page, importer).click()
    number = page.locator("#paths .violation.hot").get_attribute("data-link")
    page.keyboard.press("Escape")
    return int(number or "")


def edges(page: "Page", classes: str = "") -> int:
    return page.locator(f"#paths path{classes}").count()


def test_lanes_stand_below_each_other_in_the_order_of_the_contract(show: Open) -> None:
    page = show(SMALL)

    labels = page.locator(".lane h2").evaluate_all("els => els.map(e => e.firstChild.textContent)")
    tops = page.locator(".lane").evaluate_all(TOP_TO_BOTTOM)
    assert labels == ["in no layer", "web", "services", "domain", "adapters", "infra"]
    assert tops == sorted(tops)


def test_small_picture_is_open_and_no_box_covers_another(show: Open) -> None:
    page = show(SMALL)

    boxes = page.locator(".box").evaluate_all(
        "els => els.map(e => e.getBoundingClientRect()).map(r => [r.left, r.top, r.right, r.bottom])"
    )
    covered = [
        (a, b)
        for number, a in enumerate(boxes)
        for b in boxes[number + 1 :]
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]
    assert len(boxes) > 100
    assert covered == []


def test_no_label_is_wider_than_its_box(show: Open) -> None:
    page = show(to_html(shop(300)))

    cut = page.locator(".box, .lane h2").evaluate_all(
        "els => els.filter(e => e.scrollWidth > e.clientWidth + 1).length"
    )
    assert cut == 0


def test_violations_are_red_and_above_other_edges(show: Open) -> None:
    page = show(SMALL)

    colours = page.locator("#paths .violation").evaluate_all("els => els.map(e => getComputedStyle(e).stroke)")
    last = page.locator("#paths path").evaluate_all("els => els.slice(-3).map(e => e.classList.contains('violation'))")
    assert colours == ["rgb(192, 24, 43)"] * 3
    assert last == [True, True, True]


@pytest.mark.parametrize(
    ("classes", "property_name", "value"),
    [(".dashed", "stroke-dasharray", "4px, 4px"), (".wires", "stroke", "rgb(107, 63, 196)")],
    ids=["typing and deferred", "wires"],
)
def test_kinds_of_edges_look_different(show: Open, classes: str, property_name: str, value: str) -> None:
    page = show(SMALL)

    looks = page.locator(f"#paths {classes}").evaluate_all(
        "(els, name) => [...new Set(els.map(e => getComputedStyle(e)[name]))]", property_name
    )
    assert looks == [value]


def test_closed_package_stands_for_its_modules(show: Open) -> None:
    page = show(SMALL)
    before = edges(page)

    twisty(page, "shop.web").click()

    assert box(page, ABOVE).count() == 0
    assert box(page, "shop.web").get_attribute("aria-expanded") == "false"
    assert 0 < edges(page) < before


def test_opened_package_shows_its_modules_again(show: Open) -> None:
    page = show(SMALL)
    twisty(page, "shop.web").click()

    twisty(page, "shop.web").click()
    twisty(page, "shop.web.carts").click()

    assert box(page, ABOVE).is_visible()


def test_everything_can_be_collapsed_and_expanded(show: Open) -> None:
    page = show(SMALL)
    before = page.locator(".box").count()

    page.get_by_role("button", name="Collapse all").click()
    collapsed = page.locator(".box").count()
    page.get_by_role("button", name="Expand all").click()

    assert collapsed == 6
    assert page.locator(".box").count() >= before


def test_violation_between_closed_packages_stays_red(show: Open) -> None:
    page = show(SMALL)

    page.get_by_role("button", name="Collapse all").click()

    assert edges(page, ".violation") == 3
    assert "faulty" in (box(page, "shop.web").get_attribute("class") or "")


def test_clicked_edge_shows_its_lines_and_what_is_said_against_it(show: Open) -> None:
    page = show(SMALL)

    click_edge(page, violation(page, UP))

    assert page.locator(LINES).all_text_contents() == ["shop/domain/billing/forms.py:9"]
    assert page.locator("#panel .message").all_text_contents() == [f"layers: {UP} leads up"]


def test_clicked_edge_between_packages_lists_every_import_in_it(show: Open) -> None:
    page = show(SMALL)
    page.get_by_role("button", name="Collapse all").click()
    box(page, "shop.services").click()

    page.locator("#panel li button", has_text="shop.infra").click()

    count = re.search(r"(\d+) imports", page.locator("#panel").inner_text())
    assert count
    assert page.locator(LINES).count() == int(count.group(1)) > 1


def test_clicked_box_shows_its_importers_and_imports(show: Open) -> None:
    page = show(SMALL)

    box(page, UP).click()

    panel = page.locator("#panel").inner_text().replace("\n\n", "\n")
    assert f"{UP}\nmodule in domain\nshop/domain/billing/forms.py" in panel
    assert "imports (3)" in panel
    assert page.locator("#panel li.faulty button").all_text_contents() == [ABOVE]


def test_edges_of_others_fade_while_a_box_is_selected(show: Open) -> None:
    page = show(SMALL)

    box(page, UP).click()

    faded = page.locator("#paths path:not(.hot)").first.evaluate("e => getComputedStyle(e).strokeOpacity")
    hot = page.locator("#paths path.hot").first.evaluate("e => getComputedStyle(e).strokeOpacity")
    assert (float(faded), float(hot)) == (0.08, 1.0)


def test_violation_in_the_list_is_shown_although_its_package_is_closed(show: Open) -> None:
    page = show(SMALL)
    page.get_by_role("button", name="Collapse all").click()

    page.locator("#panel li.faulty button", has_text=UP).click()

    assert box(page, UP).is_visible()
    assert page.locator(LINES).all_text_contents() == ["shop/domain/billing/forms.py:9"]


def test_search_finds_a_module_in_a_closed_package_and_opens_it(show: Open) -> None:
    page = show(SMALL)
    page.get_by_role("button", name="Collapse all").click()

    page.keyboard.press("/")
    page.keyboard.type("domain.BILLING.forms")
    outlined = box(page, "shop.domain").get_attribute("class")
    page.keyboard.press("Enter")

    assert "holds-match" in (outlined or "")
    assert box(page, UP).is_visible()
    assert "selected" in (box(page, UP).get_attribute("class") or "")


def test_search_without_a_match_says_so(show: Open) -> None:
    page = show(SMALL)

    page.locator("#search").fill("nowhere")

    assert "0 boxes with \u201cnowhere\u201d" in page.locator("#panel").inner_text()


@pytest.mark.parametrize("kind", ["runtime", "deferred", "typing", "wires"])
def test_kind_that_is_switched_off_is_not_drawn(show: Open, kind: str) -> None:
    page = show(SMALL)
    before = edges(page)
    switch = page.locator("#kinds label", has_text=kind).locator("input")

    switch.uncheck()
    without = edges(page)
    switch.check()

    assert without < before
    assert edges(page) == before


def test_only_violations_leaves_nothing_else(show: Open) -> None:
    page = show(SMALL)

    page.locator("#only-violations").check()

    assert (edges(page), edges(page, ".violation")) == (3, 3)


def test_keyboard_walks_opens_and_selects(show: Open) -> None:
    page = show(SMALL)
    page.get_by_role("button", name="Collapse all").click()

    page.keyboard.press("Tab")
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)

    assert page.evaluate("document.activeElement.title") == "shop.web.billing.forms"
    assert page.locator("#panel h2").inner_text() == "shop.web.billing.forms"


def test_keyboard_closes_a_package_and_goes_back(show: Open) -> None:
    page = show(SMALL)
    box(page, UP).click()

    page.keyboard.press("Escape")
    box(page, "shop.domain").focus()
    page.keyboard.press("ArrowLeft")

    assert "No violations" not in page.locator("#panel").inner_text()
    assert page.locator("#panel h2").inner_text() == "shop"
    assert box(page, UP).count() == 0


def test_one_tab_stop_leads_to_the_boxes(show: Open) -> None:
    page = show(SMALL)

    assert page.locator('.box[tabindex="0"]').count() == 1


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(18, 22, 28)")])
def test_page_follows_the_colours_of_the_system(show: Open, keep: Keep, scheme: str, paper: str) -> None:
    page = show(SMALL, color_scheme=scheme)

    keep(page, f"shop-50-{scheme}")

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper


@pytest.mark.parametrize("modules", [300, 1500])
def test_larger_shop_is_drawn_for_a_look(show: Open, keep: Keep, modules: int) -> None:
    page = show(to_html(shop(modules)))

    keep(page, f"shop-{modules}")

    assert edges(page, ".violation") == 3


def test_two_thousand_modules_are_usable(show: Open, keep: Keep) -> None:
    page = show(to_html(shop(2000)))

    first = page.evaluate("Number(document.documentElement.dataset.ready)")
    clicks = [
        page.evaluate(
            """name => new Promise(done => {
                const start = performance.now();
                document.querySelector(`.box[title="${name}"] .twisty`).click();
                requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
            })""",
            f"shop.{layer}.{part}",
        )
        for layer, part in (("web", "carts"), ("domain", "mail"), ("infra", "stock"))
    ]
    keep(page, "shop-2000")

    assert 0 < first < 2000
    assert sorted(clicks)[1] < 200, clicks
    assert page.locator(".box").count() < 400


def test_all_two_thousand_boxes_can_be_shown(show: Open) -> None:
    page = show(to_html(shop(2000)))

    page.get_by_role("button", name="Expand all").click()
    box(page, UP).click()

    assert page.locator(".box").count() > 2000
    assert "more when a box is selected" in page.locator("#status").inner_text()
    assert edges(page, ".hot") > 0


def test_names_that_look_like_markup_are_shown_as_text(show: Open) -> None:
    evil = '<img src=x onerror="alert(1)"></script><script>window.hacked = 1</script>'
    nodes = (Node("a", "module", 0, None, evil), Node(evil, "module", 0, evil, f"{evil}.py"))
    edge = Edge("a", evil, "runtime", (Line(evil, 1, "runtime"),), (Fault(evil, evil),))
    picture = Picture(evil, (Lane(evil, evil),), nodes, (edge,), (Unseen(evil, evil),))

    page = show(to_html(picture))
    page.locator("#panel li button").first.click()
    page.locator("#panel li button").first.click()
    page.locator("#search").fill("<img")
    page.locator("#search").press("Enter")

    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0
    assert page.locator("h1").inner_text() == evil
    assert page.locator("script").count() == 2


def test_script_that_somebody_adds_is_not_run(show: Open) -> None:
    page = show(SMALL, expected_error="Content Security Policy")

    refused = page.evaluate(
        """() => new Promise(done => {
            document.addEventListener("securitypolicyviolation", event => done(event.effectiveDirective));
            const script = document.createElement("script");
            script.type = "module";
            script.src = "data:text/javascript,window.hacked=1";
            document.body.append(script);
        })"""
    )

    assert refused == "script-src-elem"


def test_file_that_could_not_be_read_is_named(show: Open) -> None:
    page = show(to_html(Picture("shop", (), (), (), (Unseen("shop/bad.py", "does not parse"),))))

    assert "1 file could not be read" in page.locator("#panel").inner_text()
    assert "shop/bad.py: does not parse" in page.locator("#panel").inner_text()


def test_narrow_window_has_no_sideways_scroll(show: Open) -> None:
    page = show(SMALL)

    page.set_viewport_size({"width": 640, "height": 900})

    assert page.evaluate("document.documentElement.scrollWidth") <= 640
