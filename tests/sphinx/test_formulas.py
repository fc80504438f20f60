"""LaTeX becomes MathML that is numbered, colored, heard once; bad LaTeX is told with its place."""

import re
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from sphinx.testing.util import SphinxTestApp

from mathforml.sphinx.formulas import FormulaError, mathml

NOTATION = [
    r"\bar x = J_f(x)^\top \bar y",
    r"\operatorname{softmax}(z)_i = \frac{e^{z_i}}{\sum_{j=1}^{k} e^{z_j}}",
    r"\bar x_i = \begin{cases} \bar y_i & x_i > 0, \\ 0 & x_i \le 0 \end{cases}",
    r"\frac{\partial p_i}{\partial z_j} = p_i (\delta_{ij} - p_j)",
    r"\bar z = p \odot \left( \bar p - \langle p, \bar p \rangle\, \mathbf{1} \right)",
    r"f'(x) = \lim_{h \to 0} \frac{f(x + h) - f(x)}{h}",
    r"\left. \frac{\mathrm{d}f}{\mathrm{d}x} \right|_{x = 0} = \tfrac12",
    r"\mathbb{E}_{x \sim p}[f(x)] = \int p(x) f(x) \, \mathrm{d}x",
    r"\mathbb{1}[x > 0],\ \mathcal{L},\ \mathscr{L},\ \boldsymbol{\theta},\ \ell,\ \nabla_w",
    r"\lVert x \rVert_2 = \sqrt{x^\top x},\ \sqrt[3]{x},\ \lfloor x \rfloor,\ |x|",
    r"A = \begin{pmatrix} a & b \\ c & d \end{pmatrix},\ \begin{bmatrix} 1 \\ 2 \end{bmatrix}",
    r"\hat\theta = \operatorname*{arg\,max}_\theta \prod_{i} p(x_i \mid \theta)",
    r"\underbrace{a + b}_{\text{sum}} \overset{!}{=} \binom{n}{k} \xrightarrow{n \to \infty} 0",
    r"p(x) \propto \exp\bigl( -\tfrac{1}{2} x^2 \bigr) \quad \text{for all } x \in \mathbb{R}^n",
    r"\tilde x, \dot x, \vec x, \widehat{xyz}, \overline{x}, \underline{x}, x^\star, x_{\max}",
    r"a \coloneqq b \implies c \iff d,\ x \mapsto y,\ \forall \varepsilon\ \exists \delta",
]


def display(latex: str, **options: Any) -> str:
    """Return a display as MathML."""
    return mathml(latex, display=True, **options)


@pytest.mark.parametrize("latex", NOTATION)
def test_the_notation_of_the_book_becomes_one_mathml_element(latex: str) -> None:
    root = ElementTree.fromstring(display(latex))
    assert (root.tag, root.get("display")) == ("math", "block")
    assert not {"merror", "script"} & {element.tag for element in root.iter()}


@pytest.mark.parametrize("name", ["align", "align*", "split", "flalign"])
def test_aligned_rows_are_never_numbered_one_by_one(name: str) -> None:
    rows = r"a &= b \\ &= c"
    found = display(rf"\begin{{{name}}} {rows} \end{{{name}}}")
    assert found == display(rf"\begin{{aligned}} {rows} \end{{aligned}}")
    assert "(1)" not in found


@pytest.mark.parametrize(
    ("latex", "same"),
    [
        (r"\begin{gather} a \\ b \end{gather}", r"\begin{gathered} a \\ b \end{gathered}"),
        (r"\begin{equation} a \end{equation}", "a"),
        (r"\begin{alignat}{2} a &= b \end{alignat}", r"\begin{aligned} a &= b \end{aligned}"),
        (r"a &= b \\ &= c", r"\begin{aligned} a &= b \\ &= c \end{aligned}"),
        ("a\n\nb", r"\begin{gathered} a \\ b \end{gathered}"),
    ],
)
def test_other_ways_to_write_rows_give_the_same(latex: str, same: str) -> None:
    assert display(latex) == display(same)


def test_rows_within_an_environment_are_left_alone() -> None:
    cases = r"\begin{cases} a & b \\ c & d \end{cases}"
    assert display(rf"x = {cases}").count("<mtable") == 1
    assert display(rf"x &= {cases} \\ y &= 1").count("<mtable") == 2


def test_a_gradient_is_classed_where_the_project_names_its_accent() -> None:
    assert '<mover class="gr"' in re.sub(r' accent="true"', "", display(r"\bar x", accent="bar"))
    assert "class" not in display(r"\hat x", accent="bar")
    assert "class" not in display(r"\bar x")


