"""Every field of the book, answered rightly and wrongly, by hand and by keyboard.

A number is typed and entered, or clicked; an option is chosen with the arrows, or clicked; a step
goes up by its button, or is dragged.
"""

import base64
import gzip
import json
import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

FORM = re.compile(r'<form [^>]*class="answer[^>]*data-check="([^"]*)"[^>]*>')
NAMED = re.compile(r'data-(kind|label)="([^"]*)"')
LESSON = "neural/activations.html"
KEY = "mathforml.solved.1"
SAID = """async (form) => {
  const status = form.querySelector("[role=status]");
  for (let k = 0; k < 200 && !status.textContent; k++) await new Promise((go) => setTimeout(go, 5));
  return status.textContent;
}"""
STORED = f"JSON.parse(localStorage.getItem('{KEY}') ?? '{{}}')"


def fields(site: Any) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    """Return the label, the kind and the check of every field, by page."""
    found: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path in sorted(site.rglob("*.html")):
        for form in FORM.finditer(path.read_text("utf-8")):
            named, check = dict(NAMED.findall(form[0])), json.loads(base64.b64decode(form[1]))
            name = path.relative_to(site).as_posix()
            found.setdefault(name, []).append((named["label"], named["kind"], check))
    return found


@pytest.fixture(scope="module")
def reader(open_reader: Any) -> Any:
    return open_reader(viewport={"width": 1280, "height": 2000}, reduced_motion="reduce")


@pytest.fixture
def page(reader: Any) -> Any:
    """Return the lesson, nothing solved on this device."""
    page = reader.open(LESSON)
    page.evaluate("localStorage.clear()")
    page.reload()
    yield page
    page.close()


def said(form: Any) -> str:
    """Return what the status says, once it says anything."""
    return str(form.evaluate(SAID))


# Answers by kind: typed, chosen, put in order


def answers(kind: str, check: dict[str, Any], items: int) -> tuple[Any, tuple[Any, str]]:
    """Return the right answer, and a wrong one with what it is told."""
    value, told = check["value"], [(slip, text) for slip, _, text in check["wrong"]]
    if kind == "number":
        digits = check["digits"] or 10
        slip, text = told[0]
        return f"{value:.{digits}g}", (f"{slip:.10g}", text)
    if kind == "choice":
        told.append((next(k for k in range(1, items + 1) if k != value), "Not yet"))
    else:
        told.append(([*value[1:], value[0]], "Not yet"))
    return value, told[0]


def by_keyboard(page: Any, form: Any, kind: str, value: Any) -> None:
    """Answer without a mouse."""
    if kind == "number":
        form.locator("input").focus()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.insert_text(value)
    elif kind == "choice":
        places = "inputs => inputs.map(input => input.checked).indexOf(true)"
        now = form.locator("input").evaluate_all(places)
        form.locator("input").nth(max(now, 0)).focus()
        page.keyboard.press("Space")
        for _ in range((value - 1 - max(now, 0)) % form.locator("input").count()):
            page.keyboard.press("ArrowDown")
    else:
        places = order(form)
        for goal, place in enumerate(value):
            now = places.index(place)
            if now > goal:
                form.locator(f"li[data-place='{place}'] button").first.focus()
            for _ in range(now - goal):
                page.keyboard.press("Enter")  # the button keeps the focus
            places.insert(goal, places.pop(now))
        assert order(form) == value
        form.locator(".line button").focus()
    page.keyboard.press("Enter")


def by_mouse(page: Any, form: Any, kind: str, value: Any) -> None:
    """Answer with a mouse."""
    form.scroll_into_view_if_needed()
    if kind == "number":
        click(page, form.locator("label"))
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.insert_text(value)
    elif kind == "choice":
        click(page, form.locator("label").nth(value - 1))
    else:
        places = order(form)
        for goal, place in enumerate(value):
            if places.index(place) > goal:
                drag(page, form, place, goal)
            places.insert(goal, places.pop(places.index(place)))
        assert order(form) == value
    click(page, form.locator(".line button").last)


