"""A worksheet: filled in, kept on the device, exported, erased, printed."""

import json
import re

import pytest

PAGE = """# Page

:::{worksheet} My "system"
:label: sheet-mine
:lines: 3

What goes *in*?

One row is
: a customer, [or so](#two)

In and out
: the shape $(n, d)$

What is it worth?

Paid
: in a currency
:::

## Two

More.
"""
PLAIN = "# Plain\n\nNothing to fill in.\n"
CAPABILITIES = "assets formulas boxes worksheet"
CONFIG = {"html_math_renderer": "mathml", "myst_heading_anchors": 2, "suppress_warnings": ["myst"]}
KEY = "mathforml.sheet-mine"


@pytest.fixture(scope="module")
def app(book):
    """Build the book."""
    return book(CAPABILITIES, {"page": PAGE, "plain": PLAIN}, config=CONFIG)


@pytest.fixture(scope="module")
def html(app):
    """Return the sheet as it is written."""
    page = (app.outdir / "page.html").read_text("utf-8")
    return re.findall(r'<form [^>]*class="worksheet".*?</form>', page, re.DOTALL)[0]


def opened(browser, app, setting="", **options):
    """Open the page; an error on it is an error here, unless something was broken on purpose."""
    page = browser.new_context(**options).new_page()
    if setting:
        page.add_init_script(setting)
    else:
        page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto((app.outdir / "page.html").as_uri())
    return page


@pytest.fixture
def page(browser, app):
    """Return the page in a window that has kept nothing."""
    page = opened(browser, app, accept_downloads=True)
    yield page
    page.context.close()


