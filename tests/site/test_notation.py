"""The notation: each chapter's symbols have a meaning, and a reader finds any of them."""

import re
from pathlib import Path

import pytest

from mathforml.sphinx.symbols import GREEK

ROOT = Path(__file__).parents[2]
PAGE = "start/notation.html"
TABLE = re.compile(r'<table class="symbols.*?</table>', re.DOTALL)
ROW = re.compile(r"<tr.*?</tr>", re.DOTALL)
WORD = re.compile(r"[a-z]{2,}")
FEW = 5  # symbols that a chapter may owe
COUNTER = re.compile(r"a set of \d+")
LABEL = re.compile(r"^\((page-[\w-]+)\)=$", re.MULTILINE)
CHAPTERS = sorted(
    path.relative_to(ROOT / "docs").with_suffix("")
    for path in (ROOT / "docs").glob("*/*.md")
    if "{symbols}" in path.read_text("utf-8") and path.parent.name != "reference"
)


def without_a_block(site: Path, chapter: Path) -> list[str]:
    """Return the symbols that a chapter's own table can say nothing of.

    Words say what they are themselves, and counters are bound to the set that they run through.
    """
    table = TABLE.search((site / chapter).with_suffix(".html").read_text("utf-8"))
    rows = ROW.findall(table[0])[1:] if table else []
    cells = [re.findall(r"<td.*?</td>", row, re.DOTALL) for row in rows if "aloud" not in row]
    found = [[re.sub("<.*?>", "", cell).strip() for cell in row] for row in cells]
    return [
        key
        for _, key, shape, *_ in found
        if not (WORD.fullmatch(key) and key not in GREEK) and not COUNTER.fullmatch(shape)
    ]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=str)
def test_every_symbol_that_a_chapter_binds_has_a_meaning(site, chapter):
    """A chapter that has no block yet, or lacks a few, is skipped, with what it introduces."""
    label = LABEL.search((ROOT / "docs" / chapter).with_suffix(".md").read_text("utf-8"))
    missing = without_a_block(site, chapter)
    said = f"{chapter} introduces without a block in docs/notation.toml: {', '.join(missing)}"
    blocks = (ROOT / "docs/notation.toml").read_text("utf-8")
    begun = label is not None and f'page = "{label[1]}"' in blocks
    if missing and (len(missing) <= FEW or not begun):
        pytest.skip(said)
    assert not missing, said


@pytest.fixture(scope="module")
def reader(open_reader):
    """Return a window."""
    return open_reader(viewport={"width": 1280, "height": 900})


@pytest.mark.parametrize("typed", [r"\bar y", r"\bar{y}", "y_bar", "cotangent of y"])
def test_search_finds_a_symbol_as_it_is_typed_and_leads_to_its_row(reader, typed):
    page = reader.open("index.html")
    field = page.locator("input[name=q]").first
    field.fill(typed)
    field.press("Enter")
    result = page.locator("#search-results a[href*='start/notation.html#symbol-y_bar-']").first
    result.wait_for()
    result.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/start/notation.html*#symbol-y_bar-*")
    row = page.locator("tr:target")
    assert "cotangent of y" in row.inner_text()
    assert "y_bar" in row.inner_text()


def test_from_a_chapter_a_click_on_a_meaning_leads_to_its_row(reader):
    page = reader.open("neural/activations.html")
    row = page.locator("table.symbols tr", has=page.locator("code", has_text=re.compile("^y_bar$")))
    row.locator(".aloud a").click()
    page.wait_for_url(f"**/{PAGE}#symbol-y_bar-activations")
    assert page.locator("tr:target").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_all_of_a_row_is_on_the_screen(open_reader, scheme):
    window = open_reader(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page = window.open(PAGE)
    cells = page.locator("table.lookup td").all()
    right = max(cell.bounding_box()["x"] + cell.bounding_box()["width"] for cell in cells[::7])
    assert right <= 390


def test_without_scripts_the_symbols_are_all_there(open_reader):
    page = open_reader(java_script_enabled=False).open(PAGE)
    assert page.locator("table.lookup tbody tr").count() > 100
