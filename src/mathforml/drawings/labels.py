"""Set the labels of a drawing as running text, in the faces of the page.

matplotlib places each letter of a label with mathematics by the widths of its own face; in
another face the letters would stand apart.  It leaves the label's source in a comment: from
that, the label is written again, as text that flows.  Labels beyond this small grammar
(fractions, roots) stay as matplotlib placed them.
"""

import re
import xml.etree.ElementTree as ET
from html.entities import html5
from typing import NamedTuple

__all__ = ["Run", "runs", "set_label"]

NAMES = {
    "infty": "∞",
    "partial": "∂",
    "to": "→",
    "neq": "≠",
    "cdot": "·",
    "cdots": "⋯",
    "ldots": "…",
    "dots": "…",
    "epsilon": "ϵ",
    "varepsilon": "ε",
    "phi": "ϕ",
    "varphi": "φ",
    "odot": "⊙",
    "circ": "∘",
    "ell": "ℓ",
    "top": "⊤",
    "mid": "|",
    "Vert": "‖",
    "|": "‖",
    "langle": "⟨",
    "rangle": "⟩",
}
ACCENTS = {
    "bar": "\u0304",
    "hat": "\u0302",
    "tilde": "\u0303",
    "dot": "\u0307",
    "ddot": "\u0308",
    "vec": "\u20d7",
}
SPACES = {",": 0.17, ":": 0.22, ";": 0.28, " ": 0.25, "quad": 1.0, "!": -0.17}  # in em
WORDS = ("mathrm", "mathdefault", "mathregular", "operatorname", "text", "mathsf")
FUNCTIONS = {"arctan", "cos", "cosh", "det", "dim", "exp", "inf", "lim", "ln", "log", "max", "min"}
FUNCTIONS |= {"sin", "sinh", "sup", "tan", "tanh"}
RELATION = set("=<>≤≥≈≠≡∼∝≪≫∈→←↦⟶⇒")
BINARY = set("+−±∓·×∘⊙∗÷∪∩")
OPENING = set("([,|")
VARIANTS = "ϵϑϰϕϱϖ"
LETTERS = (
    ("a", "z", {"italic": 0x1D44E, "bold": 0x1D41A}),
    ("A", "Z", {"italic": 0x1D434, "bold": 0x1D400}),
    ("α", "ω", {"italic": 0x1D6FC, "bold": 0x1D6C2}),
)
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
UPRIGHT = set("ΓΔΘΛΞΠΣΥΦΨΩ∇∂ℓℝ")


TEXT = 14.0  # the size of text to which other sizes are relative


class Run(NamedTuple):
    """A piece of a label in one face, at one height."""

    text: str
    math: bool = False  # in the face of formulas
    rise: float = 0.0  # above the line, in em of the label
    size: float = 1.0  # of the label's
    gap: float = 0.0  # before it, in em of the label


class Unknown(ValueError):
    """A label beyond the grammar."""


def _in_style(letter: str, style: str) -> str:
    """Return the letter that formulas are drawn with."""
    if style == "upright":
        return letter
    if style == "italic" and letter == "h":
        return "ℎ"
    if style == "italic" and letter in VARIANTS:
        return chr(0x1D716 + VARIANTS.index(letter))
    for first, last, starts in LETTERS:
        if first <= letter <= last:
            return chr(starts[style] + ord(letter) - ord(first))
    return letter


def _symbol(name: str) -> str:
    """Return the character that a command stands for."""
    found = NAMES.get(name) or html5.get(f"{name};")
    if not found:
        raise Unknown(name)
    return found


def runs(label: str) -> list[Run]:
    """Cut a label, ``text $mathematics$ text``, into runs.

    Parameters
    ----------
    label : str
        As given to matplotlib.

    Returns
    -------
    runs : list of Run
        To be set one after the other.

    Raises
    ------
    Unknown
        If the label holds what running text cannot show.
    """
    found: list[Run] = []
    for number, part in enumerate(re.split(r"(?<!\\)\$", label)):
        if number % 2:
            _Formula(part, found).read()
        elif part:
            found.append(Run(part.replace(r"\$", "$")))
    return found