def exported(page, folder):
    """Return the name and the text of the file that the button makes."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    file = folder / "sheet.md"
    download.value.save_as(file)
    return download.value.suggested_filename, file.read_text("utf-8")


def fill(page):
    """Write into the first two fields, by keyboard alone."""
    page.locator("textarea").first.focus()
    page.keyboard.type("one transaction")
    page.keyboard.press("Tab")
    page.keyboard.type("in: 30 columns\nout: a probability")


# What the page carries


def test_the_build_is_quiet(app):
    assert app.warning.getvalue() == ""


def test_a_paragraph_asks_and_a_term_is_a_label(html):
    assert html.count("<fieldset>") == 2
    assert "<legend>What goes <em>in</em>?</legend>" in html
    (field,) = re.findall(r'<label for="([\w-]*)">In and out</label>', html)
    assert f'<textarea id="{field}" name="in-and-out" rows="3"' in html


def test_a_hint_describes_its_field(html):
    named = 'aria-describedby="sheet-mine-one-row-is-hint"'
    assert named in html
    assert re.search(r'id="sheet-mine-one-row-is-hint">a customer, <a [^>]*>.*or so', html)
    assert re.search(r'id="sheet-mine-in-and-out-hint">the shape <math', html)


def test_the_sheet_is_named_by_its_title(html):
    assert 'aria-labelledby="sheet-mine-head"' in html
    assert '<p class="head" id="sheet-mine-head">My &quot;system&quot;</p>' in html


def test_the_script_is_loaded_where_there_is_a_sheet_and_there_only(app):
    page, plain = ((app.outdir / f"{name}.html").read_text("utf-8") for name in ("page", "plain"))
    assert page.count("worksheet.js") == 1
    assert "worksheet.js" not in plain
    assert not re.search(r"\bon\w+=", page)
    assert (app.outdir / "_static/worksheet.js").stat().st_size < 4000


def test_other_builders_ask_the_same(book):
    text = book(CAPABILITIES, {"page": PAGE}, builder="text", config=CONFIG)
    page = (text.outdir / "page.txt").read_text("utf-8")
    assert page.index("What goes *in*?") < page.index("One row is\n   a customer")


# In the browser


def test_what_is_written_by_keyboard_is_there_after_a_reload(page):
    fill(page)
    page.reload()
    assert page.locator("textarea").evaluate_all("fields => fields.map(f => f.value)") == [
        "one transaction",
        "in: 30 columns\nout: a probability",
        "",
    ]
    kept = json.loads(page.evaluate(f"localStorage.getItem('{KEY}')"))
    assert kept.keys() == {"one-row-is", "in-and-out"}


def test_a_field_that_was_emptied_is_forgotten(page):
    fill(page)
    page.locator("textarea").first.fill("")
    assert "one-row-is" not in page.evaluate(f"localStorage.getItem('{KEY}')")


def test_a_field_grows_with_what_is_written(page):
    field = page.locator("textarea").first
    before = field.bounding_box()["height"]
    field.fill("line\n" * 9)
    assert field.bounding_box()["height"] > 2 * before
    assert field.evaluate("f => f.scrollHeight <= f.clientHeight")


def test_where_style_sheets_cannot_a_field_still_grows(browser, app):
    page = opened(browser, app, "CSS.supports = () => false")
    page.add_style_tag(content="textarea { field-sizing: fixed !important }")
    field = page.locator("textarea").first
    field.fill("line\n" * 9)
    assert field.evaluate("f => f.scrollHeight <= f.clientHeight")
    page.context.close()


def test_another_window_sees_it_at_once(page, app):
    other = page.context.new_page()
    other.goto((app.outdir / "page.html").as_uri())
    fill(page)
    other.wait_for_function("document.querySelector('textarea').value === 'one transaction'")


def test_the_file_is_markdown_with_every_question_open_or_answered(page, tmp_path):
    fill(page)
    name, text = exported(page, tmp_path)
    assert name == "sheet-mine.md"
    assert re.sub(r"\d{4}-\d\d-\d\d", "today", text) == (
        '# My "system"\n\nWritten on today.\n\n'
        "## What goes in?\n\n**One row is**\n\none transaction\n\n"
        "**In and out**\n\nin: 30 columns\nout: a probability\n\n"
        "## What is it worth?\n\n**Paid**\n\n(open)\n"
    )


def test_an_answer_to_a_question_that_is_gone_is_exported_all_the_same(page, tmp_path):
    page.evaluate(f"localStorage.setItem('{KEY}', JSON.stringify({{gone: 'still mine'}}))")
    page.reload()
    _, text = exported(page, tmp_path)
    assert text.endswith("## Asked in an earlier edition\n\n**gone**\n\nstill mine\n")


def test_erasing_asks_first_and_leaves_other_things_alone(page):
    fill(page)
    page.evaluate("localStorage.setItem('theme', 'dark')")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Erase").click()
    assert page.locator("textarea").first.input_value() == "one transaction"
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Erase").click()
    page.get_by_text("Erased.").wait_for()
    assert page.locator("textarea").first.input_value() == ""
    assert page.evaluate("Object.keys(localStorage)") == ["theme"]


@pytest.mark.parametrize(
    "broken",
    [
        "Object.defineProperty(window, 'localStorage', {get() { throw 0; }})",
        "Storage.prototype.setItem = () => { throw 0; }",
    ],
)
def test_without_storage_the_sheet_says_so_and_exports(browser, app, tmp_path, broken):
    page = opened(browser, app, broken, accept_downloads=True)
    fill(page)
    page.get_by_text("This browser keeps nothing here: export").wait_for()
    assert "out: a probability" in exported(page, tmp_path)[1]
    page.context.close()


@pytest.mark.parametrize("text", ["no json", "null", "[1]", '"text"'])
def test_a_storage_that_is_spoilt_stops_nothing(page, text):
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEY, text])
    page.reload()
    fill(page)
    page.reload()
    assert page.locator("textarea").first.input_value() == "one transaction"


def test_the_print_button_prints_the_sheet_and_nothing_else(page):
    page.evaluate("window.print = () => { window.printed = true }")
    page.emulate_media(media="print")
    assert page.get_by_text("More.").is_visible()
    page.emulate_media(media="screen")
    page.get_by_role("button", name="Print").click()
    page.emulate_media(media="print")
    assert page.evaluate("window.printed")
    assert not page.get_by_text("More.").is_visible()
    assert page.locator("textarea").first.is_visible()
    assert not page.get_by_role("button", name="Print").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.get_by_text("More.").is_visible()


def test_without_scripts_there_are_lines_to_write_on_and_no_buttons(browser, app):
    page = opened(browser, app, java_script_enabled=False)
    assert page.locator("textarea").first.is_visible()
    assert not page.get_by_role("button", name="Export").is_visible()
    page.context.close()


# Refusals


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (":label: a", "the worksheet 'a' holds other parts; expected a paragraph that asks"),
        (":label: a\n\nWhat?", "holds other parts"),
        (":label: a\n\nOne\n: two", "holds other parts"),
        (":label: a\n\nWhat?\n\n- one", "holds other parts"),
        (":label: a\n\nWhat?\n\nOne\n: two\n\n  three", "'One' whose hint is more than one"),
        (":label: a\n\nWhat?\n\nOne\n: two\n\nOne\n: three", "has two fields 'one'"),
        ("\nWhat?\n\nOne\n: two", "worksheet needs a :label:, under which answers are kept"),
    ],
)
def test_a_sheet_that_is_no_form_is_refused_with_its_line(book, content, message):
    pages = {"wrong": f"# Wrong\n\n:::{{worksheet}} W\n{content}\n:::\n"}
    said = book(CAPABILITIES, pages, config=CONFIG).warning.getvalue()
    assert re.search(rf"wrong\.md:3: \w+: .*{re.escape(message)}", said, re.DOTALL), said