def order(form: Any) -> list[int]:
    """Return the places of the steps as they stand."""
    places = "items => items.map(item => +item.dataset.place)"
    return list(form.locator("li").evaluate_all(places))


def click(page: Any, control: Any) -> None:
    """Click where a control is."""
    box = control.bounding_box()
    page.mouse.click(box["x"] + min(20, box["width"] / 2), box["y"] + box["height"] / 2)


def drag(page: Any, form: Any, place: int, goal: int) -> None:
    """Drag a step to a place above."""
    start = form.locator(f"li[data-place='{place}']").bounding_box()
    end = form.locator("li").nth(goal).bounding_box()
    page.mouse.move(start["x"] + 60, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + 60, end["y"] + 2)
    page.mouse.up()


def test_every_field_knows_right_from_wrong_by_keyboard_and_by_mouse(reader, site):
    found = fields(site)
    assert sum(map(len, found.values())) >= 20
    hands = by_keyboard, by_mouse  # they take turns
    for name, checks in found.items():
        page = reader.open(name)
        failed: list[str] = []
        page.on("pageerror", lambda error, failed=failed: failed.append(str(error)))
        for label, kind, check in checks:
            form = page.locator(f"form[data-label='{label}']")
            right, wrong = answers(kind, check, form.locator("li").count())
            one, other = (hands := hands[::-1])
            slip, text = wrong
            one(page, form, kind, slip)
            assert text in said(form), (label, slip)
            other(page, form, kind, right)
            assert said(form) == "✓ Right.", (label, right)
        assert page.evaluate(STORED) == {label: 1 for label, _, _ in checks}
        assert not failed, name
        page.evaluate("localStorage.clear()")
        page.close()


# Numbers, as people write them

TEMPERATURE = "form[data-label='ex-temperature']"
RIGHT = "✓ Right."


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("0.0983", RIGHT),
        (".0983", RIGHT),
        (" 0,0983 ", RIGHT),
        ("+0.09831", RIGHT),
        ("9.83e-2", RIGHT),
        ("9.83E−2", RIGHT),
        ("9.83·10^-2", RIGHT),
        ("9.83 × 10−2", RIGHT),
        ("983/10000", RIGHT),
        ("9.83%", RIGHT),
        ("0.1966/2", RIGHT),
        ("−0.0983", "Not yet: that is the pullback to τ."),
        ("0.098", "Close: right to 2 digits. Give 3."),
        ("0.1", "Close: right to 1 digit. Give 3."),
        ("0.5", "Not yet. There is a hint below."),
        ("", "Type a number"),
        ("1/0", "Type a number"),
        ("a tenth", "Type a number"),
        ("0.0.983", "Type a number"),
        ("1 1/2", "Type a number"),
    ],
)
def test_a_number_is_read_as_people_write_it(typing, typed, expected):
    form = typing.locator(TEMPERATURE)
    form.locator("input").fill(typed)
    form.locator("input").press("Enter")
    assert said(form).startswith(expected)


@pytest.fixture(scope="module")
def typing(reader: Any) -> Any:
    return reader.open(LESSON)


# What stays on the device


def test_what_is_solved_is_ticked_in_words_and_stays_so(page):
    form = page.locator(TEMPERATURE)
    head = page.locator(".exercise", has=form).locator(".head")
    assert "solved" not in head.inner_text()
    by_keyboard(page, form, "number", "0.0983")
    assert said(form) == RIGHT
    assert head.inner_text().endswith("solved")
    page.reload()
    assert head.inner_text().endswith("solved")


def test_the_map_of_the_chapter_is_ticked_when_all_of_a_section_is_solved(page, site):
    link = page.locator(".chapter-map a[href='#exercises']")
    solved = {label: 1 for label, _, _ in fields(site)[LESSON]}
    page.evaluate(f"localStorage.setItem('{KEY}', '{json.dumps(solved)}')")
    page.reload()
    assert "solved" in link.text_content()
    solved.popitem()
    page.evaluate(f"localStorage.setItem('{KEY}', '{json.dumps(solved)}')")
    page.reload()
    assert "solved" not in link.text_content()


