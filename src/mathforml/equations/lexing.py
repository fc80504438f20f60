r"""LaTeX to tokens.

Typesetting disappears here (sizes, spacing, display environments), synonyms become one
spelling (``\leq`` and ``\le``), and a few commands are rewritten to plainer ones, so that
the grammar has one way of saying each thing:

- ``\underset{x}{\max}`` becomes ``\max_{x}``, ``\stackrel{d}{=}`` becomes ``=``;
- ``&`` and ``\\`` stay inside matrices; elsewhere a ``\\`` stays only where a new
  statement begins, not where a line continues the one before.
"""

import re
from typing import NamedTuple

from mathforml.equations.errors import EquationSyntaxError, Place

__all__ = ["CLOSERS", "OPENERS", "RELATIONS", "Token", "tokens", "words"]

LONGEST = 20_000  # characters; no display is a tenth of this
MOST = 5_000  # tokens


class Token(NamedTuple):
    """One token.

    Parameters
    ----------
    kind
        ``number``, ``letter``, ``word``, ``command``, ``symbol``, ``open``, ``close``,
        ``begin``, ``end``, ``quad``, ``newline`` or ``eof``.
    text
        Its canonical spelling.
    start, end
        Its place in the source.
    note
        For a word, the command that set it; for a command with many spellings, the one used.
    """

    kind: str
    text: str
    start: int
    end: int
    note: str = ""


def words(text: str) -> frozenset[str]:
    """Return the set of words in a text."""
    return frozenset(text.split())


SKIP = r"""\\(?:displaystyle|textstyle|scriptstyle|scriptscriptstyle|limits|nolimits|nonumber
  |notag|middle|thinspace|enspace|allowbreak|hfill|mathstrut|strut|mathrel|mathbin|mathord
  |mathopen|mathclose|ensuremath|boxed|hbox|smash|cal|bf|it|rm|sf|tt|Large|large|small
  |mathsmaller|relax|protect|vcenter|hline|cr|bigstrut|noindent|centering|selectfont|begingroup|endgroup|bgroup|egroup
  )(?![A-Za-z])"""
SKIP_WITH_ARGUMENT = r"""\\(?:label|tag\*?|hspace\*?|vspace\*?|phantom|hphantom|vphantom|mspace
  |color|textcolor|ref|eqref|footnote|cite|cssId|class|style|hskip|kern|fontsize|mkern
  |rule|mystrut|strut)\s*(?:\{[^{}]*\}|-?[\d.]+\s*(?:pt|em|ex|mu|cm|mm)?)"""
WORD = r"""\\(?P<font>operatorname\*?|mathrm|mathit|text|textrm|textbf|textit|textsf|texttt|textup
  |textnormal|textsc|textmd|mbox|hbox|mathsf|mathtt|mathop|emph|rm)
  \s*\{(?P<word>(?:[^{}\\$]|\$[^{}$]*\$|\\[,;:!\ _&%\#-]
    |\\(?:max|min|arg|sup|inf|lim)(?![A-Za-z]))*)\}"""
LEXEME = re.compile(
    rf"""
    {WORD}
  | (?P<skip>\s+|(?<!\\)%[^\n]*|~|\\[,;:!>\ /]|{SKIP}|{SKIP_WITH_ARGUMENT})
  | \{{\s*\\(?:rm|bf|sf|tt|text)\s+(?P<oldword>[A-Za-z]{{2,}})\s*\}}
  | (?P<begin>\\begin\s*\{{(?P<env>[A-Za-z]+)\*?\}}(?:\[[a-z]\])?
      (?:(?<=array\}})\s*(?:\[[a-z]\])?\{{(?:[^{{}}]|\{{[^{{}}]*\}})*\}}
        |(?<=alignat\}})\{{\d+\}}|(?<=alignat\*\}})\{{\d+\}}|(?<=alignedat\}})\{{\d+\}})?)
  | (?P<end>\\end\s*\{{[A-Za-z]+\*?\}})
  | (?P<dots>\.\.\.)
  | (?P<plainword>[A-Za-z]{{1,40}}(?:\\_[A-Za-z]{{1,40}})+)
  | (?P<quad>\\q?quad(?![A-Za-z]))
  | (?P<size>\\(?:[bB]igg?)(?P<side>[lrm]?)(?![A-Za-z]))
  | (?P<newline>\\\\\*?(?:\s*\[\s*-?[\d.]+\s*[a-z]+\s*\])?|\\newline(?![A-Za-z]))
  | (?P<command>\\(?:[A-Za-z]+\*?|.))
  | (?P<number>\d+\{{,\}}\d{{3}}(?!\d)|\d+(?:\.\d+)?|\.\d+)
  | (?P<letter>[^\W\d_])
  | (?P<assign>:\s*=)
  | (?P<ascii>[<>]=)
  | (?P<symbol>.)
    """,
    re.VERBOSE | re.DOTALL,
)

