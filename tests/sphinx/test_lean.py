"""Code comes without elements that show nothing, and scripts wait for the page."""

import re

import pytest

PAGE = """
# Page

```python
def f(x):  # why
    "Do <it>."
    return x + 1
```

`inline` and <span class="k">a span of the author</span>
"""


@pytest.fixture(scope="module")
def html(book):
    """Build a book that colors comments and names, and one that says nothing."""

    def build(**config):
        folder = book("lean", {"page": PAGE}, config=config).outdir
        return (folder / "page.html").read_text("utf-8")

    return {"lean": build(mathforml_code_classes=("c1", "nf")), "rich": build()}


def code(html):
    """Return what stands in the block of code."""
    return re.search(r'<div class="highlight"><pre[^>]*>(.*?)</pre>', html, re.S)[1]


def test_only_what_has_a_color_is_an_element(html):
    assert re.findall(r'<span class="(\w+)">(.*?)</span>', code(html["lean"])) == [
        ("nf", "f"),
        ("c1", "# why"),
    ]


def test_the_code_itself_is_the_same(html):
    lean, rich = (re.sub(r"<[^>]*>", "", code(html[kind])) for kind in ("lean", "rich"))
    assert lean == rich
    assert "Do &lt;it&gt;." in lean


def test_a_book_that_says_nothing_keeps_all_of_them(html):
    assert '<span class="k">def</span>' in code(html["rich"])


def test_nothing_outside_of_code_changes(html):
    assert '<span class="k">a span of the author</span>' in html["lean"]


def test_every_script_of_a_file_waits(html):
    scripts = re.findall(r"<script [^>]*src=[^>]*>", html["rich"])
    assert scripts
    assert all("defer" in script for script in scripts)


def test_the_search_runs_what_its_own_scripts_lean_on_at_once(book):
    page = (book("lean", {"page": PAGE}).outdir / "search.html").read_text("utf-8")
    (tools,) = re.findall(r"<script [^>]*doctools[^>]*>", page)
    assert "defer" not in tools
