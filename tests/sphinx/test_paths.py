"""The map of a small book, its paths, and what is wrong with chapters that do not fit."""

import re
from typing import Any

import pytest

CAPABILITIES = "formulas places meanings prerequisites paths"
CONFIG = {
    "mathforml_parts": ["low", "high"],
    "mathforml_readers": {"cook": "Cook: I cook", "guest": "Guest: I eat"},
    "mathforml_roots": ["low/fire"],
}
WHOLE = {
    "low/index": ("Low", "", ""),
    "low/fire": ("Fire & flame", "cook: must, guest: skip", "nothing"),
    "low/water": ("Water", "cook: must, guest: skip", "[fire](#page-fire)"),
    "high/index": ("High", "", ""),
    "high/soup": ("Soup", "cook: useful, guest: must", "[w](#page-water), [f](../low/fire.md)"),
    "paths": ("Paths", "", ""),
}


def page(name: str, title: str, readers: str, before: str) -> str:
    """Return the text of a page."""
    label = name.replace("/", "-").removeprefix("low-").removeprefix("high-")
    top = f"---\nreaders: {{{readers}}}\n---\n" if readers else ""
    body = f"Before\n: {before}\n\nAfter\n: you can\n" if before else ""
    if name == "paths":
        body = "```{chapter-map}\n```\n\n```{paths}\n```\n"
    target = f"(page-{label})=\n" if label != "index" else ""
    return f"{top}{target}# {title}\n\n{body}"


@pytest.fixture(scope="module")
def built(book: Any) -> Any:
    """Return what builds the book, some chapters changed."""

    def run(changed: dict[str, tuple[str, str, str]] | None = None) -> tuple[Any, str]:
        pages = {name: page(name, *parts) for name, parts in {**WHOLE, **(changed or {})}.items()}
        app = book(CAPABILITIES, pages, config=CONFIG)
        return app, app.warning.getvalue()

    return run


@pytest.fixture(scope="module")
def html(built: Any) -> str:
    """Return the page with the map."""
    app, said = built()
    assert said == ""
    return (app.outdir / "paths.html").read_text("utf-8")


def test_the_map_links_every_chapter_in_reading_order(html: str) -> None:
    drawn = html[html.index("<svg") : html.index("</svg>")]
    links = re.findall(r'<a href="([^"]*)"', drawn)
    assert links == ["low/fire.html", "low/water.html", "high/soup.html"]
    assert re.findall(r'class="part"[^>]*>(\w+)<', drawn) == ["Low", "High"]
    assert "Fire &amp; flame" in drawn


def test_an_arc_that_follows_from_others_is_not_drawn(html: str) -> None:
    assert re.findall(r'data-from="(\d)" data-to="(\d)"', html) == [("0", "1"), ("1", "2")]


def test_each_chapter_says_in_words_what_it_builds_on(html: str) -> None:
    assert 'aria-label="Water; builds on Fire &amp; flame"' in html
    assert 'aria-label="Fire &amp; flame"' in html


def test_a_path_holds_what_is_a_must_or_useful_and_what_leads_there(html: str) -> None:
    for reader, pages in {
        "cook": [("low/fire", "must"), ("low/water", "must"), ("high/soup", "useful")],
        "guest": [("low/fire", "way"), ("low/water", "way"), ("high/soup", "must")],
    }.items():
        inside = re.search(rf'id="path-{reader}".*?</ol>', html, re.DOTALL)
        assert inside, f"no path for {reader}"
        found = re.findall(r'<li class="(\w+)">.*?href="([\w/]+)\.html"', inside[0], re.DOTALL)
        assert [(name, level) for level, name in found] == pages
    assert html.count("on the way") == 2
    assert html.count(">useful<") == 1


FIRE, WATER = WHOLE["low/fire"], WHOLE["low/water"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"low/fire": (*FIRE[:2], "[soup](#page-soup)")},
            "in a circle: low/fire builds on high/soup builds on low/fire; expected an end",
        ),
        (
            {"low/fire": (*FIRE[:2], "[w](#page-water)"), "low/water": (*WATER[:2], "nothing")},
            "low/fire.md: ERROR: the chapter builds on low/water, which comes after it",
        ),
        ({"low/water": (*WATER[:2], "nothing")}, "low/water.md: ERROR: the chapter builds on no"),
        ({"low/fire": ("Fire", "", "nothing")}, "the chapter says nothing of its readers"),
        ({"low/fire": ("Fire", "cook: must", "x")}, "says nothing to the reader 'guest'"),
        ({"low/fire": ("Fire", "cook: much, guest: skip", "x")}, "is 'much' for 'cook'; expected"),
        ({"low/fire": ("Fire", "cook: must, guest: skip, dog: must", "x")}, "a reader 'dog'"),
    ],
)
def test_a_chapter_that_does_not_fit_is_red(built: Any, changed: Any, said: str) -> None:
    assert said in built(changed)[1]
