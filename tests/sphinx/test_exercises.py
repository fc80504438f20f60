"""Fields meet the answers that cells compute, or the build is red."""

import base64
import json
import re

import pytest
from docutils import nodes

from mathforml.sphinx.fields import spoken

PAGE = r"""
```{code-cell}
from mathforml.equations import verify
from mathforml.exercises import answer
```

$$
\begin{aligned}
d(x) &= x + x \\
&= 3 x - x \\
&= 2 x
\end{aligned}
$$ (eq-double)

```{code-cell}
verify("eq-double", d=lambda x: 2 * x, x=1.3)
```

::::{exercise} A third
:label: ex-third

Divide.

:::{answer} ex-third
:kind: number
a *third* of $x$
:::
:::{answer} ex-third-which
:kind: choice
Which one is it?

- less
- more
:::
::::
:::{hint}
One.
:::
:::{hint}
Two.
:::
:::{hint} The trick
Three.
:::
:::{solution} ex-third
So.
:::

```{code-cell}
:tags: [solution]
answer("ex-third", 1 / 3, {3: "the other way"})
answer("ex-third-which", 1)
```

::::{exercise}
:label: ex-steps

Put in order.

:::{answer} ex-steps
:of: eq-double
:::
:::{answer} ex-steps-words
:kind: order
- sleep
- wake
- eat
:::
::::
:::{solution} ex-steps
So.
:::

```{code-cell}
:tags: [solution]
answer("ex-steps-words", [2, 3, 1], {(1, 2, 3): "as shown"})
```
"""

KEY = "mathforml.solved.1"
CONF = """
myst_enable_extensions = ["colon_fence", "dollarmath"]
html_math_renderer = "mathml"
numfig = True
"""


@pytest.fixture(scope="module")
def project(foreign):
    """Return a book with two pages of exercises, one without, and the progress, built once."""
    book = foreign(CONF)
    book.write("src/tiny/__init__.py", "")
    book.write("docs/index.md", "# Book\n\n```{toctree}\npage\nplain\nprogress\n```\n")
    book.write("docs/plain.md", "# Plain\n\nNothing to do.\n")
    book.write("docs/progress.md", "# Progress\n\n```{progress}\n```\n")
    book.page("page", PAGE)
    code, errors, _ = book.build()
    assert code == 0, errors
    return book


@pytest.fixture(scope="module")
def html(project):
    return (project.root / "build/html/page.html").read_text("utf-8")


def form(html, label):
    return re.search(rf'<form [^>]*data-label="{label}".*?</form>', html, re.DOTALL)[0]


def check(html, label):
    return json.loads(base64.b64decode(re.search('data-check="(.*?)"', form(html, label))[1]))


def red(book, old, new):
    """Build with a part of the page replaced; return the errors of what must be a red build."""
    file = book.root / "docs/page.md"
    before = file.read_text("utf-8")
    assert old in before
    file.write_text(before.replace(old, new, 1), "utf-8")
    code, errors, _ = book.build()
    file.write_text(before, "utf-8")
    assert code == 1, errors
    return errors


# What the page carries


def test_a_number_brings_what_the_check_needs_and_shows_no_digit_of_it(html):
    data = check(html, "ex-third")
    assert data["value"] == pytest.approx(1 / 3, rel=1e-9)
    assert data["digits"] == 3
    assert data["wrong"][0][::2] == [3, "the other way"]
    assert "0.333" not in html
    assert html.count("the other way") == 1  # in the cell of the solution


def test_a_number_is_hidden_until_the_script_is_there_and_has_a_label(html):
    field = form(html, "ex-third")
    assert re.match("<form [^>]*hidden", field)
    name = re.search('<input type="text" id="(.*?)"', field)[1]
    assert re.search(rf'<label for="{name}"[^>]*>a <em>third</em> of <math', field)


def test_a_control_whose_label_is_a_formula_has_a_name_in_words():
    formula, text = nodes.math("", "x^2"), nodes.Text("half of ")
    named = ' aria-label="option 2" aria-describedby="place"'
    assert spoken(nodes.paragraph("", "", formula), "place", "option 2") == named
    assert spoken(nodes.paragraph("", "", text, formula), "place", "option 2") == ""