SPELLINGS = r"""
    \leq \le  \leqslant \le  \leqq \le  \geq \ge  \geqslant \ge  \geqq \ge  \ne \neq  \lt <  \gt >
    \coloneqq :=  \triangleq :=  \doteq =  \equiv =  \simeq \approx  \thickapprox \approx
    \approxeq \approx  \succcurlyeq \succeq  \preccurlyeq \preceq  \land \wedge  \lor \vee
    \rightarrow \to  \longrightarrow \to  \xrightarrow \to  \gets \leftarrow
    \longleftarrow \leftarrow  \longmapsto \mapsto  \implies \Rightarrow
    \Longrightarrow \Rightarrow  \iff \Leftrightarrow  \leftrightarrow \Leftrightarrow
    \lbrace \{  \rbrace \}  \lbrack [  \rbrack ]  \lparen (  \rparen )  \lang \langle  \rang \rangle
    \vert |  \Vert \|  \parallel \|  \given \mid  \colon :  \ast *  \star *  \prime '
    \intercal \top  \ldots \dots  \cdots \dots  \dotsc \dots  \dotsb \dots  \dotsm \dots
    \dotso \dots  \hdots \dots  \dfrac \frac  \tfrac \frac  \cfrac \frac  \dbinom \binom
    \tbinom \binom  \varnothing \emptyset
    <= \le  >= \ge  − -  ≤ \le  ≥ \ge  ≠ \neq  × \times  · \cdot  ∈ \in  ∞ \infty  ∑ \sum  √ \sqrt
    ∂ \partial  ∇ \nabla  … \dots  ⊤ \top  → \to  ≈ \approx
"""
SYNONYMS = dict(zip(SPELLINGS.split()[::2], SPELLINGS.split()[1::2], strict=True))
BARS = {r"\lvert": "|", r"\rvert": "|", r"\lVert": r"\|", r"\rVert": r"\|"}
DISPLAYS = words(
    """equation align aligned split gather gathered multline multlined eqnarray alignat alignedat
    flalign displaymath dmath math subequations IEEEeqnarray"""
)
OPENERS = frozenset(["(", "[", r"\{", r"\langle", r"\lfloor", r"\lceil"])
CLOSERS = frozenset([")", "]", r"\}", r"\rangle", r"\rfloor", r"\rceil", r"\right."])
RELATIONS = words(
    r"""= := \approx \le \ge < > \ll \gg \propto \succeq \succ \preceq \prec \in \notin \ni \neq
    \sim \to \leftarrow \mapsto \Rightarrow \Leftrightarrow \Leftarrow \cong \subset \subseteq
    \supset \supseteq \perp \asymp \models \vdash \uparrow \downarrow \nsubseteq \not"""
)
BINARY = RELATIONS | words(r"+ - \pm \mp \cdot \times / \odot \oslash \otimes \circ")


def tokens(latex: str) -> list[Token]:
    """Split LaTeX into tokens; the last is ``eof``.

    Raises
    ------
    EquationSyntaxError
        If the text is longer than any display, or its groups do not balance.
    """
    if len(latex) > LONGEST:
        raise EquationSyntaxError(f"{len(latex):,} characters; expected at most {LONGEST:,}")
    return _lines(_structure(_raw(latex), latex), latex)


