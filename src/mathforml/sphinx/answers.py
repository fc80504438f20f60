"""``{answer} ex-name``: a field whose answer the browser checks.

The right answer comes from a cell of the page, through `mathforml.exercises.answer`, or from an
executed derivation whose steps the reader puts in order. The page carries it, encoded so that a
glance at its source gives nothing away; a small script compares. A field without an answer, an
answer without a field, or one that does not fit its field fails the build.
"""

import math
import random
import re
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from mathforml.sphinx.boxes import exercise_box
from mathforml.sphinx.executed import pages as equations_of

logger = logging.getLogger(__name__)
KINDS = "number", "choice", "order"
ROW = re.compile(r"\\\\|\\begin\{\w+\*?\}|\\end\{\w+\*?\}")


class answer_field(nodes.General, nodes.Element):
    """A field: a line that labels it, then a list of its options or steps."""


class answer_record(nodes.General, nodes.Element):
    """The right answer of a field, where a cell left it."""


class AnswerField(SphinxDirective):
    """``{answer} ex-name``, within its exercise."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "kind": lambda word: directives.choice(word, KINDS),
        "of": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Return the field; its answer joins it when the page has been read."""
        kind = self.options.get("kind", "order" if "of" in self.options else None)
        if kind is None:
            raise self.error(f"answer needs a :kind:, one of {', '.join(KINDS)}")
        label = nodes.fully_normalize_name(self.arguments[0])
        node = answer_field(kind=kind, label=label, ids=[nodes.make_id(f"answer-{label}")])
        node["of"] = self.options.get("of", "")
        self.set_source_info(node)
        self.state.document.set_id(node)
        node += self.parse_content_to_nodes() if self.content else []
        return [node]


def account(app: Sphinx, doctree: nodes.document) -> None:
    """Match the fields of a page with the answers that its cells computed."""
    env = app.env
    records = taken(doctree)
    grouped: dict[str, list[str]] = {}
    seen: set[str] = set()
    for node in list(doctree.findall(answer_field)):
        exercise = exercise_of(node)
        problem = misplaced(node, exercise, seen) or shape(node)
        if not problem:
            record = records.get(node["label"])
            problem = steps(env, node, record) if node["of"] else unfit(node, record)
        seen.add(node["label"])
        if problem:
            complain(f"the field {node['label']!r} {problem}", node)
            node.parent.remove(node)
        elif exercise is not None:
            node["check"] = settle(node, records.get(node["label"]))
            grouped.setdefault(exercise["names"][0], []).append(node["label"])
    for label, record in records.items():
        if label not in seen:
            known = ", ".join(sorted(seen)) or "none"
            complain(f"a cell answers {label!r}, which has no field; fields here: {known}", record)
    fields(env)[env.docname] = list(grouped.values())


def taken(doctree: nodes.document) -> dict[str, answer_record]:
    """Take the records out of the outputs of cells, and return them by label."""
    found: dict[str, answer_record] = {}
    for record in list(doctree.findall(answer_record)):
        label = record["data"]["label"]
        record.source, record.line = place_of(record)
        output: nodes.Element = record
        while output.parent and "cell_output" not in output.parent["classes"]:
            output = output.parent
        holder = output.parent
        holder.remove(output)
        if not len(holder):
            holder.parent.remove(holder)
        if label in found:
            complain(f"a second cell answers {label!r}", record)
        found.setdefault(label, record)
    return found


def place_of(node: nodes.Element) -> tuple[str | None, int | None]:
    """Return the source and the line of a node, or of what holds it."""
    while node.line is None and node.parent is not None:
        node = node.parent
    return node.source, node.line


def exercise_of(node: nodes.Node) -> exercise_box | None:
    """Return the exercise that holds a node."""
    parent = node.parent
    while parent is not None and not isinstance(parent, exercise_box):
        parent = parent.parent
    return parent


def misplaced(node: answer_field, exercise: exercise_box | None, seen: set[str]) -> str:
    """Say what is wrong with the place and the name of a field."""
    label = node["label"]
    if exercise is None:
        return "stands in no exercise"
    if not exercise["names"]:
        return "stands in an exercise without a label"
    name = exercise["names"][0]
    if label != name and not label.startswith(f"{name}-"):
        return f"stands in {name!r}; expected that label, or one that begins with it"
    return "comes twice" if label in seen else ""


def shape(node: answer_field) -> str:
    """Say what is wrong with the content of a field, and part it: a label, then a list."""
    kind = node["kind"]
    items = options(node)
    lists = [part for part in node.children if isinstance(part, nodes.bullet_list)]
    words = [part for part in node.children if isinstance(part, nodes.paragraph)]
    if len(words) > 1 or len(words) + len(lists) < len(node.children):
        return "holds more than a line and a list"
    if kind == "number":
        return "" if words and not lists else "asks for a number; expected its label, one line"
    if node["of"]:
        return "" if kind == "order" and not lists else "takes its steps from an equation"
    if len(lists) != 1 or len(items) < 2:
        return f"is a {kind}; expected a list of two items or more"
    if any(len(item) != 1 or not isinstance(item[0], nodes.paragraph) for item in items):
        return "has an item of more than one line"
    texts = [item.astext() for item in items]
    return "lists the same item twice" if len({*texts}) < len(texts) else ""


def options(node: answer_field) -> list[nodes.list_item]:
    """Return the items of a field's list."""
    lists = (part for part in node.children if isinstance(part, nodes.bullet_list))
    return [item for part in lists for item in part if isinstance(item, nodes.list_item)]


