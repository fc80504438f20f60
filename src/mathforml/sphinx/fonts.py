"""Cut the faces of the site to the characters that its pages draw.

The faces lie complete in the static folders. When the pages are written, the copy of each that is
served is cut to what it has to draw, and a character that no face can draw is a warning.

``mathforml_faces``
    Static files and what each draws, ``"text"`` or ``"code"``: ``{"fonts/text.woff2": "text"}``.
    The face for mathematics comes with the extension.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from html import unescape
from importlib.metadata import version
from io import BytesIO
from logging import WARNING, getLogger
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import category, decomposition

from sphinx.errors import ConfigError
from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["cut", "drawn", "setup"]

MATH = {"fonts/math.woff2": "math"}
FEATURES = ["ccmp", "kern", "liga", "locl", "mark", "mkmk", "tnum", "ssty"]
RECIPE = "fonts.py", "mathface.py"
SIGNS = "Sm", "So", "Pd"
ASCII = {chr(code) for code in range(0x20, 0x7F)}  # scripts and readers write, too

# A single letter in <mi> is drawn with a letter of the block of mathematical italics.
ITALIC = {
    chr(int(decomposition(chr(code)).split()[1], 16)): chr(code)
    for code in (*range(0x1D434, 0x1D455), *range(0x1D456, 0x1D468), *range(0x1D6A4, 0x1D71C))
    if decomposition(chr(code)) and not 0x1D6A6 <= code < 0x1D6E2
} | {"h": "ℎ"}

SCRIPT = re.compile(r"<(script|style)\b([^>]*)>(.*?)</\1>", re.DOTALL)
FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
LETTER = re.compile(r"<mi([^>]*)>([^<])</mi>")
CODE = re.compile(r"<(pre|code|kbd|samp)\b.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
CONTENT = re.compile(r"content:\s*([\"'])(.*?)\1")
ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6}) ?")

logger = logging.getLogger(__name__)
getLogger("fontTools.subset").setLevel(WARNING)  # it tells of every step


def drawn(page: str) -> dict[str, set[str]]:
    """Return the characters that a page draws as ``text``, as ``code`` and as ``math``."""
    body = page.partition("<body")[2].partition(">")[2]
    text = " ".join(data for _, kind, data in SCRIPT.findall(body) if "json" in kind)
    body = SCRIPT.sub("", body)
    formulas = "".join(FORMULA.findall(body))
    body = FORMULA.sub("", body)
    code = "".join(found[0] for found in CODE.finditer(body))
    body = CODE.sub("", body)
    letters = {letter for kind, letter in LETTER.findall(formulas) if "normal" not in kind}
    roots = {"√"} if re.search("<m(sqrt|root)", formulas) else set()  # drawn, but not written
    return {
        "text": _characters(body) | set(text),
        "code": _characters(code),
        "math": _characters(formulas) | roots | {ITALIC.get(letter, letter) for letter in letters},
    }


def _characters(markup: str) -> set[str]:
    return set(unescape(TAG.sub("", markup)))


def _invisible(character: str) -> bool:
    """Tell whether nothing is drawn: a space, a control, a variation selector."""
    return category(character) in ("Zs", "Zl", "Zp", "Cc", "Cf") or "︀" <= character <= "️"


def _written_by_style(sheet: str) -> set[str]:
    """Return what a style sheet adds to a page."""
    texts = "".join(text for _, text in CONTENT.findall(sheet))
    return set(ESCAPE.sub(lambda found: chr(int(found[1], 16)), texts))


def cut(face: bytes, characters: set[str]) -> bytes:
    """Return a WOFF2 face with only the given characters, the same bytes for the same input."""
    from fontTools.subset import Options, Subsetter  # which take a while: only when they cut
    from fontTools.ttLib import TTFont

    from mathforml.sphinx.mathface import mend

    options = Options(hinting=False, layout_features=FEATURES, name_IDs=[0, 1, 2, 4, 5, 6, 13, 14])
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(sorted(characters)))
    font = TTFont(BytesIO(face), recalcTimestamp=False)
    if "MATH" in font:
        mend(font)
    subsetter.subset(font)
    font.flavor = "woff2"
    result = BytesIO()
    font.save(result)
    return result.getvalue()


def _cut_once(face: bytes, characters: set[str], folder: Path) -> bytes:
    """Cut a face, or take it from the folder if the same was cut before."""
    wanted = f"{version('fonttools')} {sorted(characters)}".encode()
    known = folder / f"{hashlib.sha256(face + _recipe() + wanted).hexdigest()}.woff2"
    if not known.exists():
        known.write_bytes(cut(face, characters))
    return known.read_bytes()


def _recipe() -> bytes:
    return b"".join(Path(__file__).with_name(name).read_bytes() for name in RECIPE)


class Memory:
    """What files contain that takes a while to find; kept, for files that do not change."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.recipe = hashlib.sha256(_recipe()).hexdigest()
        self.known: dict[str, dict[str, str]] = {}
        self.used: dict[str, dict[str, str]] = {}
        with suppress(OSError, ValueError):
            self.known = json.loads(file.read_text("utf-8"))

    def recall(
        self, content: bytes, find: Callable[[bytes], dict[str, set[str]]]
    ) -> dict[str, set[str]]:
        """Return characters found in some content."""
        key = self.recipe + hashlib.sha256(content).hexdigest()
        if key not in self.known:
            self.known[key] = {
                name: "".join(sorted(found)) for name, found in find(content).items()
            }
        self.used[key] = self.known[key]
        return {name: set(found) for name, found in self.known[key].items()}

    def keep(self) -> None:
        """Keep what was asked for."""
        self.file.write_text(json.dumps(self.used), "utf-8")


