"""What makes the site quick breaks nothing: scripts that wait, styles that are worked out once."""

from typing import Any

import pytest

LESSON = "neural/activations.html"
LISTS = ["start/notation.html", "reference/equations.html"]  # of the whole book
PHONE = {"width": 390, "height": 844}
WHERE = "id => document.getElementById(id).getBoundingClientRect().top"
CURRENT = (
    "() => [...document.querySelectorAll('.chapter-map .scroll-current > a')].map(a => a.hash)"
)
RESTYLED = "UpdateLayoutTree"
LAID_OUT = """() => [...document.querySelectorAll('.table-wrapper tr:last-child td')]
    .filter(one => one.checkVisibility({contentVisibilityAuto: true})).length"""
CELLS = "() => document.querySelectorAll('.table-wrapper tr:last-child td').length"
SETTLED = """async id => {
    let [at, since] = [NaN, 0];
    for (let frame = 0; since < 10 && frame < 500; frame++) {
        await new Promise(requestAnimationFrame);
        const now = document.getElementById(id).getBoundingClientRect().top;
        [at, since] = [now, now === at ? since + 1 : 0];
    }
    return at;
}"""


@pytest.fixture(scope="module")
def phone(open_reader: Any) -> Any:
    """Return a reader with a phone."""
    return open_reader(viewport=PHONE, is_mobile=True, has_touch=True)


@pytest.fixture(scope="module")
def desk(open_reader: Any) -> Any:
    """Return a reader at a desk."""
    return open_reader(viewport={"width": 1400, "height": 900}, reduced_motion="reduce")


def anchors(page: Any) -> list[str]:
    """Return the addresses within a page that readers link to."""
    places = "article section[id], article .math[id]"
    return page.eval_on_selector_all(places, "found => found.map(one => one.id)")


def test_a_deep_link_leads_to_its_place_on_a_phone(phone):
    page = phone.open(LESSON)
    names = anchors(page)
    last = names[-1]
    for name in [*names[1:-1:4], last]:
        other = phone.open(f"{LESSON}#{name}")
        limit = PHONE["height"] if name == last else 140  # below the head of the page
        other.wait_for_function(
            f"([name, limit]) => 0 < ({WHERE})(name) && ({WHERE})(name) < limit", arg=[name, limit]
        )
        other.close()


def test_the_drawer_of_a_phone_opens_leads_on_and_closes(phone):
    page = phone.open(LESSON)
    drawer = page.locator(".sidebar-drawer")
    assert drawer.bounding_box()["x"] < 0
    page.locator(".mobile-header label[for=__navigation]").click()
    page.wait_for_function(
        "document.querySelector('.sidebar-drawer').getBoundingClientRect().x == 0"
    )
    page.locator(".chapter-map a[href='#when-it-goes-wrong']").click()
    page.wait_for_function(f"({WHERE})('when-it-goes-wrong') < 140")
    assert page.evaluate(WHERE, "when-it-goes-wrong") > 0
    page.mouse.click(PHONE["width"] - 5, PHONE["height"] / 2)
    page.wait_for_function(
        "document.querySelector('.sidebar-drawer').getBoundingClientRect().x < 0"
    )


def test_a_phone_changes_between_light_and_dark(phone):
    page = phone.open(LESSON)
    paper = "getComputedStyle(document.body).backgroundColor"
    seen = []
    for _ in range(3):
        page.locator(".mobile-header .theme-toggle").click()
        seen.append(page.evaluate(f"[document.body.dataset.theme, {paper}]"))
    assert {theme for theme, _ in seen} == {"auto", "light", "dark"}
    assert len({color for _, color in seen}) == 2


@pytest.mark.parametrize("who", ["desk", "phone"])
def test_the_map_of_the_chapter_follows_the_reader(who, request):
    page = request.getfixturevalue(who).open(LESSON)
    for name in ("what-a-pullback-is", "when-it-goes-wrong", "what-a-pullback-is"):
        page.evaluate("id => document.getElementById(id).scrollIntoView()", name)
        page.wait_for_function(f"({CURRENT})().at(-1) === '#{name}'")


