"""Code and tables come without elements that show nothing; scripts and long tables wait."""

import re

import pytest

from mathforml.sphinx.lean import MANY

PAGE = """
# Page

```python
def f(x):  # why
    "Do <it>."
    return x + 1
```

`inline` and <span class="k">a span of the author</span>

| what | where |
|---|---|
| `x - 1` **bold** | [a link](other.md) |

```{list-table}
- - First.

    Second.
  - Alone.
```
"""

OTHER = """
# Other
"""


def rows(count):
    """Return a page with a table of so many rows below its head, in two parts."""
    head = "\n\n| a |\n|---|\n"
    return "# Rows\n" + head + "| b |\n" * (count - 4) + head + "| b |\n" * 2


@pytest.fixture(scope="module")
def html(book):
    """Build a book that colors comments and names, and one that says nothing."""

    def build(**config):
        folder = book("lean", {"page": PAGE, "other": OTHER}, config=config).outdir
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


def test_a_word_of_inline_code_is_no_element(html):
    assert ">x - 1</code>" in html["lean"]
    assert '<span class="pre">x</span>' in html["rich"]


def test_a_cell_of_one_paragraph_is_written_without_it(html):
    for page in html.values():
        cells = re.findall(r"<td[^>]*>(.*?)</td>", page, re.S)
        assert [cell.count("<p>") for cell in cells] == [0, 0, 2, 0]
        assert cells[3].strip() == "Alone."
        assert cells[0].endswith("<strong>bold</strong>")
        assert 'href="other.html"' in cells[1]


@pytest.mark.parametrize("count", [MANY - 1, MANY])
def test_only_where_rows_are_very_many_each_table_says_how_many_it_has(book, count):
    folder = book("lean", {"rows": rows(count)}, config={"html_theme": "furo"}).outdir
    page = (folder / "rows.html").read_text("utf-8")
    wrappers = re.findall(r"<div[^>]*table-wrapper[^>]*>", page)
    said = [re.findall(r'style="--rows: (\d+)"', one) for one in wrappers]
    assert said == ([[str(count - 3)], ["3"]] if count >= MANY else [[], []])
    assert ("dataset.tables" in page.partition("</head>")[0]) == (count >= MANY)


def test_every_script_of_a_file_waits(html):
    scripts = re.findall(r"<script [^>]*src=[^>]*>", html["rich"])
    assert scripts
    assert all("defer" in script for script in scripts)


def test_the_search_runs_what_its_own_scripts_lean_on_at_once(book):
    page = (book("lean", {"page": PAGE}).outdir / "search.html").read_text("utf-8")
    (tools,) = re.findall(r"<script [^>]*doctools[^>]*>", page)
    assert "defer" not in tools
