"""Equations on the pages of another book: executed, stated, refuted, or the build is red."""

import re

import pytest

PAGE = r"""
$$
(a + b)^2 = a^2 + 2 a b + b^2
$$ (eq-square)

```{code-cell}
from mathforml.equations import refute, verify
from tiny.slopes import double

verify("eq-square", a=1.5, b=-0.7)
verify("eq-square", a=0.3, b=2.0)
```

$$
\begin{aligned}
d(x) &= x + x \\
&= 2 x
\end{aligned}
$$ (eq-double)

```{code-cell}
verify("eq-double", d=double, x=1.3)
```

$$
d(x) = 3 x
$$ (eq-triple)

```{refuted} eq-triple
```

```{code-cell}
refute("eq-triple", d=double, x=1.3)
```

$$
x \in \mathbb{X}
$$ (eq-typing)

```{stated} eq-typing
:reason: typing
```

```{fade} eq-double
:hide: 2
```

```{symbols}
```
"""

LEDGER = """# Ledger

```{ledger}
```
"""

API = """# API

```{eval-rst}
.. automodule:: tiny.slopes
   :members:
```
"""

MODULE = '''"""Slopes."""


def double(x):
    """Return twice ``x``, :eq:`eq-double`."""
    return 2 * x


def half(x):
    """Return half of ``x``."""
    return x / 2
'''

CONF = """
mathforml_account = True
myst_enable_extensions = ["dollarmath"]
extensions += ["sphinx.ext.autodoc"]
html_math_renderer = "mathml"
numfig = True
"""


@pytest.fixture(scope="module")
def project(foreign):
    """Return a book with one page of executed equations and a ledger, built once."""
    book = foreign(CONF)
    book.write("src/tiny/__init__.py", "")
    book.write("src/tiny/slopes.py", MODULE)
    book.write("docs/index.md", "# Book\n\n```{toctree}\npage\nledger\napi\n```\n")
    book.write("docs/api.md", API)
    book.write("docs/ledger.md", LEDGER)
    book.page("page", PAGE)
    code, errors, _ = book.build()
    assert code == 0, errors
    return book


def red(book, old, new, path="docs/page.md"):
    """Build with a part of a file replaced; return the errors of what must be a red build."""
    file = book.root / path
    before = file.read_text("utf-8")
    assert old in before
    file.write_text(before.replace(old, new), "utf-8")
    code, errors, _ = book.build()
    file.write_text(before, "utf-8")
    assert code == 1, errors
    return errors


@pytest.fixture(scope="module")
def html(project):
    return (project.root / "build/html/page.html").read_text("utf-8")


def test_a_mark_links_to_the_certificate_and_the_certificate_back(html):
    assert re.search(r'class="mark executed"[^>]*href="#certificate-eq-square">✓</a>', html)
    block = html[html.index('id="certificate-eq-square"') :]
    assert 'href="#equation-eq-square"' in block[:600]


def test_a_mark_has_a_name_and_a_note_that_says_on_what_and_how_well(html):
    mark = re.search(r'aria-label="Executed" aria-describedby="(note-eq-double)"', html)
    assert mark
    note = html[html.index(f'id="{mark[1]}"') :][:1500]
    assert "when this page was built; the sides are equal" in note
    assert "number" in note
    assert "<code>double</code>" in note


def test_several_certificates_of_a_label_all_count(html):
    assert 'id="certificate-eq-square-2"' in html
    assert "<b>Executed</b> 2 times" in html


def test_a_refuted_equation_is_crossed_and_quotes_the_engine(html):
    assert re.search(r'class="mark refuted"[^>]*>×</a>', html)
    said = re.search(r'<p class="refusal">(.*?)</p>', html)[1]
    assert re.sub("<[^>]*>", "", said).startswith("the sides differ: left ")


def test_the_caret_of_a_refutation_stands_below_its_place(html):
    place = re.search(r'<div class="place .*?<pre[^>]*>(.*?)</pre>', html, re.DOTALL)[1]
    latex, caret = re.sub("<[^>]*>", "", place).rstrip("\n").split("\n")
    assert latex[caret.index("^")] == "="


def test_a_stated_equation_says_why(html):
    assert "<b>Stated,</b> not executed: it says what kind of thing a symbol is." in html


def test_a_fade_hides_the_step_and_adds_no_equation(html):
    faded = html[html.index('class="fade math') :][:900]
    assert "□" in faded
    assert 'class="eqno"' not in faded.split("</div>")[0]


def test_the_symbols_of_the_page_stand_in_a_table(html):
    table = html[html.index("symbols") :]
    assert table.count("<tr") >= 5


def test_the_ledger_counts_and_lists_every_equation(project):
    ledger = (project.root / "build/html/ledger.html").read_text("utf-8")
    assert "4 equations on 1 pages: 2 executed, on 3 sets of values, 1 stated, 1 refuted" in ledger
    assert 'href="page.html#equation-eq-double"' in ledger


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("a^2 + 2 a b", "a^2 - 2 a b", r'page.md:\d+ cell "eq-square": EquationMismatch'),
        ("2 a b + b^2", "2 a b + b_2", r"page.md:\d+ cell \"eq-square\": EquationShapeError"),
        (
            'verify("eq-double", d=double, x=1.3)',
            "pass",
            r"page.md:\d+: ERROR: 'eq-double' is disp",
        ),
        ("$$ (eq-typing)", "$$", r"page.md:\d+: ERROR: a displayed equation needs a label"),
        (":reason: typing", "", r"page.md:\d+: ERROR: .*stated needs a :reason:"),
        ('refute("eq-triple", d=double', 'verify("eq-triple", d=double', r"EquationMismatch"),
        ("d(x) = 3 x", "d(x) = 2 x", r"AssertionError: eq-triple holds"),
        ("```{refuted} eq-triple\n```", "", r"'eq-triple' is refuted by a cell: say so"),
        ("{fade} eq-double", "{fade} eq-typing", r"fade names 'eq-typing', which is not executed"),
        (":hide: 2", ":hide: 5", r"'eq-double' has 2 steps, not 5"),
        ("(eq-double)\n", "(eq-double)\n\nHere $\\sum_i a_i = 1$.\n", r"display this relation"),
    ],
    ids=lambda value: None,
)
def test_a_lie_turns_the_build_red_and_names_the_line(project, old, new, message):
    assert re.search(message, red(project, old, new))


def test_a_docstring_may_cite_only_equations_that_ran_its_function(project):
    errors = red(project, "half of ``x``.", "half of ``x``, :eq:`eq-double`.", "src/tiny/slopes.py")
    assert "the docstring of tiny.slopes.half cites eq-double" in errors
    assert re.search(r"slopes.py:9: ERROR", errors)
