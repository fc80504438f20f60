"""Every page, opened once in a browser: what it asks, draws, says and overlaps."""

import unicodedata
from typing import Any, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from fontTools.ttLib import TTFont

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
COLOR_RULES = ["color-contrast", "link-in-text-block"]  # all that a color scheme can change
FACES = {
    "MF Text": "text.woff2",
    "MF Text italic": "text-italic.woff2",
    "MF Code": "code.woff2",
    "MF Math": "math.woff2",
}

UNFOLD = "document.querySelectorAll('details').forEach(fold => { fold.open = true })"

# Marks the elements whose text no earlier one shows in the same face; returns faces and characters.
# A lone letter of a formula is drawn with a mathematical italic.
PROBE = """() => {
  const seen = {};
  const note = (element, text) => {
    const { fontFamily, fontStyle, fontWeight, textTransform } = getComputedStyle(element);
    const lone = textTransform === "math-auto" && [...text.trim()].length === 1 ? "lone" : "";
    const characters = seen[[fontFamily, fontStyle, fontWeight, lone].join()] ??= new Set();
    for (const character of text.replace(/\\s/g, "")) {
      if (!characters.has(character)) element.setAttribute("data-probe", "");
      characters.add(character);
    }
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (element.matches("figure.moving > script")) note(element.parentElement, element.textContent);
    else if (!element.closest("script, style, noscript") && element.checkVisibility())
      note(element, texts.currentNode.data);
  }
  return Object.entries(seen).map(([face, characters]) => [face, [...characters].join("")]);
}"""

# What is wider than the page, even where a part of the page hides or scrolls it.
WIDE = """() => {
  const scrolls = box => box.matches("article *, footer *") &&
    (["auto", "scroll"].includes(getComputedStyle(box).overflowX) || scrolls(box.parentElement));
  const boxes = [...document.querySelectorAll("article *, .content footer *")]
    .filter(box => box.getBoundingClientRect().right > innerWidth + 1)
    .filter(box => box.checkVisibility() && !box.closest("svg, math") && !scrolls(box));
  const roots = [...document.querySelectorAll("html, body, .main, .content")]
    .filter(box => box.scrollWidth > box.clientWidth);
  return [...roots.map(box => box.className), ...boxes.map(box => box.outerHTML.slice(0, 100))];
}"""

COLLIDING = """() => {
  const place = (display, part) => display.querySelector(part).getBoundingClientRect();
  const collide = (a, b) =>
    a.right > b.left + 1 && b.right > a.left + 1 && a.bottom > b.top + 1 && b.bottom > a.top + 1;
  const displays = [...document.querySelectorAll("article div.math:has(> .eqno)")];
  return displays.filter(display => {
    const number = place(display, ".eqno");
    const seen = number.width > 0 && number.left >= 0 && number.right <= innerWidth;
    return !seen || collide(place(display, ".scroll"), number);
  }).map(display => display.id);
}"""

UNREACHABLE = """() => {
  const boxes = [...document.querySelectorAll("article *")].filter(box =>
    box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 0 &&
    ["auto", "scroll"].includes(getComputedStyle(box).overflowX));
  const reached = box => box.tabIndex >= 0 || box.querySelector("a[href], button, input");
  return boxes.filter(box => !reached(box)).map(box => box.outerHTML.slice(0, 100));
}"""


class Visit(NamedTuple):
    """What one page showed."""

    first_view: list[str]
    refused: list[str]
    complaints: list[str]
    axe: list[str]
    axe_dark: list[str]
    texts: list[list[str]]
    faces: dict[str, str]
    formulas: tuple[int, int]
    wide: list[str]
    colliding: list[str]
    unreachable: list[str]


def listen(page: Any) -> tuple[list[str], list[str]]:
    """Return the lists in which requests and complaints of a page will be noted."""
    requests: list[str] = []
    complaints: list[str] = []

    def note(text: str, is_complaint: bool = True) -> None:
        if is_complaint:
            complaints.append(text)

    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda said: note(said.text, said.type in ("error", "warning")))
    page.on("pageerror", lambda error: note(str(error)))
    page.on("response", lambda answer: note(f"{answer.status} {answer.url}", answer.status >= 400))
    return requests, complaints


def violations(page: Any, **options: Any) -> list[str]:
    """Return what axe finds."""
    options = {"resultTypes": ["violations"], **options}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def strange_faces(page: Any) -> dict[str, str]:
    """Return the faces that are not ours, each with some text that it drew."""
    tools = page.context.new_cdp_session(page)
    tools.send("DOM.enable")
    tools.send("CSS.enable")
    root = tools.send("DOM.getDocument")["root"]["nodeId"]
    found = {}
    probes = tools.send("DOM.querySelectorAll", {"nodeId": root, "selector": "[data-probe]"})
    for probe in probes["nodeIds"]:
        for face in tools.send("CSS.getPlatformFontsForNode", {"nodeId": probe})["fonts"]:
            if not face["isCustomFont"] or face["familyName"] not in FACES:
                drawn = tools.send("DOM.getOuterHTML", {"nodeId": probe})["outerHTML"]
                found[face["familyName"]] = drawn[:120]
    tools.detach()
    return found


