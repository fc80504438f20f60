"""Write LaTeX as MathML while the site is built, so that readers need no script.

``html_math_renderer = "mathml"`` chooses this renderer. LaTeX that cannot be written is a warning
with its place, and an error under ``sphinx-build -W``.

``mathforml_gradient_accent``
    The accent that marks gradients, such as ``"bar"``: they get the class ``gr``. On a page where
    it means something else, the front matter says so: ``gradient_accent: none``.
``mathforml_function_names``
    Names of functions that exist in code: in a formula they get the class ``fn``.

Other extensions put a mark beside an equation's number: they connect a function ``(app, node)`` to
the event ``mathforml-equation-mark`` and return HTML.
"""

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.writers.html5 import HTML5Translator

__all__ = ["FormulaError", "mathml", "setup"]

MARK = "mathforml-equation-mark"
ACCENTS = {"bar": "¯", "hat": "ˆ", "tilde": "˜", "dot": "˙", "vec": "⃗"}
LOW_LINE, OVERLINE = "\u0332", "\u203e"  # math-core overlines with the low line
ENTITIES = {"&ApplyFunction;": "\u2061", "&InvisibleTimes;": "\u2062"}  # XML knows them not
HAND = re.compile(r"(?<=\w)[\ufe00\ufe01]")  # of script letters; the face has but one

# math-core numbers the lines of these environments itself, or does not know them.
SAME = {
    "align": "aligned",
    "alignat": "aligned",
    "alignedat": "aligned",
    "flalign": "aligned",
    "split": "aligned",
    "gather": "gathered",
    "multline": "multline*",
    "equation": "",
}
ENVIRONMENT = re.compile(r"\\(begin|end)\{(" + "|".join(SAME) + r")\*?\}(?:\{\d+\})?")
INNERMOST = re.compile(r"\\begin\{([a-z]+\*?)\}((?!\\begin\{).)*?\\end\{\1\}", re.DOTALL)

OPENING, CLOSING = re.compile(r"[(\[“‘]*\Z"), re.compile(r"[.,:;!?)\]’”…]*")

ADVICE = {
    r"\\label": "Name a display after its closing dollars: $$ … $$ (eq-name).",
    r"\\tag": r"Numbers follow the table of contents: leave \tag out.",
    r"\\substack": "Put the conditions on one line, with commas.",
    r"\\smash": r"Leave \smash out.",
    r"\\intertext": "End the display, write the sentence, begin another display.",
    r"\\wide(tilde|check)": "Use the accent without “wide”.",
    "Math mode within text": r"End the text before the formula: \text{if } x > 0.",
    "smallmatrix": "Use matrix or pmatrix.",
    r'matrix\*"': "Use the environment without its star.",
    "eqnarray": "Use aligned.",
}

logger = logging.getLogger(__name__)
converter = LatexToMathML(fancy_error=False)


class FormulaError(ValueError):
    """LaTeX that cannot be written as MathML."""


def mathml(
    latex: str, *, display: bool, accent: str = "", names: frozenset[str] = frozenset()
) -> str:
    """Return a formula as MathML, its gradients and functions classed.

    Parameters
    ----------
    latex : str
        What stands between the dollars.
    display : bool
        Whether it stands on lines of its own.
    accent : str
        The accent that marks gradients.
    names : frozenset of str
        Names of functions that exist in code.

    Returns
    -------
    str
        One ``<math>`` element.

    Raises
    ------
    FormulaError
        If math-core refuses the LaTeX.
    """
    root = ElementTree.fromstring(_convert(latex, display))
    for element in root.iter():
        if element.tag == "mover" and element[-1].text == LOW_LINE:
            element[-1].text = OVERLINE
        elif element.tag == "mover" and element[-1].text == ACCENTS.get(accent):
            element.set("class", "gr")
        elif element.tag in ("mi", "mo", "mtext") and element.text in names:
            element.set("class", "fn")
    return ElementTree.tostring(root, encoding="unicode").replace(" />", "/>")


@cache
def _convert(latex: str, display: bool) -> str:
    source = _portable(latex) if display else latex
    try:
        found = converter.convert_with_local_state(source, displaystyle=display)
    except LatexError as refusal:
        raise FormulaError(_explanation(source, str(refusal))) from None
    for entity, character in ENTITIES.items():
        found = found.replace(entity, character)
    return HAND.sub("", found)


def _portable(latex: str) -> str:
    """Write a display without what math-core numbers or ignores: rows outside an environment."""
    parts = [part for part in re.split(r"\n\s*\n", latex.strip()) if part.strip()]
    if len(parts) > 1:
        return _environment("gathered", r"\\".join(map(_portable, parts)))
    source = ENVIRONMENT.sub(_renamed, latex.strip())
    outside, found = source, 1
    while found:
        outside, found = INNERMOST.subn("", outside)
    has_rows = r"\\" in outside or re.search(r"(?<!\\)&", outside)
    return _environment("aligned", source) if has_rows else source


