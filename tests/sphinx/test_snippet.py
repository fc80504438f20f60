"""A snippet in a page is what the command line copies, folded, and never out of date."""

import re
import sys
from html import unescape

import pytest

from mathforml.snippets import snippet

MODULE = '''"""A module."""

from market.prices import PRICE as COST


def bill(n: int) -> float:
    """Return what ``n`` cost, if n < 3 & cheap."""
    return n * COST
'''
PAGE = """
# Page

```{snippet} market.stalls.fruit.bill
```

```{snippet} market.stalls.fruit.bill market.prices.PRICE
```
"""
WRONG = """
# Wrong

```{snippet} market.stalls.fruit.bell
```
"""


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    """Lay out somebody else's project, which no snippet may import."""
    root = tmp_path_factory.mktemp("market")
    (root / "market/stalls").mkdir(parents=True)
    (root / "market/__init__.py").write_text("raise RuntimeError('nothing is imported')")
    (root / "market/stalls/__init__.py").touch()
    (root / "market/stalls/fruit.py").write_text(MODULE)
    (root / "market/prices.py").write_text("PRICE = 2.5  # a pound\n")
    sys.path.insert(0, str(root))
    yield root
    sys.path.remove(str(root))


SETTINGS = {"html_baseurl": "https://book.example/", "mathforml_snippet_license": "MIT, by us"}


@pytest.fixture(scope="module")
def app(book, market):
    """Build a book about it."""
    return book("snippet", {"page": PAGE}, config=SETTINGS)


@pytest.fixture(scope="module")
def folds(app):
    """Return the folds of the page."""
    html = (app.outdir / "page.html").read_text("utf-8")
    return re.findall(r"<details.*?</details>", html, re.S)


def test_the_page_shows_what_the_command_line_copies(folds):
    site, license = SETTINGS["html_baseurl"], SETTINGS["mathforml_snippet_license"]
    code = snippet("market.stalls.fruit.bill", site=site, license=license).code
    pre = re.search(r"<pre[^>]*>(.*)</pre>", folds[0], re.S)[1]
    assert unescape(re.sub(r"<[^>]*>", "", pre)) == code
    assert "# License: MIT, by us\n" in code
    assert "https://book.example/stalls/fruit.html\n" in code


def test_it_unfolds_without_a_script_and_the_copy_button_finds_it(folds):
    assert folds[0].startswith('<details class="snippet" id="snippet-bill">')
    assert "<summary>Copy <code>bill</code>: " in folds[0]
    assert '<div class="highlight"><pre' in folds[0]  # where sphinx-copybutton looks


def test_several_stand_in_one_block_and_their_addresses_differ(folds):
    assert "<code>bill</code>, <code>PRICE</code>" in folds[1]
    assert 'id="snippet-bill"' not in folds[1]


def test_few_parts_of_the_code_are_elements_of_their_own(folds):
    spans = re.findall(r'<span class="(\w+)">([^<]*)', folds[0])
    assert {kind for kind, _ in spans} <= {"c1", "sd", "nf", "s2"}
    assert ("nf", "bill") in spans


def test_the_search_does_not_find_the_code_twice(app):
    index = (app.outdir / "searchindex.js").read_text("utf-8")
    assert "cheap" not in index


def test_the_page_depends_on_every_file_from_which_it_is_cut(app, market):
    found = {path.rpartition("/market/")[2] for path in map(str, app.env.dependencies["page"])}
    assert {"stalls/fruit.py", "prices.py"} <= found


def test_what_cannot_be_copied_is_named_with_the_line(book, market):
    app = book("snippet", {"page": WRONG}, config=SETTINGS)
    warning = app.warning.getvalue()
    assert "page.md:4" in warning
    assert "snippet: market.stalls.fruit defines no 'bell'" in warning


def test_a_changed_helper_renews_the_page(foreign):
    book = foreign('html_baseurl = "https://book.example"')
    book.write("src/tiny/__init__.py", "")
    book.write("src/tiny/low.py", "STEP = 1\n")
    book.write("src/tiny/high.py", "from tiny.low import STEP\n\ndef up(x):\n    return x + STEP\n")
    book.page("index", "```{snippet} tiny.high.up\n```\n")
    assert book.build()[0] == 0
    assert b"STEP = 1\n" in book.site()["index.html"]
    book.write("src/tiny/low.py", "STEP = 2\n")
    assert book.build()[0] == 0
    assert b"STEP = 2\n" in book.site()["index.html"]