def test_a_choice_is_a_group_with_a_legend_whose_options_read_without_the_script(html):
    field = form(html, "ex-third-which")
    assert "<fieldset><legend>Which one is it?</legend>" in field
    assert not re.match("<form [^>]*hidden", field)
    assert len(re.findall(r'<label><input type="radio"[^>]* hidden><span id="[^"]*">', field)) == 2
    assert check(html, "ex-third-which")["value"] == 1


def test_steps_are_shuffled_and_their_places_tell_nothing(html):
    field = form(html, "ex-steps-words")
    shown = re.findall(r'<li data-place="(\d)">.*?<span class="step" id="[^"]*">(\w+)<', field)
    assert [place for place, _ in shown] == ["1", "2", "3"]
    words = [dict(shown)[str(place)] for place in check(html, "ex-steps-words")["value"]]
    assert words == ["wake", "eat", "sleep"]
    [[slip, _, said]] = check(html, "ex-steps-words")["wrong"]
    assert [dict(shown)[str(place)] for place in slip] == ["sleep", "wake", "eat"]
    assert said == "as shown"


def test_the_steps_of_an_executed_derivation_need_no_answer(html):
    field = form(html, "ex-steps")
    assert field.count("<math") == 3
    value = check(html, "ex-steps")["value"]
    assert sorted(value) == [1, 2, 3]
    assert value != [1, 2, 3]
    lines = re.findall(r'class="step"[^>]*>(.*?)</span>', field)
    first, last = lines[value[0] - 1], lines[value[-1] - 1]
    assert "<mi>d</mi>" in first
    assert "<mn>2</mn>" in last


def test_an_answer_leaves_no_trace_below_its_cell(html):
    solution = html[html.index('id="ex-third-solution"') :].partition("</details>")[0]
    assert "cell_input" in solution
    assert "cell_output" not in solution


def test_hints_after_the_first_say_so_unless_they_have_a_name(html):
    said = re.findall(r'<details class="hint"[^>]*>\s*<summary>(.*?)</summary>', html)
    assert said == ["Hint", "Another hint", "The trick"]


def test_the_script_is_loaded_where_there_is_something_to_check(project):
    def page(name):
        return (project.root / f"build/html/{name}.html").read_text("utf-8")

    assert [name for name in ("index", "page", "plain", "progress") if "answers.js" in page(name)]
    assert "answers.js" not in page("plain") + page("index")
    assert "answers.js" in page("page")
    assert not re.search(r"\son\w+=", form(page("page"), "ex-third"))


def test_the_progress_lists_exercises_page_by_page(project):
    html = (project.root / "build/html/progress.html").read_text("utf-8")
    labels = "ex-third,ex-third-which ex-steps,ex-steps-words"
    assert f'<span class="solved" data-fields="{labels}">2</span>' in html
    assert re.search(r'href="page.html"[^>]*>', html)


# The progress, in a browser


@pytest.fixture
def progress(project, browser):
    """Return the page with the progress, one of two exercises solved."""
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    page.goto((project.root / "build/html/progress.html").as_uri())
    solved = {"ex-third": 1, "ex-third-which": 1, "ex-steps": 1}
    page.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [KEY, json.dumps(solved)])
    page.evaluate("localStorage.setItem('theme', 'dark')")
    page.reload()
    yield page
    context.close()


def test_an_exercise_counts_once_all_its_fields_are_right(progress):
    assert progress.locator(".progress .sum").inner_text() == "1 of 2 exercises"
    assert progress.locator(".progress li").inner_text() == "Page 1 of 2"


def test_a_copy_can_be_saved_erased_and_brought_back(progress, tmp_path):
    kept = progress.evaluate(f"localStorage.getItem('{KEY}')")
    with progress.expect_download() as download:
        progress.get_by_role("button", name="Save a copy").click()
    copy = tmp_path / "copy.json"
    download.value.save_as(copy)
    assert json.loads(copy.read_text("utf-8")) == {KEY: kept}

    progress.once("dialog", lambda dialog: dialog.dismiss())
    progress.get_by_role("button", name="Erase all").click()
    assert progress.evaluate(f"localStorage.getItem('{KEY}')") == kept

    progress.once("dialog", lambda dialog: dialog.accept())
    progress.get_by_role("button", name="Erase all").click()
    progress.get_by_text("Erased.").wait_for()
    assert progress.evaluate("Object.keys(localStorage)") == ["theme"]
    assert progress.locator(".progress .sum").inner_text() == "0 of 2 exercises"

    progress.get_by_label("Bring a copy back").set_input_files(copy)
    progress.get_by_text("Brought back.").wait_for()
    assert progress.locator(".progress .sum").inner_text() == "1 of 2 exercises"