def _raw(latex: str) -> list[Token]:
    found: list[Token] = []
    for match in LEXEME.finditer(latex):
        kind, text = match.lastgroup or "", match.group()
        start, end = match.span()
        note = ""
        if match["skip"] is not None:
            continue
        if match["oldword"] is not None:
            kind, text = "word", match["oldword"]
        elif match["word"] is not None:
            kind, note = "word", match["font"]
            text = re.sub(r"\\(max|min|arg|sup|inf|lim)", r"\1", match["word"])
            text = re.sub(r"\\[,;:!\-]", "", re.sub(r"\\([_&%# ])", r"\1", text))
            if not text.strip() and note.startswith("text"):
                continue
        elif match["begin"] is not None:
            kind, text = "begin", match["env"]
        elif match["end"] is not None:
            kind, text = "end", text[text.index("{") + 1 : -1].rstrip("*")
        elif match["size"] is not None:
            kind, text = {"l": ("size", "open"), "r": ("size", "close")}.get(
                match["side"], ("size", "")
            )
        elif match["dots"] is not None:
            kind, text = "command", r"\dots"
        elif match["plainword"] is not None:
            kind, text = "word", text.replace("\\_", "_")
        elif match["assign"] is not None:
            kind, text = "symbol", ":="
        elif match["newline"] is not None:
            kind = "newline"
        if kind in ("symbol", "ascii") and text in ("'", "<=", ">="):
            kind = "command"
        if kind in ("command", "symbol"):
            kind, note = "command", text
            text = SYNONYMS.get(text, text)
        if kind == "number":
            text = text.replace("{,}", "")
        found.append(Token(kind, text, start, end, note))
    if len(found) > MOST:
        raise EquationSyntaxError(f"the LaTeX has {len(found):,} tokens; expected at most {MOST:,}")
    last = Token("eof", "the end", len(latex), len(latex))
    return [*found, last, last, last]  # room to look ahead


def _argument(stream: list[Token], at: int, latex: str) -> tuple[list[Token], int]:
    """Return the tokens of the argument that begins at ``at``, and where it ends."""
    if stream[at].kind == "eof":
        end_ = Place(latex, len(latex), len(latex))
        raise EquationSyntaxError("found the end; expected an argument", end_)
    if stream[at].text != "{" or stream[at].kind != "command":
        return [stream[at]], at + 1
    depth, end = 0, at
    while True:
        token = stream[end]
        if token.kind == "eof":
            raise EquationSyntaxError(
                "this brace is never closed; expected a matching }",
                Place(latex, stream[at].start, stream[at].end),
            )
        depth += {"{": 1, "}": -1}.get(token.text, 0) if token.kind == "command" else 0
        end += 1
        if depth == 0:
            return stream[at + 1 : end - 1], end


def _structure(stream: list[Token], latex: str) -> list[Token]:
    """Give delimiters their roles and rewrite stacked commands."""
    found: list[Token] = []
    lefts: list[int] = []  # where the open delimiters stand
    at = 0
    end = Token("eof", "the end", len(latex), len(latex))
    stream = [*stream, end, end, end]
    while at < len(stream) - 3:
        token = stream[at]
        at += 1
        if token.text in (r"\left", r"\right") and token.kind == "command":
            mark = stream[at]
            at += 1
            role = "open" if token.text == r"\left" else "close"
            text = BARS.get(mark.text, mark.text)
            if mark.text == ".":
                text = r"\left." if role == "open" else r"\right."
            text = {"<": r"\langle", ">": r"\rangle"}.get(text, text)
            if role == "open":
                lefts.append(len(found))
            elif lefts:
                opening = lefts.pop()
                if text == r"\right." and found[opening].text in ("|", r"\|"):
                    found[opening] = found[opening]._replace(kind="command")  # a separator
                    continue
            found.append(Token(role, text, token.start, mark.end))
        elif token.kind == "size":
            mark = stream[at]
            text = BARS.get(mark.text, mark.text)
            if text == "|" and [t.text for t in stream[at + 1 : at + 3]] == ["close", "|"]:
                found.append(Token("command", r"\|", token.start, stream[at + 2].end))
                at += 3
            elif token.text and text in ("|", r"\|"):
                found.append(Token(token.text, text, token.start, mark.end))
                at += 1
        elif token.text in BARS:
            role = "open" if token.text.startswith(r"\l") else "close"
            found.append(token._replace(kind=role, text=BARS[token.text]))
        elif token.text in (r"\stackrel", r"\overset", r"\underset") and token.kind == "command":
            over, at = _argument(stream, at, latex)
            base, at = _argument(stream, at, latex)
            found += _structure(base, latex)
            if token.text == r"\underset" and base and base[-1].text not in RELATIONS:
                brace = token._replace(text="{")
                found += [token._replace(text="_"), brace, *_structure(over, latex)]
                found.append(token._replace(text="}"))
        elif token.text == r"\mathop" and token.kind == "command":
            body, at = _argument(stream, at, latex)
            found += _structure(body, latex)
        elif token.text == r"\substack" and token.kind == "command":
            body, at = _argument(stream, at, latex)
            comma = [
                t._replace(kind="command", text=",") if t.kind == "newline" else t for t in body
            ]
            found += _structure(comma, latex)
        elif token.text == r"\to" and token.note.startswith(r"\x"):
            _, at = _argument(stream, at, latex)
            found.append(token)
        elif token.text == r"\not" and stream[at].text in ("=", r"\in"):
            text = r"\neq" if stream[at].text == "=" else r"\notin"
            found.append(token._replace(text=text, end=stream[at].end))
            at += 1
        elif token.kind in ("begin", "end") and token.text in DISPLAYS:
            continue
        else:
            found.append(token)
    return found