def _environment(name: str, body: str) -> str:
    return rf"\begin{{{name}}}{body}\end{{{name}}}"


def _renamed(found: re.Match[str]) -> str:
    name = SAME[found[2]]
    return rf"\{found[1]}{{{name}}}" if name else ""


def _explanation(source: str, refusal: str) -> str:
    """Return math-core's refusal with a caret under its place, and what to write instead."""
    place, _, fact = refusal.partition(": ")
    before, after = source[: int(place)], source[int(place) :]
    head, tail = before.rpartition("\n")[2], after.partition("\n")[0]
    lines = [fact, f"    {head}{tail}", f"    {' ' * len(head)}^"]
    lines += [advice for pattern, advice in ADVICE.items() if re.search(pattern, fact)]
    return "\n".join(lines)


def _options(config: "Config", said: dict[str, Any]) -> dict[str, Any]:
    names = frozenset(config.mathforml_function_names)
    accent = said.get("gradient_accent", config.mathforml_gradient_accent)
    return {"accent": accent, "names": names}


def check(app: "Sphinx", doctree: nodes.document) -> None:
    """Warn of every formula that cannot be written, and read its page again next time."""
    found = [*doctree.findall(nodes.math), *doctree.findall(nodes.math_block)]
    for node in found:
        try:
            _convert(node.astext(), isinstance(node, nodes.math_block))
            if "amsmath" in node["classes"] and node.get("label"):
                raise FormulaError(
                    "A numbered environment needs a name that lasts.\n"
                    r"Write $$ \begin{aligned} … \end{aligned} $$ (eq-name), or star it."
                )
        except FormulaError as error:
            _warn(error, node)
            app.env.note_reread()


def _warn(error: FormulaError, node: nodes.Element) -> None:
    node["refused"] = True
    logger.warning("LaTeX refused: %s", error, location=node, type="mathforml", subtype="formula")


def _html(self: "HTML5Translator", node: nodes.Element, display: bool) -> str:
    said = self.builder.env.metadata[self.builder.current_docname]
    try:
        return mathml(node.astext(), display=display, **_options(self.config, said))
    except FormulaError as error:
        if not node.get("refused"):
            _warn(error, node)
        return f"<code>{escape(node.astext())}</code>"


def visit_inline(self: "HTML5Translator", node: nodes.math) -> None:
    """Write a formula within a line."""
    self.body.append(_html(self, node, display=False))
    raise nodes.SkipNode


def visit_display(self: "HTML5Translator", node: nodes.math_block) -> None:
    """Write a display: the formula in a box that scrolls, its number beside the box."""
    number = get_node_equation_number(self, node) if node.get("number") else ""
    name = f"Equation {number}" if number else "Formula"
    formula = _html(self, node, display=True)
    scroller = f'<div class="scroll" tabindex="0" role="group" aria-label="{name}">{formula}</div>'
    self.body.append(self.starttag(node, "div", CLASS="math") + scroller)
    if number:
        marks = [mark for mark in self.builder.events.emit(MARK, node) if mark]
        link = f'<a href="#{node["ids"][0]}" title="Link to this equation">({number})</a>'
        self.body.append(f'<div class="eqno">{link}{"".join(marks)}</div>')
    self.body.append("</div>\n")
    raise nodes.SkipNode


def _text(parent: nodes.Element, place: int) -> str:
    """Return the text that stands at a place, or nothing."""
    node = parent[place] if 0 <= place < len(parent) else None
    return str(node) if isinstance(node, nodes.Text) else ""


class KeepTogether(SphinxPostTransform):
    """Keep the bracket before and the comma after a formula from falling off at a line's end."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Put such formulas and their punctuation into spans that do not break."""
        for node in list(self.document.findall(nodes.math)):
            parent, place = node.parent, node.parent.index(node)
            before, after = _text(parent, place - 1), _text(parent, place + 1)
            opening, closing = OPENING.findall(before)[0], CLOSING.findall(after)[0]
            if opening:
                parent[place - 1] = nodes.Text(before[: -len(opening)])
            if closing:
                parent[place + 1] = nodes.Text(after[len(closing) :])
            if opening or closing:
                span = nodes.inline("", "", classes=["together"])
                parent.replace(node, span)
                span.extend([nodes.Text(opening), node, nodes.Text(closing)])


class Unwrap(SphinxPostTransform):
    """Take away furo's box around displays: it repeats their ids and cuts marks off."""

    default_priority = 501  # furo wraps at 500
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Put each display where its wrapper stands."""
        for node in list(self.document.findall(nodes.container)):
            if "math-wrapper" in node["classes"]:
                node.parent.replace(node, node.children)


def setup(app: "Sphinx") -> None:
    """Register the renderer."""
    app.add_config_value("mathforml_gradient_accent", "", "html", types=frozenset({str}))
    app.add_config_value("mathforml_function_names", (), "html", types=frozenset({list}))
    app.add_event(MARK)
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_display, None))
    app.add_post_transform(Unwrap)
    app.add_post_transform(KeepTogether)
    app.connect("doctree-read", check)
