"""The address of a cell comes from what it says, not from where it stands."""

import re

import pytest

from mathforml.sphinx.cells import cell_id

FRONT = "---\nfile_format: mystnb\nkernelspec: {name: python3}\n---\n# One\n\n"


def page(*cells):
    return FRONT + "\n".join(f"```{{code-cell}}\n{cell}\n```\n" for cell in cells)


def addresses(book, *cells):
    app = book("cells", {"one": page(*cells)})
    assert app.warning.getvalue() == ""
    html = (app.outdir / "one.html").read_text()
    return re.findall(r'<div class="cell docutils container" id="([^"]*)"', html)


# What a cell is called


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ('z = 1\nverify("eq-softmax-vjp", z=z)', "cell-eq-softmax-vjp"),
        ("x, y_bar = rng.normal(size=(2, 4))", "cell-x"),
        ("y_bar = 3", "cell-y-bar"),
        ("for h, ax in moving('secant', steps):\n    ax.plot(h)", "cell-h"),
        ("def slip(x):\n    y = x\n    return y", "cell-slip"),
        ("softmax(np.array([1000.0]))", "cell-softmax"),
        ("np.testing.assert_allclose(relu(x), 2)", "cell-assert-allclose"),
        ("[relu(t) for t in x]", "cell-relu"),
        ("assert [t for t in x] == relu(x)", "cell-relu"),
        ("import numpy as np", "cell-imports"),
        ("import numpy as np\n\nx = 1", "cell-x"),
    ],
)
def test_a_cell_is_named_by_what_it_verifies_assigns_or_calls(source, name):
    assert cell_id(source) == name


def test_latex_is_no_label():
    assert cell_id('verify("y = x^2", y=4, x=2)') == "cell-verify"


@pytest.mark.parametrize("source", ["", "1 + 1", "%matplotlib inline", "# only words"])
def test_a_cell_that_names_nothing_has_no_name(source):
    assert cell_id(source) is None


# Addresses on a page


def test_every_cell_has_an_address_and_no_two_the_same(book):
    found = addresses(book, "x = 1", "x = 2", "1 + 1", "1 + 1", 'verify("eq-x")', "x = y = 3")
    assert [found[0], found[4], found[5]] == ["cell-x", "cell-eq-x", "cell-y"]
    assert len(set(found)) == 6


def test_links_survive_the_insertion_of_other_cells(book):
    cells = ["x = 1", "x = 2", "1 + 1", 'verify("eq-x")']
    before = addresses(book, *cells)
    after = addresses(book, "import numpy", cells[0], "z = 2", *cells[1:3], "z = 3", cells[3])
    assert set(before) < set(after)


def test_an_address_keeps_away_from_other_targets_of_the_page(book):
    app = book("cells", {"one": page("x = 1").replace("# One", "(cell-x)=\n# One")})
    html = (app.outdir / "one.html").read_text()
    assert html.count('id="cell-x"') == 1
    assert app.warning.getvalue() == ""
