"""A small self-test: what its page tells, how it counts, what it leaves of the paths, what is red.

Soup builds on water, water on fire. It is read from the disk, without a server.
"""

import json
import re
from html import unescape
from typing import Any

import pytest

from mathforml.sphinx.self_test import thresholds

CHAPTERS = {
    "low/fire": ("Fire & flame", "cook: must, guest: skip", "nothing"),
    "low/water": ("Water", "cook: useful, guest: skip", "[fire](#page-fire)"),
    "high/soup": ("Soup", "cook: must, guest: must", "[water](#page-water)"),
    "high/bread": ("Bread", "cook: useful, guest: skip", "[fire](../low/fire.md)"),
}
CONF = """
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
html_math_renderer = "mathml"
mathforml_parts = ["low", "high"]
mathforml_readers = {"cook": "Cook: I cook", "guest": "Guest: I eat"}
mathforml_roots = ["low/fire"]
"""
CHAPTER = """---
readers: {{{readers}}}
---
(page-{name})=
# {title}

Before
: {before}

After
: you can
"""
QUESTION = """
::::{{exercise}} {title}
:label: ex-{name}

{more}
:::{{answer}} ex-{name}
:kind: number
how much
:::
::::
:::{{solution}} ex-{name}
More in [this chapter](#page-{chapter}).
:::

```{{code-cell}}
:tags: [solution]
answer("ex-{name}", {right}, {{{wrong}: "that is the other one"}})
```
"""
ASKED = [
    ("## Heat", "heat", "How hot", 3, "fire", ""),
    ("", "light", "How <light>", 5, "fire", "The [index](#page-index) is no chapter.\n"),
    ("## Wet", "wet", "How wet", 7, "water", ""),
    ("", "broth", "How thick", 9, "soup", ":::{answer} ex-broth-2\n:kind: number\nagain\n:::\n"),
]
RIGHT = {"ex-heat": 3, "ex-light": 5, "ex-wet": 7, "ex-broth": 9, "ex-broth-2": 2}
TEST = "\n".join(
    [
        "```{code-cell}\nfrom mathforml.exercises import answer\n```\n",
        *(
            f"{head}\n"
            + QUESTION.format(
                name=name, title=title, right=right, wrong=right + 1, chapter=chapter, more=more
            )
            for head, name, title, right, chapter, more in ASKED
        ),
        '```{code-cell}\nanswer("ex-broth-2", 2, {3: "too many"})\n```\n',
        "## Levels\n\n```{levels}\n```\n\n## Ways\n\n```{ways}\n```\n\n```{progress}\n```\n",
    ]
)


@pytest.fixture(scope="module")
def project(foreign: Any) -> Any:
    """Return a book of four chapters and a self-test, built once."""
    book = foreign(CONF)
    book.write("src/tiny/__init__.py", "")
    pages = "\n".join([*CHAPTERS, "test", "low/index"])
    book.write("docs/index.md", f"(page-index)=\n# Book\n\n```{{toctree}}\n{pages}\n```\n")
    book.write("docs/low/index.md", "# Low\n")
    for name, (title, readers, before) in CHAPTERS.items():
        short = name.partition("/")[2]
        text = CHAPTER.format(name=short, title=title, readers=readers, before=before)
        book.write(f"docs/{name}.md", text)
    book.page("test", TEST)
    code, errors, _ = book.build()
    assert code == 0, errors
    return book


@pytest.fixture(scope="module")
def html(project: Any) -> str:
    return (project.root / "build/html/test.html").read_text("utf-8")


def told(html: str, kind: str) -> Any:
    """Return what a part of the page tells the script."""
    tag = re.search(rf'<div [^>]*class="[^"]*\b{kind}\b[^>]*>', html)
    assert tag
    found = re.search('data-told="(.*?)"', tag[0])
    assert found
    return json.loads(unescape(found[1]))


# What the page tells


def test_a_section_is_a_subject_and_an_exercise_a_question(html: str) -> None:
    data = told(html, "levels")
    assert data["chapters"] == [
        ["low/fire.html", "Fire & flame"],
        ["low/water.html", "Water"],
        ["high/soup.html", "Soup"],
    ]
    assert [(one["id"], one["name"], one["from"]) for one in data["subjects"]] == [
        ("heat", "Heat", [1, 2]),
        ("wet", "Wet", [1, 2]),
    ]
    asked = [ask for one in data["subjects"] for ask in one["asks"]]
    assert asked[1] == {
        "id": "ex-light",
        "name": "How <light>",
        "fields": ["ex-light"],
        "chapter": 0,
    }
    assert [ask["chapter"] for ask in asked] == [0, 0, 1, 2]


def test_it_says_in_a_table_how_to_count_without_a_script(html: str) -> None:
    table = re.search(r'<table class="scores.*?</table>', html, re.DOTALL)
    assert table
    rows = [
        [re.sub("<.*?>", "", cell).strip() for cell in re.findall(r"<td>.*?</td>", row, re.DOTALL)]
        for row in re.findall(r"<tr.*?</tr>", table[0], re.DOTALL)[1:]
    ]
    assert rows == [
        ["Heat", "0", "1", "2", "Fire &amp; flame"],
        ["Wet", "0", "1", "2", "Water"],
    ]


