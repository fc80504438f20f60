"""The map and the paths, used by mouse and by keyboard, in both schemes, on a phone, unscripted."""

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

ROOT = Path(__file__).parents[2]
PAGE = "start/paths.html"
READERS = ("analyst", "engineer", "scientist", "researcher")
SAYS = re.compile(r"\A---\n(?:[^-].*\n)*readers: \{(.*)\}$", re.MULTILINE)
SHOWN = "lists => lists.filter(list => list.checkVisibility()).map(list => list.id)"


@pytest.fixture
def page(open_reader: Any) -> Any:
    """Return the page, as somebody sees it who comes for the first time."""
    return open_reader(viewport={"width": 1280, "height": 1400}).open(PAGE)


def shown(page: Any) -> list[str]:
    """Return the paths that are shown."""
    return list(page.locator(".path").evaluate_all(SHOWN))


def wanted(reader: str, level: str) -> set[str]:
    """Return the chapters whose front matter says so."""
    found = set()
    for path in (ROOT / "docs").glob("*/*.md"):
        said = SAYS.search(path.read_text("utf-8"))
        if said and f"{reader}: {level}" in said[1] and path.parent.name != "start":
            found.add(f"{path.parent.name}/{path.stem}.html")
    return found


def test_at_first_all_four_paths_are_shown(page: Any) -> None:
    assert shown(page) == [f"path-{reader}" for reader in READERS]


@pytest.mark.parametrize("reader", READERS)
def test_a_path_holds_every_chapter_that_says_so(page: Any, reader: str) -> None:
    page.locator(f"input[name=goal][value={reader}]").click()
    assert shown(page) == [f"path-{reader}"]
    for level in ("must", "useful"):
        links = page.locator(f"#path-{reader} li.{level} a")
        found = {link.get_attribute("href").removeprefix("../") for link in links.all()}
        assert found == wanted(reader, level)


def test_a_goal_is_chosen_by_keyboard_and_marks_the_map(page: Any) -> None:
    page.locator("input[name=goal]:checked").focus()
    page.keyboard.press("ArrowDown")
    assert shown(page) == ["path-analyst"]
    station = page.locator(".chapter-map-drawing a[href$='neural/network.html']")
    assert station.get_attribute("data-level") == "skip"
    assert station.get_attribute("aria-label").endswith(", not needed")
    page.keyboard.press("ArrowDown")
    assert shown(page) == ["path-engineer"]
    assert station.get_attribute("aria-label").endswith(", useful for you")


def test_the_choice_stays_on_the_device_and_an_address_can_make_it(page: Any) -> None:
    page.locator("input[name=goal][value=researcher]").check()
    page.reload()
    assert shown(page) == ["path-researcher"]
    page.goto(f"{page.url.partition('#')[0]}#path-engineer")
    assert shown(page) == ["path-engineer"]


def test_a_chapter_of_the_map_shows_what_it_builds_on_and_opens(page: Any) -> None:
    page.locator("input[name=goal]:checked").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.number") == "0"
    page.locator(".chapter-map-drawing a[href$='neural/network.html']").focus()
    lit = page.locator(".chapter-map-drawing a.on")
    found = {link.get_attribute("href").removeprefix("../") for link in lit.all()}
    assert {
        "foundations/derivatives.html",
        "neural/activations.html",
        "learning/losses.html",
    } < found
    assert "structure/pca.html" not in found
    page.keyboard.press("Enter")
    page.wait_for_url("**/neural/network.html")


def test_a_chapter_of_the_map_opens_by_mouse(page: Any) -> None:
    page.locator(".chapter-map-drawing a[href$='learning/losses.html'] text").click()
    page.wait_for_url("**/learning/losses.html")


def test_without_scripts_the_map_links_and_all_four_paths_read(open_reader: Any) -> None:
    page = open_reader(java_script_enabled=False).open(PAGE)
    assert page.locator(".path:visible").count() == 4
    assert page.locator("input[name=goal]").count() == 0
    page.locator(".chapter-map-drawing a").first.click()
    page.wait_for_url("**/foundations/*.html")


def test_a_storage_that_is_closed_stops_no_choice(open_reader: Any) -> None:
    window = open_reader()
    window.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() {throw 1}})"
    )
    page = window.open(PAGE)
    page.locator("input[name=goal][value=analyst]").check()
    assert shown(page) == ["path-analyst"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_map_is_whole_and_axe_finds_nothing(open_reader: Any, scheme: str) -> None:
    window = open_reader(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page = window.open(PAGE)
    page.locator("input[name=goal][value=analyst]").check()
    for text in page.locator(".chapter-map-drawing text").all():
        box = text.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    found = Axe().run(page).response["violations"]
    assert [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]] == []
