"""Every page, opened once in a browser: what it asks, draws, says and overlaps.

axe's own measure of contrast takes as long as all the rest, so it is taken of a lesson and of the
landing page; ours is taken of every text on every page, also where axe does not decide.
"""

import unicodedata
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from fontTools.ttLib import TTFont
from playwright.sync_api import Error

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
MEASURED_BY_AXE = ("index.html", "neural/activations.html")
COLOR_RULES = ["color-contrast", "link-in-text-block"]  # all that a color scheme can change
FACES = {
    "MF Text": "text.woff2",
    "MF Text italic": "text-italic.woff2",
    "MF Code": "code.woff2",
    "MF Math": "math.woff2",
}

PROBES = Path(__file__).with_name("probes.js").read_text("utf-8")
UNFOLD = "document.querySelectorAll('details').forEach(fold => { fold.open = true })"
LAY_OUT_ALL = "* { content-visibility: visible !important }"


class Visit(NamedTuple):
    """What one page showed."""

    first_view: list[str]
    refused: list[str]
    complaints: list[str]
    axe: list[str]
    axe_dark: list[str]
    faint: list[str]
    faint_dark: list[str]
    texts: list[list[str]]
    faces: dict[str, str]
    formulas: tuple[int, int]
    wide: list[str]
    colliding: list[str]
    broken: list[str]
    loose: list[str]
    unreachable: list[str]


def probe(page: Any, name: str) -> Any:
    """Return what one of the probes finds on a page."""
    return page.evaluate(f"{PROBES.strip()}.{name}()")


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
    root = tools.send("DOM.getDocument")["root"]["nodeId"]
    wanted = {"nodeId": root, "role": "MathMLMath"}
    heard = tools.send("Accessibility.queryAXTree", wanted)["nodes"]
    tools.detach()
    return page.evaluate(f"{formulas}.length"), sum(not node["ignored"] for node in heard)


def visit(page: Any, address: str, name: str, refused: list[str]) -> Visit:
    """Read a page at a desk, in the light and in the dark, then on a phone."""
    requests, complaints = listen(page)
    before = len(refused)
    page.set_viewport_size(DESK)
    page.goto(address + name)
    page.evaluate("document.fonts.ready.then(() => true)")
    first_view = list(requests)
    page.evaluate(UNFOLD)
    page.add_style_tag(content=LAY_OUT_ALL)
    by_axe = name in MEASURED_BY_AXE
    colors = [violations(page, rules={"color-contrast": {"enabled": by_axe}}), probe(page, "faint")]
    formulas, texts, faces = heard_formulas(page), probe(page, "faces"), strange_faces(page)
    page.emulate_media(color_scheme="dark")
    dark = [violations(page, runOnly=COLOR_RULES) if by_axe else [], probe(page, "faint")]
    page.set_viewport_size(PHONE)
    phone = [probe(page, name) for name in ("wide", "colliding", "broken", "loose", "unreachable")]
    seen = [value for pair in zip(colors, dark, strict=True) for value in pair]
    return Visit(first_view, refused[before:], complaints, *seen, texts, faces, formulas, *phone)


def visit_anew(reader: Any, name: str) -> Visit | None:
    """Read a page in a tab of its own; nothing if the tab crashed, as Chromium's do at times."""
    page = reader.context.new_page()
    try:
        return visit(page, reader.address, name, reader.asked_outside)
    except Error as error:
        if "crashed" not in str(error):
            raise
        print(f"{name}: {error}")
        return None
    finally:
        page.close()


@pytest.fixture(scope="module")
def visits(site: Any, open_reader: Any) -> dict[str, Visit]:
    """Visit all pages."""
    reader = open_reader(reduced_motion="reduce")
    names = [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html"))]
    found = {}
    for name in names:
        if not name.startswith("_static/"):
            found[name] = visit_anew(reader, name) or visit_anew(reader, name)
            assert found[name], f"{name}: Chromium's tab crashed twice"
    return found


def test_a_tab_that_crashes_is_told_from_a_page_that_fails(open_reader, monkeypatch):
    def die(page: Any, *args: Any) -> None:
        with pytest.raises(Error, match="ABORTED"):
            page.goto("chrome://crash")
        page.set_viewport_size(PHONE)

    monkeypatch.setitem(visit_anew.__globals__, "visit", die)
    assert visit_anew(open_reader(), "index.html") is None

    def fail(*args: Any) -> None:
        raise Error("a selector found nothing")

    monkeypatch.setitem(visit_anew.__globals__, "visit", fail)
    with pytest.raises(Error, match="selector"):
        visit_anew(open_reader(), "index.html")


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


def test_no_text_is_faint_in_the_light(visits):
    nothing(problems(visits, "faint"))


def test_no_text_is_faint_in_the_dark(visits):
    nothing(problems(visits, "faint_dark"))


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


def test_no_printed_table_is_broken_on_a_phone(visits):
    nothing(problems(visits, "broken"))


def test_no_root_touches_what_follows_or_leaves_a_hole_before_it(visits):
    nothing(problems(visits, "loose"))


def test_whatever_scrolls_on_a_phone_can_be_reached_by_keyboard(visits):
    nothing(problems(visits, "unreachable"))
