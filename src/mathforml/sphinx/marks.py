"""Put a mark beside the number of each equation that was held to account.

The mark is a link to the certificate, or to the ledger where nothing ran. On hover and on focus a
note beside it says what was executed, on what, and how well it held.
"""

from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from mathforml.sphinx.executed import Equation, pages
from mathforml.sphinx.formulas import MARK, FormulaError, mathml
from mathforml.sphinx.symbols import is_inequality, latex_of, power_of_ten, shape_of

SIGNS = {"executed": ("✓", "Executed"), "refuted": ("×", "Refuted"), "stated": ("–", "Stated")}


def mark(app: Sphinx, node: nodes.Element) -> str:
    """Return the mark of an equation, nothing for one without a standing."""
    found = pages(app.env).get(node.get("docname", ""), ())
    entry = next((entry for entry in found if entry.label == node.get("label")), None)
    if entry is None or not entry.standing:
        return ""
    sign, word = SIGNS[entry.standing]
    note = f"note-{nodes.make_id(entry.label)}"
    opened = f'class="mark {entry.standing}" aria-label="{word}" aria-describedby="{note}"'
    tip = f'<span class="pop" role="tooltip" id="{note}">{says(entry, word)}</span>'
    if entry.certificates:
        return f'<a {opened} href="#certificate-{nodes.make_id(entry.label)}">{sign}</a>{tip}'
    return f'<span {opened} role="note" tabindex="0">{sign}</span>{tip}'


def says(entry: Equation, word: str) -> str:
    """Return what the note says."""
    if entry.standing == "stated":
        return f"<b>Stated,</b> not executed: {escape(entry.why)}."
    if entry.standing == "refuted":
        return "<b>Refuted</b> when this page was built: the two sides differ."
    proofs = [proof for proof in entry.certificates if not proof.get("refused")]
    runs = sum(proof["draws"] for proof in proofs)
    often = f" {runs} times" if runs > 1 else ""
    said = f"<b>{word}</b>{often} when this page was built; {agreement(proofs)}."
    shapes = {key: shape for proof in proofs for key, shape in proof["shapes"].items()}
    names = dict.fromkeys(name for proof in proofs for name in proof["functions"])
    said += f' <span class="shapes">{" ".join(symbol(*item) for item in shapes.items())}</span>'
    codes = ", ".join(f"<code>{escape(name.rpartition('.')[2])}</code>" for name in names)
    return said + (f' <span class="codes">Code: {codes}</span>' if codes else "")


def agreement(proofs: list[dict[str, Any]]) -> str:
    """Return how well the sides agreed."""
    if is_inequality([step for proof in proofs for step in proof["steps"]]):
        tight = any(proof["tight"] for proof in proofs)
        return "the inequality holds" + (", and is tight" if tight else "")
    worst = max(proof["difference"] for proof in proofs)
    if worst == 0:
        return "the sides are equal"
    return f"the sides agree to {formula(power_of_ten(worst))}"


def symbol(key: str, shape: str) -> str:
    """Return a symbol with its shape."""
    return f'<span class="symbol">{formula(latex_of(key))} {escape(shape_of(shape))}</span>'


def formula(latex: str) -> str:
    """Return MathML, or the text of a key that is no LaTeX."""
    try:
        return mathml(latex, display=False)
    except FormulaError:
        return f"<code>{escape(latex)}</code>"


def setup(app: Sphinx) -> None:
    """Listen to the renderer of formulas."""
    app.connect(MARK, mark)
