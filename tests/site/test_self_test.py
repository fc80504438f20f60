"""The self-test, taken well, badly and not at all, by keyboard, mouse and thumb."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGE = "start/self_test.html"
READERS = ("analyst", "engineer", "scientist", "researcher")
COUNTS = {"Linear algebra": 6, "Calculus": 5, "Probability": 5, "Code": 4}
SHOWN = "items => items.filter(item => item.checkVisibility()).map(item => item.innerText)"


@pytest.fixture
def page(open_reader: Any) -> Any:
    """Return the test in a window that knows nothing of its reader."""
    return open_reader(viewport={"width": 1280, "height": 1400}).open(PAGE)


@pytest.fixture(scope="module")
def whole(open_reader: Any) -> dict[str, list[str]]:
    """Return the paths as they are without a script: nothing is left out of them."""
    page = open_reader(java_script_enabled=False).open(PAGE)
    return {reader: page.locator(f"#path-{reader} li a").all_inner_texts() for reader in READERS}


def told(page: Any, kind: str) -> Any:
    """Return what a part of the page tells the script."""
    return json.loads(page.locator(f".{kind}").get_attribute("data-told"))


def reply(page: Any, form: Any, right: bool, mouse: bool = False) -> None:
    """Answer one question, rightly or wrongly."""
    kind = form.get_attribute("data-kind")
    check = json.loads(base64.b64decode(form.get_attribute("data-check")))
    value = check["value"] if right else check["wrong"][0][0]
    if kind == "number":
        form.locator("input").fill(f"{value:.6g}")
    elif kind == "choice":
        form.locator("input").nth(value - 1).check()
    else:
        for goal, place in enumerate(value):
            read = "items => items.map(item => +item.dataset.place)"
            for _ in range(form.locator("li").evaluate_all(read).index(place) - goal):
                form.locator(f"li[data-place='{place}'] button").first.click()
    if mouse:
        form.locator(".line button").last.click()
    else:
        form.locator(".line button").last.press("Enter")
    form.get_by_text("✓ Right." if right else "Not yet").wait_for()


def reply_all(page: Any, right: bool, mouse: bool = False) -> None:
    """Answer all questions."""
    for form in page.locator("form.answer").all():
        reply(page, form, right, mouse)


def states(page: Any) -> list[str]:
    """Return how the questions stand."""
    read = "marks => marks.map(mark => mark.dataset.state)"
    return list(page.locator(".standing .asked").evaluate_all(read))


def levels(page: Any) -> list[str]:
    """Return the levels of the subjects."""
    return list(page.locator(".standing .level").all_inner_texts())


def ways(page: Any) -> dict[str, list[str]]:
    """Return what is left of each path that is shown."""
    return {reader: page.locator(f"#path-{reader} li a").evaluate_all(SHOWN) for reader in READERS}


# Taken in different ways


def test_twenty_questions_are_open_and_no_level_is_named(page: Any, whole: Any) -> None:
    subjects = told(page, "levels")["subjects"]
    assert {one["name"]: len(one["asks"]) for one in subjects} == COUNTS
    assert states(page) == ["open"] * 20
    assert levels(page) == ["not tried yet"] * 4
    assert ways(page) == whole


def test_all_right_is_ready_everywhere_and_leaves_what_no_question_asked(
    page: Any, whole: Any
) -> None:
    reply_all(page, right=True)
    assert states(page) == ["known"] * 20
    assert levels(page) == ["ready"] * 4
    asked = {title for _, title in told(page, "levels")["chapters"]}
    left = ways(page)
    for reader in READERS:
        assert not asked & {*left[reader]}
        assert {*left[reader]} <= {*whole[reader]} - asked
        said = page.locator(f"#path-{reader} .left")
        assert {*said.locator("a").all_inner_texts()} <= asked
    page.reload()
    assert levels(page) == ["ready"] * 4
    assert ways(page) == left


def test_all_wrong_says_where_to_begin_and_leaves_nothing_out(page: Any, whole: Any) -> None:
    reply_all(page, right=False, mouse=True)
    assert states(page) == ["missed"] * 20
    assert levels(page) == ["begin here"] * 4
    first = page.locator(".standing .advice a").all_inner_texts()
    calculus = "Derivatives, from a slope to a gradient"
    probability = "The Gaussian, and what an observation changes"
    assert first == ["Eigenvectors", calculus, probability, "Floating point"]
    assert ways(page) == whole
    page.reload()
    assert states(page) == ["missed"] * 20


def test_all_found_in_the_end_is_not_known(page: Any, whole: Any) -> None:
    for right in (False, True):
        reply_all(page, right)
    assert states(page) == ["found"] * 20
    assert levels(page) == ["begin here"] * 4
    assert ways(page) == whole
    assert page.locator("#path-researcher .skim:visible").count() >= 10


@pytest.mark.parametrize("right", [range(0, 20, 2), range(10), [0, 1, 2, 6, 7, 8, 11, 16, 17]])
def test_whatever_is_left_is_in_an_order_that_works(page: Any, whole: Any, right: Any) -> None:
    for place in right:
        reply(page, page.locator("form.answer").nth(place), right=True)
    chapters = told(page, "ways")
    shown = "items => items.filter(item => item.checkVisibility()).map(a => a.getAttribute('href'))"
    for reader in READERS:
        left = page.locator(f"#path-{reader} ol a").evaluate_all(shown)
        out = page.locator(f"#path-{reader} .left a").all()
        known = {link.get_attribute("href") for link in out}
        for place, href in enumerate(left):
            for before in chapters[href]["before"]:
                assert before in known or before in left[:place], (reader, href, before)


def test_a_number_with_too_few_digits_is_asked_for_again_and_is_no_wrong_answer(page: Any) -> None:
    form = page.locator("form[data-label='ex-know-filter']")
    form.locator("input").fill("0.16")
    form.locator("input").press("Enter")
    form.get_by_text("Close: right to 2 digits. Give 3.").wait_for()
    assert states(page) == ["open"] * 20


# The goal


def test_the_goal_is_chosen_by_keyboard_and_shared_with_the_paths(open_reader: Any) -> None:
    window = open_reader()
    page = window.open(PAGE)
    page.locator("input[name=goal]:checked").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    shown = page.locator(".path").evaluate_all("all => all.filter(x => !x.hidden).map(x => x.id)")
    assert shown == ["path-engineer"]
    other = window.open("start/paths.html")
    assert other.locator("input[name=goal]:checked").get_attribute("value") == "engineer"
    other.locator("input[name=goal][value=researcher]").click()
    page.reload()
    assert page.locator("input[name=goal]:checked").get_attribute("value") == "researcher"
    page.locator("#path-researcher ol a:visible").first.click()
    page.wait_for_url("**/foundations/*.html")


# Going about in it


def test_a_mark_leads_to_its_question_and_a_solution_to_its_chapter(page: Any, site: Path) -> None:
    page.locator(".standing .asks a").nth(7).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#ex-know-gradient")
    for one in told(page, "levels")["subjects"]:
        for ask in one["asks"]:
            href = told(page, "levels")["chapters"][ask["chapter"]][0]
            assert (site / "start" / href).resolve().is_file()
            fold = page.locator(f"#{ask['id']}-solution")
            fold.locator("> summary").click()
            links = fold.locator("a:visible").all()
            assert href in [link.get_attribute("href").partition("#")[0] for link in links]
    assert states(page) == ["looked"] * 20


def test_every_chapter_is_led_to_by_a_question_or_ends_a_way(page: Any) -> None:
    chapters = told(page, "ways")
    unasked = {href for href, told in chapters.items() if not told["fields"]}
    links = page.locator(".ways .path ol a").all()
    assert unasked <= {link.get_attribute("href") for link in links}
    assert {href.split("/")[1] for href in unasked} == {"practice"}
    for href in {*chapters} - unasked:
        assert not unasked & {*chapters[href]["before"]}, href


def test_it_is_taken_again_by_keyboard_and_erased_with_everything(page: Any) -> None:
    reply_all(page, right=True)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Take it again").press("Enter")
    page.get_by_text("All questions are open again.").wait_for()
    assert states(page) == ["open"] * 20
    for right in (False, True):
        reply(page, page.locator("form.answer").last, right)
    assert states(page)[-1] == "found"
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Erase all").click()
    page.get_by_text("Erased.").wait_for()
    assert states(page) == ["open"] * 20
    assert levels(page) == ["not tried yet"] * 4


def test_it_works_from_the_disk_without_a_server(browser: Any, site: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto((site / PAGE).as_uri())
    reply_all(page, right=True)
    assert levels(page) == ["ready"] * 4
    context.close()


def test_without_scripts_answers_unfold_and_a_table_says_where_to_begin(open_reader: Any) -> None:
    page = open_reader(java_script_enabled=False).open(PAGE)
    assert page.locator("form.answer input:visible").count() == 0
    assert page.locator("form.answer button:visible").count() == 0
    assert page.locator("table.scores tbody tr:visible").count() == 4
    assert page.locator(".path:visible").count() == 4
    fold = page.locator("#ex-know-rank-solution")
    assert not fold.get_by_text("its rank is one").is_visible()
    fold.locator("> summary").click()
    assert fold.get_by_text("its rank is one").is_visible()


def test_readers_who_wonder_where_to_begin_are_led_here(open_reader: Any) -> None:
    reader = open_reader()
    for name in ("index", "start/index", "start/paths", "start/how_to_read"):
        page = reader.open(f"{name}.html")
        assert page.locator("article a[href*='self_test.html']").count() >= 1, name
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_wider_than_it_and_axe_finds_nothing(
    open_reader: Any, scheme: str
) -> None:
    window = open_reader(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page = window.open(PAGE)
    for place in range(20):
        reply(page, page.locator("form.answer").nth(place), right=place % 3 > 0)
    reply(page, page.locator("form.answer").first, right=True)
    page.locator("details.rule > summary").click()
    page.locator("input[name=goal][value=scientist]").check()
    assert {"known", "found", "missed"} <= {*states(page)}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page).response["violations"]
    assert [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]] == []