def _pages(output: Path, memory: Memory) -> dict[str, dict[str, set[str]]]:
    """Return what each page draws, and what the style sheets add to all."""
    pages = {
        path.relative_to(output).as_posix(): memory.recall(
            path.read_bytes(), lambda page: drawn(page.decode("utf-8"))
        )
        for path in sorted(output.rglob("*.html"))
        if "_static" not in path.parts
    }
    sheets = (path.read_text("utf-8") for path in output.glob("_static/**/*.css"))
    pages["_static"] = {"text": ASCII.union(*map(_written_by_style, sheets)), "code": ASCII}
    return pages


def _share(
    pages: dict[str, dict[str, set[str]]], covers: dict[str, set[str]]
) -> tuple[dict[str, set[str]], dict[str, str]]:
    """Give each face its characters, to that of mathematics what others lack; return the rest."""
    wanted: dict[str, set[str]] = defaultdict(set)
    missing: dict[str, str] = {}
    for page, roles in pages.items():
        for role in roles.keys() & covers.keys():
            wanted[role] |= roles[role] & covers[role]
            signs = {c for c in roles[role] if category(c) in SIGNS}
            wanted["math"] |= signs & covers["math"]  # a style may set them in its face
            strange = {c for c in roles[role] - covers[role] if not _invisible(c)}
            wanted["math"] |= strange & covers["math"]
            missing |= {c: page for c in strange - covers["math"] if page != "_static"}
    return wanted, missing


def finish(app: "Sphinx", exception: Exception | None) -> None:
    """Cut the faces in the output."""
    if exception or app.builder.format != "html":
        return
    roles: dict[str, str] = MATH | app.config.mathforml_faces
    faces = {path: _complete(app, path) for path in roles}
    folder = Path(app.doctreedir, "faces")
    folder.mkdir(exist_ok=True)
    memory = Memory(folder / "known.json")
    covers: dict[str, set[str]] = {}
    for path, face in faces.items():
        here = memory.recall(face, _drawable)["all"]
        covers[roles[path]] = covers.get(roles[path], here) & here
    wanted, missing = _share(_pages(Path(app.outdir), memory), covers)
    memory.keep()
    for character, page in sorted(missing.items()):
        logger.warning("No face draws %r (U+%04X), on %s", character, ord(character), page)
    for path, face in faces.items():
        small = _cut_once(face, wanted[roles[path]], folder)
        (app.outdir / "_static" / path).write_bytes(small)


def _drawable(face: bytes) -> dict[str, set[str]]:
    """Return the characters that a face has."""
    from fontTools.ttLib import TTFont

    return {"all": set(map(chr, TTFont(BytesIO(face), lazy=True).getBestCmap()))}


def _complete(app: "Sphinx", path: str) -> bytes:
    """Return a complete face from the first static folder that has it."""
    for folder in app.config.html_static_path:
        if (file := Path(app.confdir, folder, path)).exists():
            return file.read_bytes()
    raise ConfigError(f"mathforml_faces: no static folder has {path}")


def setup(app: "Sphinx") -> None:
    """Cut the faces when the site is written."""
    app.add_config_value("mathforml_faces", {}, "", types=frozenset({dict}))
    app.connect("build-finished", finish)
