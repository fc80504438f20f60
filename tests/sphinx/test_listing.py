"""A listing shows the tested source, and nothing that does not exist or is not tested."""

import re
import sys
from html import unescape

import pytest

MODULE = '''"""A module."""

from math import sqrt

# How much is enough.
ENOUGH: float = 1e-6  # of a unit


def half(x: float) -> float:
    """Return half of ``x``.

    Twice.
    """

    # a comment stays
    return x / 2   # and so does   formatting


@staticmethod
@property
def decorated(
    x, *, y=(1,
             2)):
    "On one line."; return x


def silent():
    """Say nothing."""


def untested(x):
    return x


class Point:
    """A point."""

    x: float  # its place

    def norm(self) -> float:
        """Return its distance."""
        return abs(self.x)

    def nothing(self):
        """Do nothing."""


raise RuntimeError("a listing runs nothing")
'''
TESTS = """
from shop.tools.halves import ENOUGH, Point, decorated, half, silent, untested

assert half(2) < ENOUGH, decorated(Point().norm())
"""
API = """
# API

```{eval-rst}
.. py:module:: shop.tools.halves
.. py:data:: ENOUGH
.. py:function:: half(x)
.. py:function:: decorated(x)
.. py:class:: Point

   .. py:method:: norm()
```
"""
PAGE = """
# Page

```{listing} shop.tools.halves.half
```
```{listing} shop.tools.halves.decorated
```
```{listing} shop.tools.halves.Point
```
```{listing} shop.tools.halves.Point.norm
```
```{listing} shop.tools.halves.ENOUGH
```
"""
WRONG = """
# Wrong

```{listing} shop.tools.halves.haff
```

```{listing} shop.tools.halves.sqrt
```

```{listing} shop.tools.halves.silent
```

```{listing} shop.tools.halves.untested
```

```{listing} shop.tool.half
```

```{listing} shop.tools.halves
```

```{listing} shop.tools.halves.half.inner
```

```{listing} nowhere.half
```
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Lay out somebody else's project."""
    root = tmp_path_factory.mktemp("shop")
    (root / "src/shop/tools").mkdir(parents=True)
    (root / "src/shop/__init__.py").write_text("raise RuntimeError('nor does it import')")
    (root / "src/shop/tools/__init__.py").touch()
    (root / "src/shop/tools/halves.py").write_text(MODULE)
    (root / "tests/tools").mkdir(parents=True)
    (root / "tests/tools/test_halves.py").write_text(TESTS)
    sys.path.insert(0, str(root / "src"))
    yield root
    sys.path.remove(str(root / "src"))


@pytest.fixture(scope="module")
def app(book, shop):
    """Build a book about it."""
    return book("listing", {"page": PAGE, "api": API})


@pytest.fixture(scope="module")
def listings(app):
    """Return the listings of the page, by name."""
    html = (app.outdir / "page.html").read_text("utf-8")
    boxes = re.findall(
        r'<div class="listing[^"]*"[^>]*id="listing-([^"]+)"[^>]*>(.*?)</pre>', html, re.S
    )
    return dict(boxes)


def code(listing: str) -> str:
    """Return the text that the copy button copies."""
    return unescape(re.sub(r"<[^>]*>", "", listing.partition("<pre>")[2]))


def test_the_source_stands_there_as_it_is_without_its_docstring(listings):
    assert code(listings["half"]) == (
        "def half(x: float) -> float:\n"
        "    # a comment stays\n"
        "    return x / 2   # and so does   formatting\n"
    )


def test_decorators_stay_and_a_docstring_that_shares_its_line_goes(listings):
    assert code(listings["decorated"]) == (
        "@staticmethod\n@property\n"
        "def decorated(\n    x, *, y=(1,\n             2)):\n    return x\n"
    )


def test_a_class_and_its_methods_lose_their_docstrings(listings):
    assert code(listings["Point"]) == (
        "class Point:\n    x: float  # its place\n\n"
        "    def norm(self) -> float:\n        return abs(self.x)\n\n"
        '    def nothing(self):\n        """Do nothing."""\n'
    )


def test_a_method_starts_at_the_margin(listings):
    assert code(listings["Point-norm"]) == ("def norm(self) -> float:\n    return abs(self.x)\n")


def test_a_constant_is_listed_with_its_comment(listings):
    assert code(listings["ENOUGH"]) == "ENOUGH: float = 1e-6  # of a unit\n"


def test_the_header_leads_to_the_api_and_says_tested(listings):
    assert 'href="api.html#shop.tools.halves.half"' in listings["half"]
    assert ">tested</span>" in listings["half"]
    assert "<code" in listings["half"].partition("<pre>")[0]


def test_the_code_is_highlighted_where_the_copy_button_looks(listings):
    assert '<div class="highlight"><pre>' in listings["half"]
    assert '<span class="k">def</span>' in listings["half"]


def test_a_book_without_source_pages_links_to_no_source(listings, app):
    assert ">source</a>" not in listings["half"]
    assert app.warning.getvalue() == ""


def test_a_repository_is_linked_where_there_are_no_source_pages(book, shop):
    config = {"mathforml_source_url": "https://example.org/blob/main/{path}"}
    app = book("listing", {"page": PAGE, "api": API}, config=config)
    html = (app.outdir / "page.html").read_text("utf-8")
    assert 'href="https://example.org/blob/main/src/shop/tools/halves.py"' in html


def test_other_builders_show_the_listing_too(book, shop):
    app = book("listing", {"page": PAGE, "api": API}, builder="text")
    text = (app.outdir / "page.txt").read_text("utf-8")
    assert "def half(x: float) -> float:" in text
    assert "source" not in text


def test_tests_may_be_left_out_of_account(book, shop):
    page = "# Page\n\n```{listing} shop.tools.halves.untested\n```\n"
    api = API.replace("half(x)", "untested(x)")
    app = book("listing", {"page": page, "api": api}, config={"mathforml_listing_tests": ""})
    assert app.warning.getvalue() == ""
    assert ">tested<" not in (app.outdir / "page.html").read_text("utf-8")


# Refusals


@pytest.fixture(scope="module")
def complaints(book, shop):
    """Return what the build says of a page with mistakes."""
    return book("listing", {"wrong": WRONG, "api": API}).warning.getvalue()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (4, "shop.tools.halves defines no 'haff'; close to it: half"),
        (7, "shop.tools.halves only imports 'sqrt'; name math.sqrt"),
        (10, "shop.tools.halves.silent is only a docstring; nothing is left to show"),
        (13, "no test uses shop.tools.halves.untested"),
        (16, "shop defines no 'tool'; close to it: tools"),
        (19, "expected package.module.name"),
        (22, "shop.tools.halves.half has no members to show"),
        (25, "no module to read 'nowhere.half' from; expected package.module.name"),
    ],
)
def test_a_mistake_is_named_with_its_line(complaints, line, message):
    assert re.search(rf"wrong\.md:{line}: WARNING: listing: .*{re.escape(message)}", complaints)


def test_a_function_outside_the_api_is_missed(complaints):
    assert "wrong.md:13: WARNING: py:func reference target not found" in complaints