def _lines(stream: list[Token], latex: str) -> list[Token]:
    r"""Keep ``&`` and ``\\`` in matrices, and ``\\`` before a new statement; drop the rest."""
    found: list[Token] = []
    open_: list[str] = []
    for at, token in enumerate(stream):
        following = stream[at + 1] if at + 1 < len(stream) else token
        if token.kind == "begin":
            open_.append("matrix")
        elif token.kind == "open" or token.text in OPENERS or token.text == "{":
            if token.text not in (r"\left.", "|", r"\|"):
                open_.append("bracket")
        elif (
            token.kind == "end"
            or token.kind == "close"
            or token.text in CLOSERS
            or token.text == "}"
        ):
            if token.text == r"\right." and _continues(stream, at):
                continue
            if open_ and token.text not in ("|", r"\|"):
                open_.pop()
        if token.text == r"\left." and token.kind == "open" and _closes_without_bar(stream, at):
            continue
        inside = open_[-1] if open_ else ""
        if token.text == "&" and token.note != r"\&":
            if inside == "matrix":
                found.append(token)
            continue
        if token.kind == "quad":
            before = found[-1].text if found else ""
            if inside or not found or before in BINARY or following.text in BINARY | {",", "&"}:
                continue
        if token.kind == "newline" and inside != "matrix":
            if inside or not found or found[-1].kind == "newline":
                continue
            if found[-1].text in BINARY or _carries_on(stream, at + 1):
                continue
        found.append(token)
    return found


def _next(stream: list[Token], at: int) -> int:
    """Skip what only lays out lines."""
    while stream[at].kind in ("newline", "quad") or stream[at].text == "&":
        at += 1
    return at


def _continues(stream: list[Token], at: int) -> bool:
    r"""Tell whether ``\right.`` is followed by ``\left.`` on the next line."""
    return stream[_next(stream, at + 1)].text == r"\left."


def _closes_without_bar(stream: list[Token], at: int) -> bool:
    r"""Tell whether ``\left.`` only balances a line break, not ``\right|``."""
    depth = 0
    for token in stream[at:]:
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if depth == 0:
            return token.text != "|"
    return True


def _carries_on(stream: list[Token], at: int) -> bool:
    """Tell whether the line that begins at ``at`` belongs to the statement before."""
    at = _next(stream, at)
    first = stream[at]
    if first.text in BINARY and first.text not in ("-", r"\pm", r"\mp"):
        return True
    if first.kind == "eof":
        return True
    if first.text not in ("-", r"\pm", r"\mp"):
        return False
    depth = 0
    for token in stream[at:]:
        if token.kind in ("newline", "eof"):
            return True
        depth += (token.text in OPENERS or token.text == "{") - (
            token.text in CLOSERS or token.text == "}"
        )
        if depth == 0 and token.text in RELATIONS:
            return False
    return True
