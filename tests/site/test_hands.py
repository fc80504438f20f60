"""What a reader does: slide, copy, search, turn pages, print, use the keyboard alone."""

from typing import Any

import pytest

LESSON = "neural/activations.html"
PICTURE = """figure => {
  const slider = figure.querySelector("input");
  const drawing = figure.querySelector("svg.drawing").outerHTML;
  return [slider.getAttribute("aria-valuetext"), figure.querySelector("output").value, drawing];
}"""
FOCUS = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  return {
    what: element.outerHTML.slice(0, 80),
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0,
  };
}"""


@pytest.fixture(scope="module")
def reader(open_reader: Any) -> Any:
    """Return a reader who may use the clipboard."""
    reader = open_reader(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return reader


def pages_with(site: Any, text: str) -> list[str]:
    paths = sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)
    return [p.relative_to(site).as_posix() for p in paths if text in p.read_text("utf-8")]


# Moving pictures


def test_a_slider_moves_its_picture_by_keyboard_and_says_so(reader, site):
    names = pages_with(site, '<figure class="moving')
    assert names
    for name in names:
        page = reader.open(name)
        for figure in page.locator("figure.moving").all():
            slider = figure.get_by_role("slider")
            slider.focus()
            seen = []
            for key in ("Home", "ArrowRight", "End"):
                page.keyboard.press(key)
                seen.append(figure.evaluate(PICTURE))
            for said, shown, drawn in [zip(*seen, strict=True)]:
                assert len({*said}) == len({*shown}) == len({*drawn}) == 3, name
        page.close()


def test_without_scripts_the_picture_rests_and_the_page_reads(open_reader, site):
    reader = open_reader(java_script_enabled=False)
    page = reader.open(LESSON)
    figure = page.locator("figure.moving").first
    assert figure.locator("svg.drawing").bounding_box()["height"] > 100
    assert not figure.get_by_role("slider").is_visible()
    assert page.locator("article div.math math").first.is_visible()
    fold = page.locator("details.solution").first
    fold.locator("> summary").click()
    assert fold.locator("> p").first.is_visible()
    copy = page.locator("details.snippet").first
    copy.locator("> summary").click()
    assert copy.locator("pre").is_visible()


# Copying and searching


def test_the_button_copies_a_listing_and_nothing_else(reader):
    page = reader.open(LESSON)
    listing = page.locator(".listing").first
    listing.hover()
    listing.locator("button.copybtn").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == listing.locator("pre").inner_text().strip()
    assert copied.startswith("def ")


def test_by_keyboard_a_copy_unfolds_and_its_button_copies_all_of_it(reader):
    page = reader.open(LESSON)
    fold = page.locator("#snippet-softmax_vjp")
    assert not fold.locator("pre").is_visible()
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert fold.locator("pre").is_visible()
    button = fold.locator("button.copybtn")
    while not button.evaluate("button => button === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('#snippet-softmax_vjp .copybtn.success')")
    copied = page.evaluate("navigator.clipboard.readText()")
    names: dict[str, Any] = {}
    exec(copied, names)
    assert names["softmax_vjp"]([0.0, 0.0], [1.0, 0.0]).tolist() == [0.25, -0.25]
    assert copied.startswith("# Source: mathforml.neural.activations (softmax_vjp)\n")


def test_search_finds_a_word_of_a_chapter(reader):
    page = reader.open("index.html")
    field = page.locator("input[name=q]").first
    field.fill("softmax")
    field.press("Enter")
    result = page.locator(f"#search-results a[href*='{LESSON}']").first
    result.wait_for()
    result.click()
    assert LESSON in page.url


# Turning pages and colors


def test_the_pages_form_one_chain(reader, site, address):
    page = reader.open("index.html")
    seen, back = ["index.html"], None
    while (step := page.locator("a[rel=next]")).count():
        before = page.url
        step.click()
        seen.append(page.url.removeprefix(address).partition("#")[0])
        back = page.locator("a[rel=prev]").evaluate("link => link.href")
        assert back == before.partition("#")[0]
    assert {LESSON, "foundations/derivatives.html", "reference/bibliography.html"} <= set(seen)
    assert len(seen) == len(set(seen))


def test_a_reader_can_choose_light_or_dark_and_keeps_the_choice(reader):
    page = reader.open("index.html")
    color = "getComputedStyle(document.body).backgroundColor"
    toggle = page.locator(".theme-toggle:visible")
    colors = set()
    for _ in range(3):
        colors.add(page.evaluate(color))
        toggle.click()
    assert len(colors) == 2
    while page.locator("body").get_attribute("data-theme") != "dark":
        toggle.click()
    dark = page.evaluate(color)
    page.goto(page.url.replace("index.html", LESSON))
    assert page.evaluate(color) == dark
    page.evaluate("localStorage.clear()")


# The keyboard alone


def test_the_first_stop_of_the_keyboard_skips_to_the_text(reader):
    page = reader.open(LESSON)
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS)["seen"]
    link = page.locator(":focus")
    target = link.get_attribute("href")
    assert target.startswith("#")
    assert page.locator(target).locator("h1").count() == 1
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(f"document.querySelector('{target}').contains(document.activeElement)")


def test_the_focus_can_be_seen_at_every_stop(reader):
    page = reader.open(LESSON)
    stops = page.locator("a[href], button, input, summary, [tabindex='0']").count()
    blind = []
    for _ in range(min(stops, 80)):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if not (stop["ring"] and stop["seen"]):
            blind.append(stop)
    assert not blind, "\n".join(map(str, blind))


# On paper, and off the map


def test_on_paper_everything_is_unfolded_and_the_chrome_is_gone(reader):
    page = reader.open(LESSON)
    page.emulate_media(media="print")
    for fold in page.locator("details.solution, details.hint, details.recall").all():
        assert fold.locator("> :not(summary)").first.is_visible(), fold.inner_html()[:200]
    assert not page.locator(".sidebar-drawer").is_visible()
    page.emulate_media(media="screen")


def test_a_wrong_address_deep_in_the_site_still_shows_the_site(reader):
    page = reader.context.new_page()
    failed = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.on("response", lambda answer: answer.status >= 400 and failed.append(answer.url))
    page.goto(reader.address + "neural/no/such/page.html")
    assert len(failed) == 1
    assert page.locator("h1").inner_text()
    page.locator("a.sidebar-brand").click()
    page.locator("a[rel=next]").wait_for()