def lone_letter(character: str) -> str:
    """Return what a browser draws for a letter that stands alone in a formula."""
    name = f"MATHEMATICAL ITALIC {unicodedata.name(character)}"
    for words in ("LATIN ", "GREEK ", "LETTER "):
        name = name.replace(words, "")
    try:
        return "ℎ" if character == "h" else unicodedata.lookup(name)
    except KeyError:  # a digit, a double-struck letter: drawn as it is
        return character


def undrawn(used: list[list[str]], covers: dict[str, set[str]]) -> dict[str, str]:
    """Return the characters that no face of those asked for holds."""
    missing = {}
    for face, characters in used:
        kinds = [kind for kind in covers if kind.removesuffix(" italic") in face]
        kinds = [kind for kind in kinds if kind.endswith("italic") <= (",italic," in face)]
        drawn = {lone_letter(c) if face.endswith("lone") else c for c in characters}
        drawn = {c for c in drawn if unicodedata.category(c) != "Cf"}
        if rest := drawn - set().union(*(covers[kind] for kind in kinds)):
            missing[face] = "".join(sorted(rest))
    return missing


def heard_formulas(page: Any) -> tuple[int, int]:
    """Return how many formulas there are to see, and how many to hear."""
    formulas = "[...document.querySelectorAll('math')].filter(math => math.checkVisibility())"
    tools = page.context.new_cdp_session(page)
    tree = tools.send("Accessibility.getFullAXTree")["nodes"]
    tools.detach()
    roles = [node["role"]["value"] for node in tree if not node["ignored"]]
    return page.evaluate(f"{formulas}.length"), roles.count("MathMLMath")


def visit(page: Any, address: str, refused: list[str]) -> Visit:
    """Read a page at a desk, in the light and in the dark, then on a phone."""
    requests, complaints = listen(page)
    before = len(refused)
    page.set_viewport_size(DESK)
    page.goto(address)
    page.evaluate("document.fonts.ready.then(() => true)")
    first_view = list(requests)
    page.evaluate(UNFOLD)
    light = violations(page)
    formulas, texts, faces = heard_formulas(page), page.evaluate(PROBE), strange_faces(page)
    page.emulate_media(color_scheme="dark")
    dark = violations(page, runOnly=COLOR_RULES)
    page.set_viewport_size(PHONE)
    phone = [page.evaluate(script) for script in (WIDE, COLLIDING, UNREACHABLE)]
    return Visit(
        first_view, refused[before:], complaints, light, dark, texts, faces, formulas, *phone
    )


@pytest.fixture(scope="module")
def visits(site: Any, address: str, open_reader: Any) -> dict[str, Visit]:
    """Visit all pages."""
    reader = open_reader()
    names = [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html"))]
    found = {}
    for name in names:
        if not name.startswith("_static/"):
            page = reader.context.new_page()
            found[name] = visit(page, address + name, reader.asked_outside)
            page.close()
    return found


def nothing(found: dict[str, Any]) -> None:
    """Fail with what was found, page by page."""
    assert not found, "\n" + "\n".join(f"{name}: {what}" for name, what in found.items())


def problems(visits: dict[str, Visit], field: str) -> dict[str, Any]:
    return {name: value for name, seen in visits.items() if (value := getattr(seen, field))}


def test_no_page_asks_another_host_for_anything(visits):
    nothing(problems(visits, "refused"))


def test_no_page_complains(visits):
    nothing(problems(visits, "complaints"))


def test_no_page_asks_for_more_than_twenty_files(visits):
    nothing({name: seen.first_view for name, seen in visits.items() if len(seen.first_view) > 20})


def test_axe_finds_nothing_in_the_light(visits):
    nothing(problems(visits, "axe"))


def test_axe_finds_nothing_in_the_dark(visits):
    nothing(problems(visits, "axe_dark"))


def test_every_character_is_drawn_by_a_face_of_the_book(visits):
    nothing(problems(visits, "faces"))


def test_every_character_is_in_the_face_that_should_draw_it(visits, site):
    fonts = {kind: TTFont(site / "_static/fonts" / file) for kind, file in FACES.items()}
    covers = {kind: set(map(chr, font.getBestCmap())) for kind, font in fonts.items()}
    nothing({name: lack for name, seen in visits.items() if (lack := undrawn(seen.texts, covers))})


def test_every_formula_is_heard_once(visits):
    nothing({name: seen.formulas for name, seen in visits.items() if len({*seen.formulas}) > 1})
    assert visits["neural/activations.html"].formulas[0] > 50


def test_no_page_scrolls_sideways_on_a_phone(visits):
    nothing(problems(visits, "wide"))


def test_the_number_of_an_equation_never_touches_its_formula_on_a_phone(visits):
    nothing(problems(visits, "colliding"))


def test_whatever_scrolls_on_a_phone_can_be_reached_by_keyboard(visits):
    nothing(problems(visits, "unreachable"))
