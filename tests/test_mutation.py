"""The checks of the book can fail: every displayed equation, bent in every way, turns red."""

from pathlib import Path

import pytest

from mathforml.equations.__main__ import files, main
from mathforml.equations.labels import read_displays
from mathforml.equations.mutation import OPERATORS, mutants
from mathforml.equations.survivors import bend, known, read_equivalents

ROOT = Path(__file__).parents[1]
PAGES = list(files(ROOT / "docs"))
EXPLAINED = read_equivalents(ROOT / "docs/equivalents.toml")
LEAST = 0.98


@pytest.fixture(scope="module", params=PAGES, ids=lambda page: page.stem)
def tally(request):
    """Return the mutants of one page, and those that every check of it lets through."""
    return bend(request.param)


def test_no_bent_equation_of_the_book_holds_unexplained(tally):
    assert [s for s in tally.survivors() if not known(s, EXPLAINED)] == []


def test_few_bent_equations_need_an_explanation(tally):
    made = sum(map(len, tally.made.values()))
    assert len(tally.survivors()) <= max(3, (1 - LEAST) * made * 2)


def test_every_explained_mutant_belongs_to_an_equation_of_the_book():
    labels = {display.label for page in PAGES for display in read_displays(page)}
    assert EXPLAINED.keys() <= labels


# The operators


@pytest.mark.parametrize(
    ("operator", "latex", "expected"),
    [
        ("sign", "a = b + c", "a = b - c"),
        ("sign", "a = b", "a = -b"),
        ("term", "a = b + c", "a = b "),
        ("factor", r"a = \mu b", r"a = 2 \mu b"),
        ("number", "a = b + 1", "a = b + 2"),
        ("script", r"a = X^\top y", "a = X y"),
        ("script", "a = x^{2} y", "a = x y"),
        ("index", r"a_i = \sum_j X_{ij}", r"a_i = \sum_j X_{ji}"),
        ("bound", r"a = \sum_{i=1}^n x_i", r"a = \sum_{i=1}^{n - 1} x_i"),
        ("symbol", "a = b c", "a = c  c"),
        ("fraction", r"a = \frac{b}{c}", r"a = \frac{c}{b}"),
        ("function", r"a = \log b", r"a = \exp b"),
        ("relation", r"a \le b", r"a \ge  b"),
    ],
)
def test_each_operator_makes_the_slip_that_it_is_named_after(operator, latex, expected):
    assert expected in {m.latex for m in mutants(latex) if m.operator == operator}


def test_every_operator_is_tried_on_the_book():
    found = {m.operator for page in PAGES for d in read_displays(page) for m in mutants(d.latex)}
    assert found == OPERATORS.keys()


# The command line

PAGE = r"""# A page

$$
a = b + c
$$ (eq-sum)

$$
a = 2 c
$$ (eq-idle)

```{code-cell}
from mathforml.equations import verify

verify("eq-sum", a=3.0, b=1.0, c=2.0)
```
"""


def test_check_lists_what_ran_and_what_did_not(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text(PAGE, "utf-8")
    assert main(["check", str(page)]) == 1
    said = capsys.readouterr().out
    assert "page.md:3: eq-sum: executed" in said
    assert "page.md:7: eq-idle: NOT RUN" in said


def test_check_names_the_line_at_which_a_page_fails(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text(PAGE.replace("a=3.0", "a=4.0"), "utf-8")
    assert main(["check", str(page)]) == 1
    assert "page.md:14: EquationMismatch: the sides differ" in capsys.readouterr().out


def test_check_reads_notebooks(tmp_path, capsys):
    import nbformat

    text, code = PAGE.split("```{code-cell}\n")
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(text.replace("$$\na = 2 c\n$$ (eq-idle)\n", "")),
            nbformat.v4.new_code_cell(code.removesuffix("```\n")),
        ]
    )
    nbformat.write(notebook, tmp_path / "page.ipynb")
    assert main(["check", str(tmp_path / "page.ipynb")]) == 0
    assert "eq-sum: executed" in capsys.readouterr().out


def test_mutate_reports_a_weak_check(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text(PAGE.replace("a=3.0, b=1.0, c=2.0", "a=4.0, b=2.0, c=2.0"), "utf-8")
    assert main(["mutate", str(page)]) == 1
    said = capsys.readouterr().out
    assert "eq-sum (symbol): a = [b → c ]" in said
    assert "survive" in said


def test_an_explained_mutant_is_forgiven(tmp_path, capsys):
    page, explained = tmp_path / "page.md", tmp_path / "same.toml"
    page.write_text(PAGE.replace("a=3.0, b=1.0, c=2.0", "a=4.0, b=2.0, c=2.0"), "utf-8")
    main(["mutate", str(page)])
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  eq-sum")]
    rows = [f"'{line.partition('): ')[2]}' = \"b and c are equal\"" for line in lines]
    explained.write_text("\n".join(["[eq-sum]", *rows]), "utf-8")
    assert main(["mutate", "--equivalents", str(explained), str(page)]) == 0