def test_a_function_of_the_package_is_classed_and_a_symbol_is_not() -> None:
    names = frozenset({"relu", "x"})
    assert '<mi class="fn">relu</mi>' in display(r"\operatorname{relu}(x)", names=names - {"x"})
    assert "fn" not in display(r"\operatorname{other}(y)", names=names)
    rows = r"\operatorname{relu}(y)_i &= y_i \\ &= y_i"  # here math-core makes an operator of it
    assert re.search(r'class="fn"[^>]*>relu<', display(rows, names=names))


def test_an_overline_is_drawn_with_a_line_that_lies_above() -> None:
    assert "\u203e" in display(r"\overline{xy}")
    assert "\u0332" not in display(r"\overline{xy}")
    assert "\u0332" in display(r"\underline{xy}")


def test_no_hand_is_asked_for_that_the_face_lacks() -> None:
    assert display(r"\mathcal{L}") == display(r"\mathscr{L}")
    assert "ℒ</mi>" in display(r"\mathcal{L}")


@pytest.mark.parametrize(
    ("latex", "fact", "advice"),
    [
        (r"a + \foo{b}", r'Unknown command "\foo"', ""),
        (r"\frac{1", "end of input", ""),
        (r"\sum_{\substack{i \\ j}} x", "substack", "one line, with commas"),
        (r"\text{if $x$}", "Math mode within text", "End the text before the formula"),
        (r"x \label{eq-x}", "label", "after its closing dollars"),
        (r"x \tag{3}", "tag", "follow the table of contents"),
        (r"\begin{smallmatrix} 1 \end{smallmatrix}", "smallmatrix", "Use matrix"),
        (r"\begin{pmatrix*}[r] 1 \end{pmatrix*}", "pmatrix*", "without its star"),
        (r"\widetilde{xy}", "widetilde", "without “wide”"),
    ],
)
def test_what_is_refused_is_told_with_advice(latex: str, fact: str, advice: str) -> None:
    with pytest.raises(FormulaError) as refusal:
        display(latex)
    assert fact in str(refusal.value)
    assert advice in str(refusal.value)


def test_a_refusal_points_at_the_token() -> None:
    with pytest.raises(FormulaError) as refusal:
        display("a = b\n  + \\foo{c}\n  + d")
    _, line, caret = str(refusal.value).splitlines()
    assert line.endswith(r"+ \foo{c}")
    assert line[caret.index("^") :].startswith(r"\foo")


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("One $a$, two.", '<span class="together"><math><mi>a</mi></math>,</span> two.'),
        ("In ($a$).", 'In <span class="together">(<math><mi>a</mi></math>).</span>'),
        ("No $a$ at all", "No <math><mi>a</mi></math> at all"),
        ("$a$", "<p><math><mi>a</mi></math></p>"),
    ],
)
def test_punctuation_stays_with_its_formula(book: Any, line: str, kept: str) -> None:
    app = book("formulas", {"page": f"# A page\n\n{line}\n"}, config=PROJECT)
    assert kept in (app.outdir / "page.html").read_text("utf-8")


PAGES = {
    "one/first": r"""# First

$$
\bar x = x
$$ (eq-first)

Later comes {eq}`eq-second`, and $a \in A$ within a line.

$$
x
$$
""",
    "two": "# Two\n\n$$\ny\n$$ (eq-second)\n\nBack to {eq}`eq-first`.\n",
    "mean": "---\ngradient_accent: none\n---\n# Mean\n\nA bar, as in $\\bar x$.\n",
}
PROJECT = {
    "html_math_renderer": "mathml",
    "mathforml_gradient_accent": "bar",
    "math_numfig": True,
    "myst_enable_extensions": ["amsmath", "dollarmath"],
}


@pytest.fixture(scope="module")
def written(book: Any) -> Any:
    """Return the pages of a book with formulas."""
    app = book("formulas", PAGES, config=PROJECT)
    assert app.warning.getvalue() == ""
    return lambda name: (app.outdir / f"{name}.html").read_text("utf-8")


def test_a_page_on_which_the_accent_means_something_else_has_no_gradients(written: Any) -> None:
    assert re.search('<mover[^>]* class="gr"|<mover class="gr"', written("one/first"))
    assert "<mover" in written("mean")
    assert 'class="gr"' not in written("mean")


