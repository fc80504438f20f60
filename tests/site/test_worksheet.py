"""The sheet of *Define your system*, filled in by hand, exported, erased and printed."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGE = "practice/define_your_system.html"
SHEET = "form.worksheet"
MARGIN = dict.fromkeys(("top", "right", "bottom", "left"), "15mm")
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def reader(open_reader: Any) -> Any:
    return open_reader(accept_downloads=True)


@pytest.fixture
def page(reader: Any) -> Any:
    """Return the page, nothing written on this device."""
    page = reader.open(PAGE)
    page.evaluate("localStorage.clear()")
    page.reload()
    yield page
    page.close()


def fill(page: Any) -> list[str]:
    """Write into every field by keyboard alone, and return what was written."""
    fields = page.locator(f"{SHEET} textarea")
    fields.first.focus()
    for k in range(fields.count()):
        page.keyboard.insert_text(f"answer {k}")
        page.keyboard.press("Tab")
    return [f"answer {k}" for k in range(fields.count())]


def written(page: Any) -> list[str]:
    """Return what stands in the fields."""
    found: list[str] = page.locator(f"{SHEET} textarea").evaluate_all("f => f.map(f => f.value)")
    return found


def test_the_keyboard_goes_from_field_to_field_and_then_to_the_buttons(page):
    fill(page)
    assert page.evaluate("document.activeElement.textContent") == "Export as a file"


def test_every_field_has_a_name_and_a_hint(page):
    for field in page.locator(f"{SHEET} textarea").all():
        assert field.evaluate("f => f.labels[0].textContent.trim()")
        assert field.evaluate("f => document.getElementById(f.getAttribute('aria-describedby'))")


def test_what_is_written_stays_on_this_device_and_goes_nowhere(page, reader):
    answers = fill(page)
    page.reload()
    assert written(page) == answers
    assert reader.asked_outside == []


def test_all_of_it_is_in_the_file(page, tmp_path):
    answers = fill(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as a file").click()
    download.value.save_as(tmp_path / "sheet.md")
    text = (tmp_path / "sheet.md").read_text("utf-8")
    assert download.value.suggested_filename == "sheet-system.md"
    assert re.findall(r"^answer \d+$", text, re.MULTILINE) == answers
    assert text.count("\n## ") == 5
    assert "(open)" not in text


def test_it_can_be_erased(page):
    fill(page)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Erase").click()
    page.get_by_text("Erased.").wait_for()
    assert set(written(page)) == {""}
    page.reload()
    assert set(written(page)) == {""}


def test_the_exercises_of_the_page_still_check_beside_it(page):
    form = page.locator("form[data-label='ex-system-threshold']")
    form.locator("input").fill("1/4")
    page.keyboard.press("Enter")
    form.get_by_text("Right.").wait_for()


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize("filled", [False, True])
def test_printed_alone_it_is_one_sheet_of_paper(page, paper, filled):
    if filled:
        fill(page)
    page.evaluate("window.print = () => { }")
    page.get_by_role("button", name="Print this sheet").click()
    printed = page.pdf(format=paper, margin=MARGIN)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_printed_with_its_page_it_begins_a_sheet_and_ends_it(page):
    page.emulate_media(media="print")
    style = page.locator(SHEET).evaluate(
        "f => { const s = getComputedStyle(f); return [s.breakBefore, s.breakAfter]; }"
    )
    assert style == ["page", "page"]
    assert page.get_by_role("heading", name="Exercises").is_visible()
    assert not page.get_by_role("button", name="Erase").is_visible()


def test_without_scripts_it_is_a_form_with_lines(open_reader):
    page = open_reader(java_script_enabled=False).open(PAGE)
    field = page.locator(f"{SHEET} textarea").first
    assert "repeating-linear-gradient" in field.evaluate("f => getComputedStyle(f).backgroundImage")
    assert not page.get_by_role("button", name="Export as a file").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_it_is_whole_and_axe_finds_nothing(open_reader, scheme):
    page = open_reader(viewport=PHONE, color_scheme=scheme).open(PAGE)
    page.locator(f"{SHEET} textarea").first.fill(
        "one payment, thirty thousand of them, in ninety days"
    )
    left = page.locator(f"{SHEET} textarea").evaluate_all(
        "f => f.map(f => f.getBoundingClientRect().left)"
    )
    assert len(set(left)) == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page, context=SHEET).response["violations"]
    assert not found, found