def test_a_way_has_the_musts_and_what_leads_to_them_and_says_what_builds_on_what(html: str) -> None:
    data = told(html, "ways")
    assert data["high/soup.html"] == {
        "before": ["low/water.html"],
        "fields": ["ex-broth-2", "ex-broth"],
    }
    assert data["low/fire.html"] == {"before": [], "fields": ["ex-heat", "ex-light"]}
    assert data["high/bread.html"] == {"before": ["low/fire.html"], "fields": []}
    fire = {"cook": "must", "guest": "way"}
    for reader in fire:  # to the cook water is useful, to the guest nothing
        inside = re.search(rf'id="path-{reader}".*?</ol>', html, re.DOTALL)
        assert inside
        items = re.findall(r'<li class="(\w+)">.*?href="\w+/(\w+)\.html"', inside[0], re.DOTALL)
        assert items == [(fire[reader], "fire"), ("way", "water"), ("must", "soup")]


def test_the_scripts_are_loaded_where_they_are_needed_and_are_small(project: Any) -> None:
    site = project.root / "build/html"
    page, other = ((site / name).read_text("utf-8") for name in ("test.html", "low/fire.html"))
    for name in ("answers.js", "paths.js", "self_test.js"):
        assert page.count(name) == 1
        assert name not in other
    script = (site / "_static/self_test.js").read_text("utf-8")
    assert len(script) < 9000
    assert not re.search(r"\beval\(|new Function|\.on\w+ =", script)


@pytest.mark.parametrize("count", range(1, 12))
def test_all_known_is_ready_and_none_known_is_not_and_more_never_lowers_a_level(count: int) -> None:
    warm, ready = thresholds(count)
    assert 1 <= warm <= ready <= count
    assert ready >= count - 1


# How it counts, in a browser


@pytest.fixture
def page(project: Any, browser: Any) -> Any:
    """Return the test in a browser that knows nothing of its reader."""
    context = browser.new_context()
    page = context.new_page()
    page.goto((project.root / "build/html/test.html").as_uri())
    yield page
    context.close()


def say(page: Any, label: str, value: float) -> None:
    """Answer a question."""
    form = page.locator(f"form[data-label='{label}']")
    form.locator("input").fill(f"{value}")
    form.locator("input").press("Enter")
    form.locator("[role=status]:not(:empty)").wait_for()


def know(page: Any, *labels: str) -> None:
    """Answer some questions rightly."""
    for label in labels:
        say(page, label, RIGHT[label])


def states(page: Any) -> list[str]:
    """Return how the questions stand."""
    read = "marks => marks.map(mark => mark.dataset.state)"
    return list(page.locator(".standing .asked").evaluate_all(read))


def levels(page: Any) -> list[str]:
    """Return the levels of the subjects."""
    return list(page.locator(".standing .level").all_inner_texts())


def left(page: Any, reader: str) -> list[str]:
    """Return what is left of a path."""
    return list(page.locator(f"#path-{reader} li:not([hidden]) a").all_inner_texts())


def test_nothing_answered_is_no_level_and_the_whole_path(page: Any) -> None:
    assert states(page) == ["open"] * 4
    assert levels(page) == ["not tried yet"] * 2
    assert left(page, "cook") == ["Fire & flame", "Water", "Soup"]
    assert page.locator(".left:visible").count() == 0


def test_right_at_once_is_known_and_right_later_is_found(page: Any) -> None:
    know(page, "ex-heat")
    say(page, "ex-light", 6)
    assert states(page)[:2] == ["known", "missed"]
    know(page, "ex-light")
    assert states(page)[:2] == ["known", "found"]
    assert levels(page)[0] == "warm"
    page.reload()
    assert states(page)[:2] == ["known", "found"]


def test_what_is_solved_stays_known_whatever_is_typed_or_unfolded_later(page: Any) -> None:
    know(page, "ex-heat")
    say(page, "ex-heat", 4)
    page.locator("#ex-heat-solution > summary").click()
    page.wait_for_timeout(50)
    assert states(page)[0] == "known"


def test_a_question_of_two_fields_is_as_good_as_the_worse_one(page: Any) -> None:
    say(page, "ex-broth", 10)
    know(page, "ex-broth")
    assert states(page)[3] == "open"
    say(page, "ex-broth-2", 3)
    assert states(page)[3] == "missed"
    know(page, "ex-broth-2")
    assert states(page)[3] == "found"


def test_a_solution_that_was_unfolded_first_is_looked_up_not_known(page: Any) -> None:
    page.locator("#ex-heat-solution > summary").click()
    page.locator(".asked[data-state=looked]").wait_for()
    assert page.locator("#ex-heat .head").inner_text().endswith("looked up")
    know(page, "ex-heat")
    assert states(page)[0] == "found"
    assert page.locator("#ex-heat .head").inner_text().endswith("solved in the end")