@pytest.mark.parametrize(
    "broken",
    [
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('closed'); }})",
        "Storage.prototype.setItem = () => { throw new Error('full'); }",
        f"localStorage.setItem('{KEY}', '{{not json')",
        f"localStorage.setItem('{KEY}', '7')",
        f"localStorage.setItem('{KEY}', 'null')",
    ],
)
def test_a_storage_that_is_closed_full_or_spoilt_stops_no_check(open_reader, broken):
    reader = open_reader()
    reader.context.add_init_script(broken)
    page = reader.open(LESSON)
    form = page.locator(TEMPERATURE)
    by_keyboard(page, form, "number", "0.0983")
    assert said(form) == RIGHT
    head = page.locator(".exercise", has=form).locator(".head")
    assert head.inner_text().endswith("solved")


# Hints, touch, no script, and what axe finds


def test_the_next_hint_is_offered_once_the_one_before_is_open(page):
    exercise = page.locator(".exercise", has=page.locator("form[data-label='ex-silu']"))
    first, second = exercise.locator("details.hint").all()
    assert not second.is_visible()
    first.locator("summary").click()
    assert second.is_visible()
    assert second.locator("summary").inner_text() == "Another hint"


def test_a_step_is_dragged_by_its_number_with_a_finger(open_reader):
    reader = open_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = reader.open(LESSON)
    form = page.locator("form[data-label='ex-softmax-steps']")
    form.scroll_into_view_if_needed()
    before = order(form)
    last, first = form.locator("li").last.bounding_box(), form.locator("li").first.bounding_box()
    fingers = reader.context.new_cdp_session(page)
    x, steps = last["x"] + 8, 8
    start, end = last["y"] + last["height"] / 2, first["y"] + 2
    for k in range(steps + 1):
        at = [{"x": x, "y": start + (end - start) * k / steps}]
        kind = "touchMove" if k else "touchStart"
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert order(form) == [before[-1], *before[:-1]]
    assert said(form) == "Now in place 1 of 4."


def test_without_scripts_the_steps_read_and_nothing_waits_for_an_answer(open_reader):
    page = open_reader(java_script_enabled=False).open(LESSON)
    assert not page.locator(TEMPERATURE).is_visible()
    steps = page.locator("form[data-label='ex-softmax-steps']")
    assert steps.locator(".step").first.is_visible()
    assert not steps.locator("button").first.is_visible()
    assert not page.locator("form[data-label='ex-deaf'] input").first.is_visible()
    fold = page.locator("details.solution").first
    fold.locator("> summary").click()
    assert fold.locator("> p").first.is_visible()


def test_without_a_mouse_every_control_is_reached_and_has_a_name(page):
    for form in page.locator("form.answer").all():
        for control in form.locator("input, button").all():
            name = control.evaluate("c => c.ariaLabel || c.labels?.[0]?.textContent || c.innerText")
            assert name.strip()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_fields_on_a_phone(open_reader, scheme):
    page = open_reader(viewport={"width": 390, "height": 844}, color_scheme=scheme).open(LESSON)
    form = page.locator(TEMPERATURE)
    by_keyboard(page, form, "number", "0.0983")
    assert said(form) == RIGHT
    found = Axe().run(page, context="#exercises").response["violations"]
    assert not found, found
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_script_is_small_and_runs_without_leave_for_inline_code(site):
    script = (site / "_static/answers.js").read_bytes()
    assert len(gzip.compress(script, 9, mtime=0)) <= 4096
    assert not re.search(rb"\beval\(|new Function|\.on\w+ =", script)
    for name in fields(site):
        html = (site / name).read_text("utf-8")
        assert html.count("answers.js") == 1
        assert not re.search(r"<form[^>]*\son\w+=", html)