def test_no_element_is_styled_twice_while_the_page_arrives(desk, browser):
    """A late change at the root, or a rule that looks into the whole text, styles all again."""
    tools, events, ended = browser.new_browser_cdp_session(), [], []
    tools.on("Tracing.dataCollected", lambda part: events.extend(part["value"]))
    tools.on("Tracing.tracingComplete", lambda _: ended.append(True))
    config = {"includedCategories": ["devtools.timeline", "disabled-by-default-devtools.timeline"]}
    tools.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": config})
    page = desk.open(LESSON)
    page.wait_for_timeout(300)
    count = page.evaluate("document.querySelectorAll('*').length")
    tools.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(20)
    tools.detach()
    styled = [event["args"].get("elementCount", 0) for event in events if event["name"] == RESTYLED]
    assert count / 4 < sum(styled) < 1.4 * count


def test_every_script_waits(desk):
    page = desk.open(LESSON)
    scripts = page.eval_on_selector_all("script[src]", "all => all.map(one => one.defer)")
    assert scripts
    assert all(scripts)


# Lists of the whole book


@pytest.mark.parametrize("who", ["desk", "phone"])
@pytest.mark.parametrize("path", LISTS)
def test_what_is_far_down_a_long_list_is_laid_out_when_a_reader_comes_near(who, path, request):
    page = request.getfixturevalue(who).open(path)
    assert page.evaluate(LAID_OUT) < page.evaluate(CELLS) / 2
    last = "[...document.querySelectorAll('.table-wrapper td')].at(-1)"
    laid_out = f"{last}.checkVisibility({{contentVisibilityAuto: true}})"
    assert not page.evaluate(laid_out)
    page.evaluate(f"{last}.scrollIntoView()")
    page.wait_for_function(laid_out)


@pytest.mark.parametrize("who", ["desk", "phone"])
def test_the_address_of_a_symbol_leads_to_it_exactly_from_outside_and_within(who, request):
    reader = request.getfixturevalue(who)
    page = reader.open(LISTS[0])
    names = page.eval_on_selector_all("tr[id]", "rows => rows.map(row => row.id)")
    margin = 64  # below the head of the page
    for name in names[40:-20:90]:
        other = reader.open(f"{LISTS[0]}#{name}")
        assert other.evaluate(SETTLED, name) == pytest.approx(margin, abs=2)
        other.close()
        page.goto(reader.address + LISTS[0])
        jump = f"name => {{ location.hash = name; return ({LAID_OUT})() }}"
        assert page.evaluate(jump, name) == page.evaluate(CELLS)  # before it scrolls
        assert page.evaluate(SETTLED, name) == pytest.approx(margin, abs=2)


@pytest.mark.parametrize("who", ["desk", "phone"])
def test_who_comes_back_to_a_list_sees_the_row_that_they_left(who, request):
    page = request.getfixturevalue(who).open(LISTS[0])
    names = page.eval_on_selector_all("tr[id]", "rows => rows.map(row => row.id)")
    name = names[len(names) // 2]
    there = (
        "id => document.getElementById(id).scrollIntoView({block: 'center', behavior: 'instant'})"
    )
    for _ in range(2):  # the first time, its table is laid out
        page.evaluate(there, name)
        page.evaluate(SETTLED, name)
    before = page.evaluate(SETTLED, name)
    page.goto(page.url.replace(LISTS[0], "index.html"))
    page.go_back()
    assert page.evaluate(SETTLED, name) == pytest.approx(before, abs=50)
    page.evaluate("location.hash = 'read-it-aloud'")
    page.evaluate(SETTLED, "read-it-aloud")
    page.go_back()
    assert page.evaluate(SETTLED, name) == pytest.approx(before, abs=50)


@pytest.mark.parametrize("who", ["desk", "phone"])
@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_about_as_long_before_it_is_laid_out(who, path, request):
    page = request.getfixturevalue(who).open(path)
    whole = "document.documentElement.scrollHeight"
    before = page.evaluate(whole)
    page.add_style_tag(content=".table-wrapper { content-visibility: visible !important }")
    assert before == pytest.approx(page.evaluate(whole), rel=0.05)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_printed_whole(desk, path):
    page = desk.open(path)
    page.emulate_media(media="print")
    assert page.evaluate(LAID_OUT) == page.evaluate(CELLS)


def test_without_scripts_a_list_is_laid_out_whole(open_reader):
    page = open_reader(java_script_enabled=False).open(LISTS[0])
    assert page.evaluate(LAID_OUT) == page.evaluate(CELLS)
