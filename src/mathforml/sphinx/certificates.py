"""Show what ``verify`` left among the outputs of a cell: a line, and what stands behind it.

A certificate has the id ``certificate-eq-x``; its line links to the equation, and the equation's
mark links here. What stands behind the line is folded. A refutation quotes the engine.
"""

from textwrap import dedent
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from mathforml.sphinx.boxes import fold, summary
from mathforml.sphinx.symbols import is_inequality, latex_of, power_of_ten, shape_of

__all__ = ["certificate", "code_link", "equation_link", "equation_number", "setup", "small", "tick"]

MIME = "application/vnd.mathforml.certificate+json"


class certificate(nodes.General, nodes.Element):
    """What ran: the data of a certificate, where the cell left it."""


class ShowCertificates(SphinxTransform):
    """Give each certificate its text and an address."""

    default_priority = 405

    def apply(self, **kwargs: object) -> None:
        """Count the certificates of a label, and write each."""
        seen: dict[str, int] = {}
        for node in self.document.findall(certificate):
            label = node["data"]["label"] or "given"
            seen[label] = seen.get(label, 0) + 1
            last = "" if seen[label] == 1 else f"-{seen[label]}"
            node += shown(
                node["data"], f"certificate-{nodes.make_id(label)}{last}", self.env.docname
            )


def shown(data: dict[str, Any], address: str, docname: str) -> nodes.Element:
    """Return a certificate, or a refutation, as a fold."""
    refused = data.get("refused", "")
    mark, verb = ("×", "is refuted") if refused else ("✓", "holds")
    label = data["label"]
    name = equation_link(label, docname) if label else nodes.inline("", "The equation in the cell")
    line = nodes.paragraph("", "", tick(mark), nodes.Text(" "), name)
    line += nodes.Text(f" {verb}")
    whole = nodes.container("", line, ids=[address], classes=["certificate"])
    if refused:
        whole += quoted(refused)
        return whole
    whole += behind(data, docname)
    return whole


def quoted(refused: str) -> list[nodes.Node]:
    """Return what the engine said, a line of prose, and the place, whose columns matter."""
    said, _, place = refused.partition("\n")
    found: list[nodes.Node] = [
        nodes.paragraph("", "", nodes.literal("", said), classes=["refusal"])
    ]
    if place:
        place = dedent(place)
        found.append(nodes.literal_block(place, place, classes=["place"], language="text"))
    return found


def behind(data: dict[str, Any], docname: str) -> nodes.Element:
    """Return what stands behind the line: its numbers, and when unfolded all the rest."""
    whole = fold("", summary("", "", *figures(data)))
    whole += [steps(data["steps"]), symbols(data)]
    whole += [nodes.paragraph("", sentence) for sentence in remarks(data)]
    if data["functions"]:
        links = [[code_link(name, docname), nodes.Text(", ")] for name in data["functions"]]
        flat = [node for pair in links for node in pair][:-1]
        whole += nodes.paragraph("", "", nodes.Text("Code: "), *flat)
    return whole


def figures(data: dict[str, Any]) -> list[nodes.Node]:
    """Return the few numbers of the line: steps, draws, the largest difference."""
    parts = []
    if len(data["steps"]) > 1:
        parts.append(f"{len(data['steps'])} steps")
    if data["draws"] > 1:
        parts.append(f"{data['draws']} draws")
    words = "".join(f"{part}, " for part in parts)
    if is_inequality(data["steps"]):
        return [nodes.Text(words + ("a tight inequality" if data["tight"] else "an inequality"))]
    if data["difference"]:
        words += "largest difference "
    return [nodes.Text(words), *small(data["difference"])]


def small(difference: float) -> list[nodes.Node]:
    """Return nodes for a difference."""
    if difference == 0:
        return [nodes.Text("no difference")]
    latex = power_of_ten(difference)
    return [nodes.math(latex, latex)]


def steps(found: list[dict[str, Any]]) -> nodes.Element:
    """Return a list of the relations: for which indices, and how far the sides are apart."""
    items = nodes.enumerated_list(classes=["steps"], enumtype="arabic", prefix="", suffix=".")
    for step in found:
        where: list[nodes.Node] = []
        for key, last in step["ranges"].items():  # each apart, so that a line may end between them
            over = f"{latex_of(key)} = 1, \\ldots, {last}"
            where += [nodes.Text(", " if where else "for every "), nodes.math(over, over)]
        where += [nodes.Text(": ")] if where else []
        note = [nodes.Text(f" ({step['note']})")] if step["note"] else []
        apart = small(step["difference"])
        if is_inequality([step]):
            apart = [nodes.Text("the inequality holds")]
        line = nodes.paragraph("", "", *where, *apart, *note)
        items += nodes.list_item("", line)
    return items


def symbols(data: dict[str, Any]) -> nodes.Element:
    """Return the symbols with their shapes."""
    line = nodes.paragraph(classes=["shapes"])
    for key, shape in data["shapes"].items():
        latex = latex_of(key)
        line += nodes.inline("", "", nodes.math(latex, latex), nodes.Text(f" {shape_of(shape)}"))
        line += nodes.Text(" ")
    return line


def remarks(data: dict[str, Any]) -> list[str]:
    """Return what else a careful reader asks."""
    said = [f"{method[0].upper()}{method[1:]}." for method in data["methods"]]
    if data["tight"]:
        said.append("The bound is met with equality at the point given.")
    if data["where"]:
        said.append(f"With the displayed definitions {', '.join(data['where'])}.")
    return said


def equation_link(label: str, docname: str) -> nodes.Element:
    """Return a reference to an equation in words, "Equation (2.1.3)"."""
    return nodes.inline("", "", nodes.Text("Equation "), equation_number(label, docname))


def equation_number(label: str, docname: str) -> addnodes.pending_xref:
    """Return a reference to an equation, "(2.1.3)", its number known in the end."""
    options = {"refdomain": "math", "reftype": "eq", "reftarget": label, "refdoc": docname}
    return addnodes.pending_xref("", nodes.literal("", label), refwarn=True, **options)


def tick(mark: str) -> nodes.inline:
    """Return a mark in the face of formulas."""
    return nodes.inline("", mark, classes=["tick"])


def code_link(name: str, docname: str) -> nodes.Element:
    """Return a reference to the API entry of a function, by its last name."""
    options = {"refdomain": "py", "reftype": "obj", "reftarget": name, "refdoc": docname}
    code = nodes.literal("", name.rpartition(".")[2])
    return addnodes.pending_xref("", code, refwarn=True, refexplicit=True, **options)


def ignore(self: object, node: nodes.Element) -> None:
    """Let the children speak."""


def setup(app: Sphinx) -> None:
    """Add the node and the transform."""
    every: Any = dict.fromkeys(("html", "latex", "man", "texinfo", "text"), (ignore, ignore))
    app.add_node(certificate, **every)
    app.add_transform(ShowCertificates)
