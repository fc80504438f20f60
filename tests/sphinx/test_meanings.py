"""The notation of another book: listed, found by the search, and held against its cells."""

import json
import re

import pytest

CONF = 'mathforml_notation = "notation.toml"\nmyst_enable_extensions = ["dollarmath"]\n'
SYMBOL = r"""
[[symbol]]
latex = '\bar y'
name = "cotangent of $y$"
shape = "shape of $y$"
code = "y_bar"
page = "page-one"
"""
RATE = r"""
[[symbol]]
latex = '\eta'
name = "length of a step"
shape = "number"
code = "rate"
page = "page-one"
"""
ONE = r"""(page-one)=

$$
z = 2 \eta \bar y
$$ (eq-one)

```{code-cell}
from mathforml.equations import verify

rate = 0.5
verify("eq-one", {r"\bar y": 3.0}, eta=rate, z=3.0)
```

```{symbols}
```
"""
LIST = """# Symbols

```{symbol-list}
```
"""


@pytest.fixture(scope="module")
def project(foreign):
    """Return a book with a page, a list of its symbols, and their file."""
    book = foreign(CONF)
    book.write("src/tiny/__init__.py", '"""A package."""\n')
    book.write("docs/index.md", "# Book\n\n```{toctree}\none\nsymbols\n```\n")
    return book


@pytest.fixture
def build(project):
    """Return what writes the book anew and builds it."""

    def run(toml=SYMBOL + RATE, one=ONE):
        project.write("docs/notation.toml", toml)
        project.write("docs/symbols.md", LIST)
        project.page("one", one)
        return project.build()

    return run


@pytest.fixture
def site(build, project):
    """Return the published files of the book as it should be."""
    code, errors, _ = build()
    assert code == 0, errors
    return {name: data.decode("utf-8", "replace") for name, data in project.site().items()}


def row_of(html, latex):
    """Return the row of the table in which a formula stands."""
    found = re.findall(r"<tr.*?</tr>", html, re.DOTALL)
    return next(row for row in found if latex in row)


def test_a_symbol_is_listed_with_its_name_its_shape_its_code_and_its_page(site):
    row = re.search(r'<tr[^>]*id="symbol-y_bar-one".*?</tr>', site["symbols.html"], re.DOTALL)
    assert row, "no row"
    text = re.sub("<.*?>", " ", row[0])
    assert "cotangent of" in text
    assert "shape of" in text
    assert "y_bar" in text
    assert "One" in text
    assert 'href="one.html"' in row[0]
    assert "<math" in row[0]


def test_the_table_of_a_page_says_what_its_symbols_mean(site):
    row = row_of(site["one.html"], "length of a step")
    assert 'href="symbols.html#symbol-eta-one"' in row


@pytest.mark.parametrize("query", [r"\bar y", r"\bar{y}", "y_bar", "cotangent of y", "rate"])
def test_the_search_index_knows_a_symbol_by_its_latex_its_name_and_its_code(site, query):
    index = json.loads(site["searchindex.js"].removeprefix("Search.setIndex(").rstrip(")"))
    pages = [index["docnames"][number] for number, _ in index["alltitles"][query]]
    assert pages == ["symbols"]


def test_a_symbol_bound_under_another_name_is_red_with_page_and_symbol(build):
    code, errors, _ = build(one=ONE.replace("rate", "length"))
    assert code == 1
    line = next(line for line in errors.splitlines() if "notation calls" in line)
    assert "docs/one.md:" in line
    assert r"binds eta to length, and the notation calls \eta (length of a step, page-one)" in line
    assert "'rate'" in line


def test_changing_the_file_alone_is_noticed(build):
    assert build()[0] == 0
    code, errors, _ = build(SYMBOL + RATE.replace('"rate"', '"step"'))
    assert code == 1
    assert "'step'" in errors
    assert build(SYMBOL + RATE.replace('"rate"', '"step"'))[0] == 1


def test_a_letter_without_a_block_is_no_error_and_its_row_has_no_meaning(site):
    row = row_of(site["one.html"], ">z<")
    assert "aloud" not in row


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (SYMBOL.replace('shape = "shape of $y$"\n', ""), "has no 'shape'; expected text"),
        (SYMBOL.replace("shape =", "shap ="), "has an unknown 'shap'; perhaps 'shape'"),
        (SYMBOL + SYMBOL, "comes twice for 'page-one'; first in line 2"),
        (SYMBOL.replace("page-one", "page-two"), "names 'page-two', no page's label"),
        (SYMBOL.replace(r"\bar y", r"\bra{y"), "is no LaTeX"),
        (SYMBOL.replace('"y_bar"', '"y bar"'), "expected a name, or an expression, in Python"),
        (SYMBOL + 'also = "dy"\n', "expected a list of texts"),
        (SYMBOL.replace("]]", "]"), "no TOML"),
    ],
)
def test_a_block_that_is_not_whole_is_red_with_its_line(build, toml, said):
    code, errors, _ = build(toml)
    assert code == 1
    assert said in errors
    assert "notation.toml" in errors