def test_numbers_follow_the_table_of_contents_across_pages(written: Any) -> None:
    assert 'href="#equation-eq-first" title="Link to this equation">(1.1)<' in written("one/first")
    assert re.search(r'href="../two.html#equation-eq-second">\(2.1\)', written("one/first"))
    assert re.search(r'href="one/first.html#equation-eq-first">\(1.1\)', written("two"))


def test_the_address_of_an_equation_is_its_label_and_stands_once(written: Any) -> None:
    assert written("one/first").count('id="equation-eq-first"') == 1


def test_a_formula_scrolls_in_a_named_box_that_holds_no_number(written: Any) -> None:
    page = written("one/first")
    box = re.search(r'<div class="math" id="equation-eq-first">\s*(<div.*?</math></div>)', page)
    assert box
    assert box[1].startswith(
        '<div class="scroll" tabindex="0" role="group" aria-label="Equation 1.1"><math '
    )
    assert "1.1)" not in box[1]
    assert page.count('aria-label="Formula"') == 1


def test_a_formula_is_heard_once_and_needs_no_script(written: Any) -> None:
    page = written("one/first")
    assert page.count("<math") == page.count("</math>") == 3
    assert "annotation" not in page
    assert not re.search(r"<script[^>]*mathjax", page, re.IGNORECASE)


SETTINGS = {
    "extensions": ["myst_nb", "mathforml.sphinx.formulas"],
    "myst_enable_extensions": ["amsmath", "dollarmath"],
    "nb_execution_mode": "off",
    "html_theme": "furo",
    "html_math_renderer": "mathml",
}


class Project:
    """A small project that is built again without cleaning."""

    def __init__(self, folder: Path, page: str, conf: str = "") -> None:
        self.folder = folder
        lines = [f"{name} = {value!r}" for name, value in SETTINGS.items()]
        (folder / "conf.py").write_text("\n".join([*lines, conf]))
        (folder / "index.md").write_text(page, "utf-8")

    def build(self) -> tuple[str, str]:
        """Return the page and the warnings."""
        app = SphinxTestApp("html", srcdir=self.folder)
        try:
            app.build()
        finally:
            app.cleanup()
        warnings = re.sub(r"\x1b\[\d*m", "", app.warning.getvalue())
        return (app.outdir / "index.html").read_text("utf-8"), warnings


@pytest.fixture
def project(tmp_path: Path) -> Any:
    """Return a maker of projects."""
    yield lambda page, conf="": Project(tmp_path, page, conf)
    shutil.rmtree(tmp_path)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
class TestRefusals:
    """What a build says of LaTeX that cannot be written."""

    def test_a_bad_display_is_told_with_file_and_line_on_every_build(self, project: Any) -> None:
        bad = project("# A page\n\nText.\n\n$$\nx = \\foo\n$$ (eq-x)\n")
        for _ in range(2):
            page, warnings = bad.build()
            assert 'index.md:5: WARNING: LaTeX refused: Unknown command "\\foo".' in warnings
            assert warnings.count("LaTeX refused") == 1
            assert "<code>x = \\foo</code>" in page

    def test_a_bad_formula_within_a_line_is_told_too(self, project: Any) -> None:
        _, warnings = project("# A page\n\nText and $\\foo$.\n").build()
        assert "index.md:3: WARNING: LaTeX refused" in warnings

    def test_a_numbered_environment_without_a_name_is_refused(self, project: Any) -> None:
        _, warnings = project("# A page\n\n\\begin{align}\na &= b\n\\end{align}\n").build()
        assert "needs a name that lasts" in warnings
        assert "(eq-name)" in warnings

    def test_a_starred_environment_is_a_display_without_a_number(self, project: Any) -> None:
        page, warnings = project("# A page\n\n\\begin{align*}\na &= b\n\\end{align*}\n").build()
        assert warnings == ""
        assert "<math" in page
        assert "eqno" not in page

    def test_another_extension_puts_a_mark_beside_the_number(self, project: Any) -> None:
        conf = (
            "def mark(app, node):\n    return f'<b>{node[\"label\"]}</b>'\n"
            "def setup(app):\n    app.connect('mathforml-equation-mark', mark)\n"
        )
        page, _ = project("# A page\n\n$$\nx\n$$ (eq-x)\n\n$$\ny\n$$\n", conf).build()
        assert "(1)</a><b>eq-x</b></div>" in page
        assert page.count("<b>") == 1

    def test_the_theme_s_box_around_displays_is_gone(self, project: Any) -> None:
        page, _ = project("# A page\n\n$$\nx\n$$ (eq-x)\n").build()
        assert "math-wrapper" not in page
        assert page.count('id="equation-eq-x"') == 1