@pytest.mark.parametrize(
    "text", ["no json", "null", "[1]", '{"theme": "light"}', '{"mathforml.x": 1}']
)
def test_another_file_changes_nothing(progress, tmp_path, text):
    other = tmp_path / "other.json"
    other.write_text(text, "utf-8")
    before = progress.evaluate("JSON.stringify(localStorage)")
    progress.get_by_label("Bring a copy back").set_input_files(other)
    progress.get_by_text("That file holds no progress.").wait_for()
    assert progress.evaluate("JSON.stringify(localStorage)") == before


def test_without_storage_the_progress_says_so(project, browser):
    context = browser.new_context()
    context.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw 0; }})")
    page = context.new_page()
    page.goto((project.root / "build/html/progress.html").as_uri())
    assert page.locator(".progress .sum").inner_text() == "0 of 2 exercises"
    page.get_by_role("button", name="Save a copy").click()
    page.get_by_text("This browser keeps nothing here.").wait_for()
    context.close()


# What turns the build red


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('answer("ex-third", 1 / 3, {3: "the other way"})', "pass", "has no answer; expected"),
        ("ex-third-which\n:kind", "ex-third-what\n:kind", "'ex-third-what' has no answer"),
        (
            'answer("ex-third-which", 1)',
            'answer("ex-thrid", 1)',
            "answers 'ex-thrid', which has no",
        ),
        ('answer("ex-third-which", 1)', 'answer("ex-third-which", 3)', "there is no option 3"),
        ('answer("ex-third-which", 1)', 'answer("ex-third-which", 1.5)', "there is no option 1.5"),
        (
            'answer("ex-third-which", 1)',
            'answer("ex-third-which", [1, 2])',
            "and its answer a list",
        ),
        ('"ex-third-which", 1)', '"ex-third-which", 1, {3: "no"})', "there is no option 3"),
        (
            '"ex-third", 1 / 3, {3: "the other way"}',
            '"ex-third", 1 / 3',
            "at least one wrong value",
        ),
        ('"ex-third", 1 / 3', '"ex-third", [1, 2]', "is a number, and its answer a list"),
        ('{3: "the', '{0.3334: "the', r"page.md:\d+ cell \"answer\": ValueError: ex-third: the wr"),
        ("[2, 3, 1]", "[2, 3, 3]", r"\[2, 3, 3\] is no permutation of 1 to 3"),
        ("[2, 3, 1]", "2", "is no permutation of 1 to 3"),
        (":label: ex-steps", ":label: ex-stairs", "'ex-steps' stands in 'ex-stairs'; expected"),
        (":of: eq-double", ":of: eq-triple", "of 'eq-triple', which is not executed on this page"),
        ("&= 3 x - x \\\\\n", "", "an aligned derivation of three steps or more"),
        (
            'answer("ex-steps-words"',
            'answer("ex-steps", [1])\nanswer("ex-steps-words"',
            "no answer f",
        ),
        ("- wake\n", "- sleep\n", "lists the same item twice"),
        ("- less\n- more\n", "- less\n", "expected a list of two items or more"),
        (":kind: order", ":kind: sort", '"sort" unknown'),
        (":kind: order\n", "", "answer needs a :kind:, one of number, choice, order"),
        ("Divide.\n", "Divide.\n::::\n::::{note}\n", "stands in no exercise"),
        (
            'answer("ex-third-which", 1)',
            'answer("ex-third-which", 1); answer("ex-third-which", 2)',
            "a second cell answers 'ex-third-which'",
        ),
    ],
)
def test_a_field_and_its_answer_must_agree(project, old, new, message):
    errors = red(project, old, new)
    assert re.search(message, errors), errors
    assert re.search(r"page.md:\d+", errors), errors
