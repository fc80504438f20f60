"""Moving pictures: frames meet their directive, and the page moves by keyboard."""

import json
import re

import pytest

HEAD = "---\nfile_format: mystnb\nkernelspec: {name: python3}\n---\n"
PAGE = (
    HEAD
    + """
# One

See {numref}`fig-secant`.

```{code-cell}
:tags: [hide-input]
from mathforml.plotting import moving

for h, ax in moving("secant", [2, 1, 0.5], label="step $h$", xlim=(0, 3), ylim=(0, 9)):
    ax.plot([0, h], [0, h**2])
    ax.text(0.5, 6, f"slope {h:.1f} < 3")
```

```{moving} secant
:name: fig-secant
:alt: A secant <turns> into the tangent.
:start: 1

The [secant]{.gr} turns as $h$ shrinks.
```

```{code-cell}
for name, ax in moving("words", ["a", "b"], format="{}", xlim=(0, 1), ylim=(0, 1)):
    ax.set_title(name)
```

Some text between the cell and its picture.

```{moving} words
:alt: Two letters.
:label: a letter
```
"""
)
STILL = "# Two\n\nNothing moves here.\n"
WRONG = (
    HEAD
    + """
# Wrong

```{code-cell}
from mathforml.plotting import moving
for h, ax in moving("drawn", [2, 1]):
    pass
```

```{moving} shown
:alt: Nothing.
```
"""
)
CAPABILITIES = "assets boxes folds formulas figures moving"
CONFIG = {
    "nb_execution_mode": "force",
    "myst_enable_extensions": ["colon_fence", "dollarmath", "attrs_inline"],
    "html_math_renderer": "mathml",
}


@pytest.fixture(scope="module")
def app(book):
    """Build the book, its page executed."""
    return book(CAPABILITIES, {"one": PAGE, "two": STILL}, config=CONFIG)


@pytest.fixture(scope="module")
def html(app):
    """Return the page."""
    return (app.outdir / "one.html").read_text("utf-8")


@pytest.fixture(scope="module")
def figure(html):
    """Return the markup of the first picture."""
    return re.findall(r'<figure[^>]*id="fig-secant".*?</figure>', html, re.DOTALL)[0]


def test_the_build_is_quiet(app):
    assert app.warning.getvalue() == ""


def test_the_picture_is_a_numbered_figure_at_its_start(html, figure):
    assert '<span class="std std-numref">Fig. 1.1</span>' in html
    assert "slope 1.0 &lt; 3" in figure
    assert 'aria-label="A secant &lt;turns&gt; into the tangent."' in figure
    assert '<span class="gr">secant</span>' in figure


def test_the_slider_says_its_value_in_words(figure):
    assert re.search(r'<label for="fig-secant-slider"><span>step </span>|<label', figure)
    assert 'aria-valuetext="step h = 1.00"' in figure
    assert re.search(r"<label[^>]*>.*step .*<math.*</label>", figure, re.DOTALL)
    assert 'min="0" max="2" value="1"' in figure


def test_without_scripts_the_picture_rests_and_the_slider_is_hidden(figure):
    assert '<div class="control" hidden>' in figure


def test_the_frames_are_data(figure):
    (text,) = re.findall(r'<script type="application/json">(.*?)</script>', figure)
    data = json.loads(text)
    assert data["values"] == ["2.00", "1.00", "0.50"]
    assert ["slope 2.0 < 3", "slope 1.0 < 3", "slope 0.5 < 3"] in [c[2] for c in data["changes"]]
    assert "<" not in text


def test_the_picture_takes_the_place_of_the_output_that_it_follows(html):
    before, _, after = html.partition('id="fig-secant"')
    assert before.rpartition("<div")[2].startswith(' class="cell_output')
    assert re.match(r".*?</figure>\s*</div>\s*<details", after, re.DOTALL)


def test_a_picture_away_from_its_cell_leaves_no_empty_output(html):
    assert 'aria-valuetext="a letter = a"' in html
    assert html.count('class="cell_output') == 1


def test_the_script_is_loaded_where_something_moves_and_there_only(app, html):
    assert re.search(r'<script defer="defer" src="_static/moving.js', html)
    assert "moving.js" not in (app.outdir / "two.html").read_text("utf-8")
    assert (app.outdir / "_static/moving.js").stat().st_size < 2000


def test_the_still_image_is_not_shipped_beside_the_drawing(app):
    assert not list((app.outdir / "_images").glob("*"))


def test_other_builders_show_the_still_image(book):
    app = book(CAPABILITIES, {"one": PAGE}, builder="epub", config=CONFIG)
    page = (app.outdir / "one.xhtml").read_text("utf-8")
    assert 'alt="A secant &lt;turns&gt; into the tangent."' in page
    assert "<input" not in page


# In the browser


def opened(browser, app, **options):
    """Open the page; a message on the console is an error."""
    page = browser.new_context(**options).new_page()
    page.on("console", lambda message: pytest.fail(message.text))
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto((app.outdir / "one.html").as_uri())
    return page


def test_arrow_keys_move_the_picture(browser, app):
    page = opened(browser, app)
    drawing, slider = page.locator("#fig-secant svg.drawing"), page.locator("#fig-secant input")
    assert drawing.text_content().endswith("slope 1.0 < 3")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert "slope 0.5 < 3" in drawing.text_content()
    assert slider.get_attribute("aria-valuetext") == "step h = 0.50"
    assert page.locator("#fig-secant output").text_content() == "0.50"
    page.keyboard.press("Home")
    assert "slope 2.0 < 3" in drawing.text_content()
    page.context.close()


def test_the_button_plays_to_the_end_and_rests(browser, app):
    page = opened(browser, app)
    button = page.locator("#fig-secant button")
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    page.wait_for_function("document.querySelector('#fig-secant input').value === '2'")
    assert button.get_attribute("aria-pressed") == "false"
    page.context.close()


def test_nothing_plays_for_readers_who_asked_for_rest(browser, app):
    page = opened(browser, app, reduced_motion="reduce")
    assert page.locator("#fig-secant button").is_hidden()
    assert page.locator("#fig-secant input").is_visible()
    page.context.close()


def test_without_javascript_there_is_a_still_picture_and_no_slider(browser, app):
    page = opened(browser, app, java_script_enabled=False)
    assert page.locator("#fig-secant svg.drawing").is_visible()
    assert page.locator("#fig-secant .control").is_hidden()
    page.context.close()


# Refusals


def test_a_picture_and_frames_that_miss_each_other_are_named(book):
    said = book(CAPABILITIES, {"wrong": WRONG}, config=CONFIG).warning.getvalue()
    message = r"wrong\.md:14: ERROR: moving picture 'shown' has no frames; cells draw: drawn"
    assert re.search(message, said)
    assert re.search(r"wrong\.md:\d+: ERROR: moving picture 'drawn' is drawn and never shown", said)
