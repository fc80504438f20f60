"""Published numbers on the pages of another book: a line under the cell, a ledger of all."""

import re

import pytest

PAGE = """
```{code-cell}
from mathforml.published import published

published("Half of $\\\\pi$", 1.5707963, "1.571", source="euclid", note="to three places")
published("Half of $\\\\pi$", [1.5708, -0.5], ["1.57", "−0.5"], source="archimedes")
record = published("A misprint", 0.126, "0.12", source="euclid", fails="a digit was lost")
record
```
"""
LEDGER = "# Ledger\n\n```{published-numbers}\n```\n"
CONF = 'myst_enable_extensions = ["dollarmath"]\nhtml_math_renderer = "mathml"\n'


@pytest.fixture(scope="module")
def project(foreign):
    """Return a book with one page of published numbers and their ledger, built once."""
    book = foreign(CONF)
    book.write("src/tiny/__init__.py", "")
    book.write("docs/index.md", "# Book\n\n```{toctree}\nledger\npage\n```\n")
    book.write("docs/ledger.md", LEDGER)
    book.page("page", PAGE)
    code, errors, _ = book.build()
    assert code == 0, errors
    return book


def page(book, name):
    return (book.root / f"build/html/{name}.html").read_text("utf-8")


def text(html):
    return " ".join(re.sub("<[^>]*>", "", html).split())


def test_a_line_under_the_cell_says_theirs_the_source_and_ours(project):
    html = page(project, "page")
    line = text(re.search(r'id="published-half-of-pi">(.*?)</div>', html, re.DOTALL)[1])
    assert line == "✓ Half of π. In print: 1.571, euclid. Here: 1.57080. To three places."


def test_a_name_that_comes_twice_has_two_addresses(project):
    assert 'id="published-half-of-pi-2"' in page(project, "page")


def test_a_record_that_ends_its_cell_is_shown_once(project):
    assert page(project, "page").count('id="published-a-misprint') == 1


def test_a_number_that_fails_is_marked_and_says_why(project):
    html = page(project, "page")
    line = text(re.search(r'id="published-a-misprint">(.*?)</div>', html, re.DOTALL)[1])
    assert line.startswith("≠ A misprint. In print: 0.12, euclid. Here: 0.1260.")
    assert line.endswith("They differ: a digit was lost.")


def test_the_ledger_lists_all_with_their_pages(project):
    html = page(project, "ledger")
    assert "4 numbers from 2 sources, computed again on 1 page; 1 entry differs" in text(html)
    assert 'href="page.html#published-half-of-pi-2"' in html
    assert text(html).count("archimedes") == 1
    assert "They differ: a digit was lost." in text(html)


def test_the_ledger_follows_a_change_of_a_page(project):
    file = project.root / "docs/page.md"
    before = file.read_text("utf-8")
    file.write_text(before.replace('"1.57", ', '"1.5708", '), "utf-8")
    code, errors, ran = project.build()
    changed = page(project, "ledger")
    file.write_text(before, "utf-8")
    assert (code, ran) == (0, ["page"]), errors
    assert "1.5708" in text(changed)


def test_a_number_that_is_off_fails_the_build_at_its_cell(project):
    file = project.root / "docs/page.md"
    before = file.read_text("utf-8")
    file.write_text(before.replace('"1.571"', '"1.572"'), "utf-8")
    code, errors, _ = project.build()
    file.write_text(before, "utf-8")
    assert code == 1
    assert "PublishedMismatch" in errors
    assert "1.572 was published, ours is 1.5707963" in errors
