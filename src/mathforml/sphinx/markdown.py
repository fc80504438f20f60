"""Write a resolved page as plain Markdown, for a reader who has no Sphinx."""

import re
from collections.abc import Iterable, Iterator
from textwrap import indent

from docutils import nodes
from sphinx.environment import BuildEnvironment

from mathforml.sphinx.boxes import box, fold, sidenote, summary

Block = str | nodes.container
"""A paragraph, or a code cell, which no paragraph can hold."""

AROUND: dict[type[nodes.Element], tuple[str, str]] = {
    nodes.emphasis: ("*", "*"),
    nodes.title_reference: ("*", "*"),
    nodes.strong: ("**", "**"),
    nodes.superscript: ("<sup>", "</sup>"),
    nodes.subscript: ("<sub>", "</sub>"),
    nodes.footnote_reference: ("[", "]"),
    sidenote: (" (", ")"),
}
DISPLAY = re.compile(r"\$\$\n[^%]*?\n\$\$")
SILENT = (nodes.comment, nodes.target, nodes.raw, nodes.image, nodes.substitution_definition)


def escape(text: str) -> str:
    """Return text with a backslash before each character that Markdown would read."""
    text = re.sub(r"([\\`*\[\]<$])", r"\\\1", text)
    return re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", text)


def inline(node: nodes.Node) -> str:
    """Return the Markdown of a part of a paragraph."""
    match node:
        case nodes.Text():
            return escape(node.astext())
        case nodes.math():
            return f"${node.astext().strip()}$"
        case nodes.literal():
            return f"``{node.astext()}``" if "`" in node.astext() else f"`{node.astext()}`"
        case nodes.Element() if not isinstance(node, SILENT):
            before, behind = AROUND.get(type(node), ("", ""))
            text = "".join(map(inline, node.children))
            if {"number", "name", "head"} & {*node["classes"]}:
                return bold(text)
            if isinstance(node, nodes.reference) and ":" in node.get("refuri", ""):
                return f"[{text}]({node['refuri']})"
            return f"{before}{text}{behind}" if text else ""
    return ""


def bold(text: str) -> str:
    """Return Markdown in bold, which must not be nested."""
    return f"**{text.replace('**', '')}**"


