"""Every page says what it holds; the page for lost readers works at any address."""

from typing import Any

import pytest
from sphinx.testing.util import SphinxTestApp

from mathforml.sphinx.pages import from_root

FRONT = "---\nmyst:\n  html_meta:\n    description: {}\n---\n\n# A page\n"


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ("# A page\n", "none"),
        (FRONT.format("Too short."), "one of 10"),
        (FRONT.format("x" * 161), "one of 161"),
        (FRONT.format("x" * 70), ""),
        (FRONT.format("x" * 160), ""),
    ],
)
def test_a_page_without_a_proper_description_is_told(book: Any, page: str, complaint: str) -> None:
    app = book("pages", {"part/page": page}, config={"mathforml_describe_pages": True})
    told = [line for line in app.warning.getvalue().splitlines() if "part/page.md" in line]
    assert len(told) == bool(complaint)
    assert complaint in "".join(told)


def test_a_page_without_a_description_is_told_again_by_the_next_build(book: Any) -> None:
    app = book("pages", {"page": "# A page\n"}, config={"mathforml_describe_pages": True})
    again = SphinxTestApp("html", srcdir=app.srcdir)
    try:
        again.build()
    finally:
        again.cleanup()
    assert "page.md: WARNING: A page wants one description" in again.warning.getvalue()


def test_other_projects_are_left_in_peace(book: Any) -> None:
    assert book("pages", {"page": "# A page\n"}).warning.getvalue() == ""


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ('href="index.html"', 'href="/book/index.html"'),
        ('src="./_static/a.js"', 'src="/book/_static/a.js"'),
        ('data-content_root="./"', 'data-content_root="/book/"'),
        ('action="search.html"', 'action="/book/search.html"'),
        ('href="#here"', 'href="#here"'),
        ('href="https://example.org/"', 'href="https://example.org/"'),
        ('href="/book/index.html"', 'href="/book/index.html"'),
        ('title="index.html"', 'title="index.html"'),
    ],
)
def test_a_lost_reader_s_links_start_at_the_root(link: str, expected: str) -> None:
    assert from_root(f"<a {link}>", "/book/") == f"<a {expected}>"


@pytest.mark.parametrize(("address", "root"), [("", "/"), ("https://example.org/book", "/book/")])
def test_the_page_for_lost_readers_knows_where_the_site_lies(
    book: Any, address: str, root: str
) -> None:
    lost = "# Nothing is here\n\n[Begin](index.md)\n"
    pages = {"404": lost, "page": "# A page\n\n[Begin](index.md)\n"}
    app = book("pages", pages, config={"html_baseurl": address})
    found = (app.outdir / "404.html").read_text("utf-8")
    assert f'href="{root}index.html"' in found
    assert f"{root}_static/" in found
    assert 'href="index.html"' not in found
    assert 'href="index.html"' in (app.outdir / "page.html").read_text("utf-8")