class _Formula:
    """Reads the mathematics of a label."""

    def __init__(self, source: str, found: list[Run]):
        self.tokens: list[str] = TOKEN.findall(source)
        self.found = found
        self.rise, self.size = 0.0, 1.0
        self.style = "italic"  # or bold, or upright, in the face of the text
        self.operand = False  # whether the last thing was one, so that + and − join two
        self.pending = 0.0  # a gap before the next thing, unless it is a parenthesis

    def read(self, until: str = "") -> None:
        """Read to the end, or to a closing brace."""
        while self.tokens:
            token = self.tokens.pop(0)
            if token == until:
                return
            self.read_one(token)
        if until:
            raise Unknown("a brace that is not closed")

    def read_one(self, token: str) -> None:
        """Read one thing."""
        if token == "{":
            self.read("}")
        elif token in ("^", "_"):
            self.script(1 if token == "^" else -1)
        elif token.startswith("\\"):
            self.command(token[1:])
        elif token.isspace():
            if self.style == "upright":
                self.add(" ")
        elif token == "'":
            self.add("′")
        elif token.isalpha():
            self.add(_in_style(token, self.style))
        else:
            self.sign(token)

    def command(self, name: str) -> None:
        """Read a command."""
        if name in WORDS:
            self.styled("upright")
        elif name in FUNCTIONS:
            self.found.append(Run(name, False, self.rise, self.size, 0.17 * self.operand))
            self.operand, self.pending = True, 0.17
        elif name in ("mathbf", "boldsymbol"):
            self.styled("bold")
        elif name in ACCENTS:
            self.read_one(self.take())
            self.found[-1] = self.found[-1]._replace(text=self.found[-1].text + ACCENTS[name])
        elif name in SPACES:
            self.found.append(Run("", gap=SPACES[name]))
        elif name not in ("left", "right"):
            found = name if name in "{}%#&_" else _symbol(name)
            letter = found.isalpha() and found not in UPRIGHT
            self.add(_in_style(found, self.style)) if letter else self.sign(found)

    def styled(self, style: str) -> None:
        """Read the next thing in another style."""
        before, self.style = self.style, style
        self.read_one(self.take())
        self.style, self.operand = before, True

    def take(self) -> str:
        """Take the next token that is no space."""
        while self.tokens and self.tokens[0].isspace():
            self.tokens.pop(0)
        return self.tokens.pop(0)

    def script(self, direction: int) -> None:
        """Read what stands above or below the line."""
        rise, size = self.rise, self.size
        self.rise, self.size = rise + size * (0.4 if direction > 0 else -0.2), size * 0.7
        self.read_one(self.take())
        self.rise, self.size, self.operand = rise, size, True

    def sign(self, token: str) -> None:
        """Add a sign; relations and operators between two things stand apart."""
        hyphen = self.style == "upright" and self.found and self.found[-1].text[-1:].isalpha()
        token = "−" if token == "-" and not hyphen else token
        joins = token in RELATION or (token in BINARY and self.operand)
        gap = (0.28 if token in RELATION else 0.22) if joins and self.size == 1 else 0.0
        self.add(token, gap, operand=token not in RELATION | BINARY | OPENING)
        if gap or token == ",":
            self.found.append(Run("", gap=gap or 0.17))

    def add(self, text: str, gap: float = 0.0, operand: bool = True) -> None:
        """Add a run."""
        if self.size == 1:
            gap = gap or (0.0 if text in OPENING else self.pending)
            self.pending = 0.0
        self.found.append(Run(text, self.style != "upright", self.rise, self.size, gap))
        self.operand = operand


def merge(found: list[Run]) -> list[Run]:
    """Join neighbors that look alike.

    Parameters
    ----------
    found : list of Run
        Runs, among them gaps without text.

    Returns
    -------
    merged : list of Run
        Fewer runs, all with text.
    """
    merged: list[Run] = []
    for run in found:
        last = merged[-1] if merged else None
        if last and not last.text:
            merged[-1] = run._replace(gap=last.gap + run.gap)
        elif last and run == last._replace(text=run.text, gap=0.0) and run.text:
            merged[-1] = last._replace(text=last.text + run.text)
        else:
            merged.append(run)
    return [run for run in merged if run.text]


def _tspans(found: list[Run]) -> list[ET.Element]:
    """Write runs as elements; heights and gaps are in em, so that the page may set the size."""
    out: list[ET.Element] = []
    height = 0.0
    for run in merge(found):
        attributes = {"class": "m"} if run.math else {}
        if run.gap:
            attributes["dx"] = f"{run.gap / run.size:.2g}em"
        if abs(run.rise - height) > 1e-6:
            attributes["dy"] = f"{(height - run.rise) / run.size:.2g}em"
        if run.size != 1:
            attributes["style"] = f"font-size: {run.size * TEXT}px"
        element = ET.Element("tspan", attributes)
        element.text = run.text
        out.append(element)
        height = run.rise
    return out


def set_label(group: ET.Element, source: str, anchor: str = "middle") -> None:
    """Write a label of matplotlib as running text, if the grammar can.

    Parameters
    ----------
    group : Element
        What matplotlib drew: a transform, one ``tspan`` for each letter, perhaps rules.
    source : str
        The label, as given to matplotlib.
    anchor : {"start", "middle", "end"}
        Which part of it keeps its place, since it will be wider or narrower.
    """
    text = group.find("text")
    try:
        pieces = _tspans(runs(source.replace("- -", "--")))
    except (Unknown, IndexError):
        pieces = []
    if text is None or not len(text) or not pieces or group.find("rect") is not None:
        return
    sizes = [float(re.findall(r"font-size: ([\d.]+)px", t.get("style", ""))[0]) for t in text]
    places = [(float(t.get("x", 0)), float(t.get("y", 0))) for t in text]
    size = max(sizes)
    width = max(x + 0.5 * s for (x, _), s in zip(places, sizes, strict=True))
    baseline = next(y for (_, y), s in zip(places, sizes, strict=True) if s == size)
    text[:] = pieces
    text.text = None
    text.set("x", str(width * {"start": 0, "middle": 0.5, "end": 1}[anchor]))
    text.set("y", str(baseline))
    text.set("style", f"font-size: {size}px; text-anchor: {anchor}")