def unfit(node: answer_field, record: answer_record | None) -> str:
    """Say why an answer is none for this field."""
    if record is None:
        return "has no answer; expected answer(…) in a cell of this page"
    kind, value = node["kind"], record["data"]["value"]
    wrong = [slip for slip, _, _ in record["data"]["wrong"]]
    last = len(options(node))
    if kind == "order":
        places = [*range(1, last + 1)]
        bad = [v for v in (value, *wrong) if not isinstance(v, list) or sorted(v) != places]
        return f"is an order; {bad[0]} is no permutation of 1 to {last}" if bad else ""
    if any(isinstance(v, list) for v in (value, *wrong)):
        return f"is a {kind}, and its answer a list"
    if kind == "number":
        return "" if wrong else "asks for a number; expected feedback for at least one wrong value"
    bad = [v for v in (value, *wrong) if v not in range(1, last + 1)]
    return f"has {last} options; there is no option {bad[0]:g}" if bad else ""


def steps(env: BuildEnvironment, node: answer_field, record: answer_record | None) -> str:
    """Fill a field with the steps of an executed derivation, or say why not."""
    found = {entry.label: entry for entry in equations_of(env).get(env.docname, ())}
    entry = found.get(node["of"])
    if record is not None:
        return "needs no answer from a cell: its equation was executed"
    if entry is None or entry.standing != "executed":
        return f"is of {node['of']!r}, which is not executed on this page"
    lines = lines_of(entry.latex)
    if len(lines) < 3:
        return f"is of {node['of']!r}; expected an aligned derivation of three steps or more"
    if len({*lines}) < len(lines):
        return f"is of {node['of']!r}, two steps of which are the same"
    formulas = [nodes.math(line, rf"\displaystyle {line}") for line in lines]
    items = [nodes.list_item("", nodes.paragraph("", "", line)) for line in formulas]
    node += nodes.bullet_list("", *items, bullet="-")
    return ""


def lines_of(latex: str) -> list[str]:
    r"""Return the lines of an ``aligned`` display, without their signs of alignment.

    Examples
    --------
    >>> lines_of(r"\begin{aligned} a &= b + b \\ &= 2 b \end{aligned}")
    ['a = b + b', '= 2 b']
    """
    inside = re.search(r"\\begin\{aligned\}(.*)\\end\{aligned\}", latex, re.DOTALL)
    if not inside:
        return []
    lines, depth = [""], 0
    text, last = inside[1], 0
    for mark in ROW.finditer(text):
        lines[-1] += text[last : mark.start()]
        last = mark.end()
        depth += mark[0].startswith(r"\begin") - mark[0].startswith(r"\end")
        if mark[0] == r"\\" and not depth:
            lines.append("")
        else:
            lines[-1] += mark[0]
    lines[-1] += text[last:]
    plain = (" ".join(line.replace("&", "", 1).split()) for line in lines)
    return [line for line in plain if line]


def settle(node: answer_field, record: answer_record | None) -> dict[str, Any]:
    """Return what the browser needs; steps are shuffled, and their places are those shown."""
    kind = node["kind"]
    if kind == "order":
        right = [*range(1, len(options(node)) + 1)] if record is None else record["data"]["value"]
        wrong = [] if record is None else record["data"]["wrong"]
        shown = shuffled(node, right)
        again = {place: k for k, place in enumerate(shown, start=1)}
        told = [[[again[place] for place in slip], near, said] for slip, near, said in wrong]
        return {"value": [again[place] for place in right], "wrong": told}
    data = {key: part for key, part in record["data"].items() if key != "label"} if record else {}
    if kind == "choice":
        wrong = [[int(slip), 0, said] for slip, _, said in data["wrong"]]
        return {"value": int(data["value"]), "wrong": wrong}
    return {**data, "digits": digits(data["value"], data["atol"])}


def shuffled(node: answer_field, right: list[int]) -> list[int]:
    """Shuffle the steps of a field, alike in every build, and return their places."""
    items = options(node)
    shown = [*range(1, len(items) + 1)]
    draw = random.Random(node["label"])
    draw.shuffle(shown)
    while shown == right:
        draw.shuffle(shown)
    whole = items[0].parent
    whole.children = []
    whole += [items[place - 1] for place in shown]
    return shown


def digits(value: float, atol: float) -> int:
    """Return how many digits of a value are asked for.

    Examples
    --------
    >>> digits(0.0983, 5e-5), digits(1024.0, 5e-4)
    (3, 4)
    """
    if value == 0 or atol == 0:
        return 0
    first, last = math.floor(math.log10(abs(value))), math.floor(math.log10(2 * atol) + 1e-6)
    whole = abs(value - round(value)) <= 1e-9 * abs(value)
    return max(0, min(15, first - (max(last, 0) if whole else last) + 1))


def complain(message: str, node: nodes.Node) -> None:
    """Report an error at the line of ``node``."""
    logger.error(message, location=node, type="mathforml", subtype="answer")


def fields(env: BuildEnvironment) -> dict[str, list[list[str]]]:
    """Return the labels of the fields of each page, one list for an exercise."""
    kept: dict[str, list[list[str]]] = vars(env).setdefault("mathforml_answers", {})
    return kept


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a page that is removed or about to be read again."""
    fields(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    """Take over what a parallel reader found."""
    found = fields(other)
    fields(env).update({name: found[name] for name in docnames & found.keys()})


def setup(app: Sphinx) -> None:
    """Add the directive and the account."""
    app.add_node(answer_record)
    app.add_directive("answer", AnswerField)
    app.connect("doctree-read", account, priority=600)  # after that of the equations
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
