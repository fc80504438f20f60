"""The notebook of a page says what the page says, and runs without Sphinx."""

import json

import nbformat
import pytest
from nbclient import NotebookClient

from mathforml.sphinx import notebooks
from mathforml.sphinx.markdown import escape
from mathforml.sphinx.notebooks import without_glue

CONFIG = {
    "nb_execution_mode": "force",
    "mathforml_packages": ["mathforml"],
    "mathforml_listing_tests": "",
    "nitpicky": False,  # the listed function has no entry in this book
}
CAPABILITIES = "boxes folds listing cells freshness notebooks"
PAGE = r"""---
file_format: mystnb
kernelspec: {name: python3, display_name: Python 3}
---
(page-one)=
# One

```{question}
Which way should $x$ move?
```

:::{recall} What is $x^2$ at **2**?
It is $4$.
:::

Stars * and dollars \$ survive.{sidenote}`An *old* habit.` See {numref}`thm-b`, {ref}`page-two` and
[the numpy](https://numpy.org).

$$
y = \max(x, 0)
$$ (eq-y)

:::{theorem} Of all
:label: thm-b

By {eq}`eq-y`:

$$
z = 2 y
$$ (eq-z)

- one
- two
  1. deep
:::

| a | b |
|---|---|
| 1 | $x$ |

```{listing} mathforml.shapes.check_shapes
```

## A cell

```{code-cell}
import numpy as np
from myst_nb import glue

from mathforml.neural.activations import relu

x = np.array([-1.0, 2.0])
for value in x:
    glue(f"value-{value}", float(value), display=False)
glue("largest", float(relu(x).max()), display=False)
relu(x)
```

The largest is {glue:text}`largest:.1f`.

```{code-cell}
:tags: [remove-cell]
divisor = 0
```

```{code-cell}
:tags: [raises-exception]
1 / divisor
```

:::{exercise} Do it
:label: ex-do

Now.
:::

:::{solution} ex-do
So.
:::

```{code-cell}
:tags: [solution]
assert relu(-1.0) == 0
```
"""
TWO = "(page-two)=\n# Two\n\nNo code here.\n"


@pytest.fixture(scope="module")
def built(book):
    app = book(CAPABILITIES, {"part/one": PAGE, "two": TWO}, config=CONFIG)
    assert app.warning.getvalue() == ""
    return app


@pytest.fixture(scope="module")
def path(built):
    return built.outdir / "notebooks/part/one.ipynb"


@pytest.fixture(scope="module")
def notebook(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture(scope="module")
def text(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


# It runs


def test_the_notebook_runs_where_there_is_no_sphinx(notebook, tmp_path, monkeypatch):
    blocked = (
        "import sys\nfor name in ('myst_nb', 'sphinx', 'docutils'):\n    sys.modules[name] = None"
    )
    notebook = nbformat.from_dict(json.loads(json.dumps(notebook)))
    notebook.cells.insert(0, nbformat.v4.new_code_cell(blocked))
    ran = NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    results = [cell.outputs[0] for cell in ran.cells if cell.get("outputs")]
    assert results[0].data["text/plain"] == "array([0., 2.])"
    assert results[1].ename == "ZeroDivisionError"


def test_a_cell_that_the_page_does_not_show_is_there_since_others_need_it(notebook):
    sources = [cell.source for cell in notebook.cells]
    assert sources.index("divisor = 0") == sources.index("1 / divisor") - 1


def test_the_format_is_the_newest_and_valid(notebook):
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"


def test_it_says_first_which_versions_it_needs(notebook):
    first = notebook.cells[0].source
    assert "`pip install mathforml==0.1.0`" in first, "which brings NumPy"


# It says what the page says


@pytest.mark.parametrize(
    "words",
    [
        "# 1 One",
        "*Which way should $x$ move?*",
        "**What is $x^2$ at 2?**\n\n<details><summary>Answer</summary>\n\nIt is $4$.\n\n</details>",
        r"Stars \* and dollars \$ survive. (An *old* habit.) See Theorem 1.1, Two and",
        "[the numpy](https://numpy.org)",
        "$$\ny = \\max(x, 0)\n\\tag{1.1}\n$$ (eq-y)",
        "> $$ z = 2 y \\tag{1.2} $$ (eq-z)",
        "> **Theorem 1.1** **Of all**\n> \n> By (1.1):\n> \n> $$",
        "> - one\n> - two\n> \n>   1. deep",
        "| a | b |\n| --- | --- |\n| 1 | $x$ |",
        "## 1.1 A cell",
        "The largest is 2.0.",
        "> **Exercise 1.1** **Do it**\n> \n> Now.\n> \n> <details><summary>Solution</summary>",
    ],
)
def test_prose_is_plain_markdown_with_the_numbers_of_the_book(text, words):
    assert words in text


def test_a_listing_is_the_code_itself(text):
    assert "```python\ndef check_shapes(" in text


def test_no_syntax_of_sphinx_is_left(text):
    assert ":::" not in text
    assert "{" not in text.replace("\\tag{", "").split("```python")[0]


def test_solutions_are_folded_and_outputs_kept(notebook):
    cells = {cell.id: cell for cell in notebook.cells}
    folded = {"source_hidden": True, "outputs_hidden": True}
    assert cells["cell-relu"].metadata.jupyter == folded
    assert cells["cell-x"].outputs[0].data == {"text/plain": "array([0., 2.])"}


# On the site


def test_a_page_links_its_notebook_and_a_page_without_code_has_none(built, path):
    page = (built.outdir / "part/one.html").read_text()
    assert '<a href="../notebooks/part/one.ipynb" download>' in page
    assert "ipynb" not in (built.outdir / "two.html").read_text()
    assert [p.name for p in built.outdir.rglob("*.ipynb")] == ["one.ipynb"]


def test_two_builds_write_the_same_notebook(book, path):
    again = book(CAPABILITIES, {"part/one": PAGE, "two": TWO}, config=CONFIG)
    assert (again.outdir / "notebooks/part/one.ipynb").read_bytes() == path.read_bytes()


# Small print


@pytest.mark.parametrize(
    ("source", "rest"),
    [
        ("from myst_nb import glue\nx = 1", "x = 1"),
        ("x = 1\nglue('a', x)", "x = 1"),
        ("glue(\n    'a',\n    1,\n)\n", ""),
        ("for x in y:\n    glue('a', x)\n    z = x", "for x in y:\n    z = x"),
        ("for x in y:\n    glue('a', x)", "for x in y:\n    pass"),
        ("for x in y:\n    glue('a', x)\n    glue('b', x)", "for x in y:\n    pass"),
        ("%matplotlib inline\nglue('a', 1)", "%matplotlib inline\nglue('a', 1)"),
    ],
)
def test_code_that_only_serves_the_page_is_left_out(source, rest):
    assert without_glue(source) == rest


@pytest.mark.parametrize(
    ("words", "escaped"),
    [
        ("a*b", r"a\*b"),
        ("a_b", "a_b"),
        ("_a_", r"\_a\_"),
        ("$5 [x]", r"\$5 \[x\]"),
        ("a < b", r"a \< b"),
    ],
)
def test_words_keep_their_characters(words, escaped):
    assert escape(words) == escaped


def test_a_distribution_is_found_by_the_module_that_it_brings() -> None:
    names = ("numpy", "sklearn", "nothing_of_this_name")
    assert [notebooks.distribution(name) for name in names] == ["numpy", "scikit-learn", ""]