def quoted(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks with a bar at their side, joined; a cell stands outside.

    Displays come in one line, so that the bar does not get into their LaTeX.
    """
    for text in joined(blocks):
        if isinstance(text, str):
            text = DISPLAY.sub(lambda found: " ".join(found[0].split()), text)
            yield indent(text, "> ", lambda line: True)
        else:
            yield text


def folded(name: str, blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks that unfold under a name; a cell stands outside."""
    for text in joined(blocks):
        if isinstance(text, str):
            yield f"<details><summary>{name}</summary>\n\n{text}\n\n</details>"
        else:
            yield text


def joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield all that stands between two cells, or headings, as one block."""
    texts: list[str] = []
    for block in blocks:
        if texts and (not isinstance(block, str) or block.startswith("#")):
            yield "\n\n".join(texts)
            texts = []
        if isinstance(block, str):
            texts.append(block)
        else:
            yield block
    if texts:
        yield "\n\n".join(texts)


class Page:
    """A page of the book, block by block.

    Parameters
    ----------
    env : BuildEnvironment
        What knows the numbers of sections, figures and equations.
    docname : str
        The page.
    """

    def __init__(self, env: BuildEnvironment, docname: str) -> None:
        self.env = env
        self.docname = docname

    def blocks(self, parts: Iterable[nodes.Node]) -> Iterator[Block]:
        """Yield the blocks of some nodes."""
        for part in parts:
            if isinstance(part, nodes.Element) and not isinstance(part, SILENT):
                yield from self.block(part)

    def block(self, node: nodes.Element) -> Iterator[Block]:
        """Yield the blocks of one node."""
        match node:
            case nodes.container() if node.get("nb_element") == "cell_code":
                yield node
                yield from self.below(node)
            case fold():
                yield from self.unfold(node)
            case box() if "proof" not in node["classes"]:
                yield from quoted(self.blocks(node.children))
            case nodes.block_quote():
                yield from quoted(self.blocks(node.children))
            case nodes.bullet_list() | nodes.enumerated_list():
                yield "\n".join(self.items(node))
            case nodes.definition_list_item():
                yield from self.definition(node)
            case nodes.table():
                yield from self.table(node)
            case nodes.paragraph() if "back" in node["classes"]:
                return
            case nodes.TextElement() | nodes.footnote() | nodes.citation():
                yield from filter(None, [self.text(node)])
            case _:
                yield from self.blocks(node.children)

    def text(self, node: nodes.Element) -> str:
        """Return the Markdown of a title, a paragraph, a caption, code or a formula."""
        words = re.sub(r"^([#+-])(?=\s)", r"\\\1", "".join(map(inline, node.children)).strip())
        match node:
            case nodes.math_block():
                return self.formula(node)
            case nodes.literal_block():
                language = str(node.get("language", "")).replace("ipython3", "python")
                return f"```{language}\n{node.astext().rstrip()}\n```"
            case nodes.title():
                return f"{'#' * depth(node)} {self.section(node)}{words}"
            case nodes.caption():
                kind = "figure" if isinstance(node.parent, nodes.figure) else "code-block"
                return self.label(node.parent, kind) + words
            case nodes.paragraph() if {"question", "remember"} & {*node["classes"]}:
                return f"*{words}*"
            case nodes.paragraph() if "where" in node["classes"]:
                return "".join(map(inline, node.findall(nodes.literal)))
            case nodes.footnote() | nodes.citation():
                label, *rest = (part.astext() for part in node.children)
                return f"\\[{escape(label)}\\] {escape(' '.join(rest))}"
        return words

    def formula(self, node: nodes.math_block) -> str:
        """Return a display with its number in the book, and the label by which cells call it."""
        number = self.number(node, "displaymath")
        tag = f"\n\\tag{{{number}}}" if number else ""
        label = f" ({node['label']})" if node.get("label") else ""
        return f"$$\n{node.astext().strip()}{tag}\n$${label}"

    def number(self, node: nodes.Element, kind: str) -> str:
        """Return the number of a figure or an equation."""
        numbers = self.env.toc_fignumbers.get(self.docname, {}).get(kind, {})
        found = next((numbers[name] for name in node["ids"] if name in numbers), ())
        return ".".join(map(str, found))

    def label(self, node: nodes.Element, kind: str) -> str:
        """Return what a caption begins with."""
        number = self.number(node, kind)
        return f"**{self.env.config.numfig_format[kind] % number}** " if number else ""

    def section(self, title: nodes.title) -> str:
        """Return the number of a section, and a space."""
        anchor = "" if depth(title) == 1 else f"#{title.parent['ids'][0]}"
        numbers = self.env.toc_secnumbers.get(self.docname, {}).get(anchor)
        return f"{'.'.join(map(str, numbers))} " if numbers else ""

    def below(self, cell: nodes.container) -> Iterator[Block]:
        """Yield the captions of a cell's figures, and what unfolds below them."""
        for figure in cell.findall(nodes.figure):
            for part in figure.children:
                if isinstance(part, nodes.caption | nodes.legend | fold):
                    yield from self.block(part)

    def unfold(self, node: fold) -> Iterator[Block]:
        """Yield the question, if it is one, and the fold."""
        head, *rest = node.children
        name = head.astext() if isinstance(head, summary) else "More"
        if "recall" in node["classes"]:
            yield bold(inline(head))
            name = "Answer"
        yield from folded(name, self.blocks(rest))

    def items(self, node: nodes.Element) -> Iterator[str]:
        """Yield the items of a list."""
        for place, item in enumerate(node.children, start=node.get("start", 1)):
            mark = f"{place}. " if isinstance(node, nodes.enumerated_list) else "- "
            text = "\n\n".join(part for part in self.blocks([item]) if isinstance(part, str))
            yield mark + indent(text, " " * len(mark)).lstrip()

    def definition(self, node: nodes.definition_list_item) -> Iterator[Block]:
        """Yield a term and what it means."""
        terms = [inline(term) for term in node.children if isinstance(term, nodes.term)]
        meaning = [part for part in node.children if isinstance(part, nodes.definition)]
        yield f"**{', '.join(terms)}**"
        yield from self.blocks(meaning)

    def table(self, node: nodes.table) -> Iterator[Block]:
        """Yield the title of a table and its rows."""
        for title in node.findall(nodes.title):
            yield self.label(node, "table") + inline(title)
        rows = [[self.cell(entry) for entry in row.children] for row in node.findall(nodes.row)]
        lines = [f"| {' | '.join(row)} |" for row in rows]
        if lines:
            lines.insert(1, "|" + " --- |" * len(rows[0]))
            yield "\n".join(lines)

    def cell(self, entry: nodes.Node) -> str:
        """Return the text of a table's entry in one line."""
        parts = [inline(part) for part in getattr(entry, "children", ())]
        return " ".join(" ".join(parts).split()).replace("|", r"\|")


def depth(title: nodes.Node) -> int:
    """Return how many sections hold a title."""
    parent = title.parent
    return 0 if parent is None else depth(parent) + isinstance(parent, nodes.section)