def test_a_wrong_answer_stays_one_when_the_solution_is_unfolded(page: Any) -> None:
    say(page, "ex-heat", 4)
    page.locator("#ex-heat-solution > summary").click()
    page.wait_for_timeout(50)
    assert states(page)[0] == "missed"


def test_what_is_no_number_is_no_wrong_answer(page: Any) -> None:
    for text in ("", "five"):
        form = page.locator("form[data-label='ex-heat']")
        form.locator("input").fill(text)
        form.locator("input").press("Enter")
        form.get_by_text("Type a number").wait_for()
    assert states(page)[0] == "open"


def test_every_state_has_a_name_for_those_who_do_not_see_it(page: Any) -> None:
    know(page, "ex-heat")
    say(page, "ex-light", 6)
    names = [link.get_attribute("aria-label") for link in page.locator(".standing .asks a").all()]
    assert names[:3] == [
        "How hot: known at the first try",
        "How <light>: not yet",
        "How wet: open",
    ]


def test_a_level_waits_until_the_open_questions_cannot_change_it(page: Any) -> None:
    know(page, "ex-heat")
    assert levels(page)[0] == "so far"
    know(page, "ex-light")
    assert levels(page)[0] == "ready"
    say(page, "ex-wet", 8)
    assert levels(page)[1] == "so far"
    say(page, "ex-broth", 10)
    assert levels(page)[1] == "begin here"
    assert page.locator(".standing li").nth(1).locator(".advice a").inner_text() == "Water"


def test_a_known_chapter_is_left_out_with_what_only_it_leans_on(page: Any) -> None:
    know(page, "ex-wet")
    assert left(page, "guest") == ["Soup"]
    assert left(page, "cook") == ["Fire & flame", "Soup"]
    said = page.locator("#path-guest .left")
    assert said.locator("a").all_inner_texts() == ["Water"]
    know(page, "ex-broth", "ex-broth-2")
    assert left(page, "guest") == []
    assert said.inner_text().startswith("Nothing is left: you knew the questions of Soup.")


def test_a_chapter_is_known_by_all_its_questions_and_skimmed_if_they_were_found(page: Any) -> None:
    know(page, "ex-heat")
    assert "Fire & flame" in left(page, "cook")
    say(page, "ex-light", 6)
    assert page.locator("#path-cook .skim").count() == 0
    know(page, "ex-light")
    assert left(page, "cook")[0] == "Fire & flame"
    assert page.locator("#path-cook li:not([hidden]) .skim").count() == 1


def test_it_can_be_taken_again_and_other_progress_stays(page: Any) -> None:
    page.evaluate("localStorage.setItem('mathforml.solved.1', '{\"ex-other\": 1}')")
    page.reload()
    know(page, "ex-heat")
    say(page, "ex-light", 6)
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Take it again").click()
    assert states(page)[:2] == ["known", "missed"]
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Take it again").click()
    assert states(page) == ["open"] * 4
    assert page.locator("form[data-label='ex-heat'] input").input_value() == ""
    assert page.locator("#ex-heat .head").inner_text().endswith("How hot")
    page.reload()
    assert states(page) == ["open"] * 4
    kept = page.evaluate("localStorage.getItem('mathforml.solved.1')")
    assert json.loads(kept) == {"ex-other": 1}


def test_to_erase_all_progress_erases_the_tries_as_well(page: Any) -> None:
    say(page, "ex-light", 6)
    know(page, "ex-heat")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Erase all").click()
    assert states(page) == ["open"] * 4
    assert page.evaluate("Object.keys(localStorage)") == []


@pytest.mark.parametrize(
    "broken",
    [
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('closed'); }})",
        "Storage.prototype.setItem = () => { throw new Error('full'); }",
        "localStorage.setItem('mathforml.tried.1', '{not json')",
        "localStorage.setItem('mathforml.tried.1', 'null')",
    ],
)
def test_a_storage_that_is_closed_full_or_spoilt_stops_no_count(page: Any, broken: str) -> None:
    page.context.add_init_script(broken)
    page.reload()
    know(page, "ex-heat")
    say(page, "ex-light", 6)
    know(page, "ex-light")
    assert states(page)[:2] == ["known", "found"]


# What turns the build red


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("#page-water", "#page-index", r"test.md:\d+: ERROR: the question 'How wet' names no chap"),
        ("[this chapter](#page-soup)", "a book", "the question 'How thick' names no chapter"),
        ("[this chapter](#page-fire)", "[it](#page-air)", "page-air"),
    ],
)
def test_a_question_without_a_chapter_is_red(
    project: Any, old: str, new: str, message: str
) -> None:
    file = project.root / "docs/test.md"
    before = file.read_text("utf-8")
    assert old in before
    file.write_text(before.replace(old, new), "utf-8")
    code, errors, _ = project.build()
    file.write_text(before, "utf-8")
    assert code == 1
    assert re.search(message, errors), errors


def test_a_self_test_without_questions_is_red(project: Any) -> None:
    file = project.write("docs/low/index.md", "# Low\n\n```{levels}\n```\n")
    code, errors, _ = project.build()
    file.write_text("# Low\n", "utf-8")
    assert code == 1
    assert "a self-test without questions; expected exercises" in errors
