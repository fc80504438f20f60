"""What the boxes become, and what they refuse."""

import re

import pytest

PAGE = """---
file_format: mystnb
kernelspec: {name: python3}
---
(page-one)=
# One

```{question}
How should the inputs move, and how far is $x$?
```

Before
: [the chain rule](#page-two), [two](#page-two)

After
: you write the pullback, and check it.

:::{recall} What is $x^2$ at **2**?
It is $4$.
:::

The bar{sidenote}`An *old* habit, $\\\\bar y$.`, an aside.

:::{definition} Pullback of $f$
:label: def-pullback

Let *f* be.
:::

:::{theorem}
:label: thm-all

All is well.
:::

:::{proof}
By {numref}`def-pullback`.
:::

:::{wrong} The mean forgets its weights
A slip.
:::

```{code-cell}
:tags: [seeded-bug]
slip = 1
```

```{code-cell}
:tags: [hide-input]
honest = 2
```

:::{exercise} Temperature
:label: ex-near

Do it.
:::

:::{hint}
Try.
:::

:::{solution} ex-near
So.
:::

```{code-cell}
:tags: [solution]
solved = 3
```

:::{exercise} Distance
:label: ex-far

Do that.
:::

## More

:::{solution} ex-far
So there.
:::

```{remember}
A pullback asks.
```
""".replace("\\\\", "\\")

OTHER = "(page-two)=\n# Two\n\nSee {ref}`def-pullback`, {numref}`def-pullback`, {numref}`ex-far`.\n"


def text_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html)).strip()


def element(html, opening, tag):
    """Return the element whose start tag matches, with all that it contains."""
    start = re.search(rf"<{tag}\b[^>]*{opening}[^>]*>", html)
    assert start, f"no <{tag}> with {opening}"
    depth = 0
    for edge in re.finditer(rf"<(/?){tag}\b", html[start.start() :]):
        depth += -1 if edge.group(1) else 1
        if depth == 0:
            return html[start.start() : start.start() + edge.end() + 1]
    raise AssertionError(f"<{tag}> with {opening} is never closed")


@pytest.fixture(scope="module")
def built(book):
    app = book("boxes folds", {"one": PAGE, "two": OTHER})
    assert app.warning.getvalue() == ""
    return app


@pytest.fixture(scope="module")
def one(built):
    return (built.outdir / "one.html").read_text()


# What a reader finds


def test_a_box_is_a_group_named_by_its_number_and_title(one):
    box = element(one, 'id="def-pullback"', "div")
    assert 'role="group"' in box
    assert 'aria-labelledby="def-pullback-head"' in box
    assert text_of(element(box, 'id="def-pullback-head"', "p")).startswith(
        "Definition 1.1 Pullback of"
    )
    assert "<em>f</em>" in box


def test_a_box_without_a_title_has_its_number(one):
    assert text_of(element(one, 'id="thm-all-head"', "p")) == "Theorem 1.1"


def test_each_kind_of_box_counts_for_itself_through_the_chapter(one):
    heads = re.findall(r'<span class="number">([^<]*)', one)
    assert (
        heads
        == ["Definition 1.1", "Theorem 1.1", "Exercise 1.1", "Exercise 1.2"] + ["Exercise 1.2"] * 2
    )


def test_another_page_refers_to_a_box_by_title_and_by_number(built):
    two = (built.outdir / "two.html").read_text()
    links = re.findall(r'href="one\.html#([^"]*)"><span[^>]*>([^<]*)', two)
    assert links == [
        ("def-pullback", "Pullback of f"),
        ("def-pullback", "Definition 1.1"),
        ("ex-far", "Exercise 1.2"),
    ]


def test_a_proof_opens_with_its_name_in_the_first_sentence(one):
    assert text_of(element(one, 'class="proof"', "div")) == "Proof. By Definition 1.1."


def test_a_question_and_the_sentence_to_remember_are_paragraphs(one):
    assert text_of(element(one, 'class="question"', "p")).startswith("How should the inputs move")
    assert text_of(element(one, 'class="remember"', "p")) == "A pullback asks."


def test_the_links_of_before_become_a_list_and_the_prose_of_after_stays(one):
    chips = element(one, "chips", "dl")
    assert [text_of(item) for item in re.findall(r"<li>.*?</li>", chips, re.DOTALL)] == [
        "the chain rule",
        "two",
    ]
    assert "you write the pullback, and check it." in chips


def test_a_list_of_before_stays_as_it_is(book):
    page = "# Page\n\nBefore\n: - [one](https://a.b)\n  - [two](https://a.b)\n\nAfter\n: more\n"
    html = (book("folds", {"page": page}).outdir / "page.html").read_text("utf-8")
    assert html.count("<ul", html.index("<dt>Before"), html.index("<dt>After")) == 1


def test_an_answer_to_a_recall_question_is_folded_under_the_question(one):
    fold = element(one, 'class="recall"', "details")
    assert text_of(element(fold, "", "summary")).startswith("What is")
    assert text_of(fold).endswith("It is 4." if "<mn>" in fold else "It is \\(4\\).")


def test_a_side_note_follows_the_punctuation_and_is_a_note(one):
    note = element(one, 'role="note"', "span")
    assert "<em>old</em>" in note
    assert re.search(
        r'The bar,<span class="noteref" aria-hidden="true">1</span><span[^>]*role="note"', one
    )


# What belongs together stands together


def test_the_cell_with_the_bug_is_inside_the_wrong_turn(one):
    wrong = element(one, 'class="wrong"', "div")
    assert "slip" in text_of(wrong)
    assert "honest" not in text_of(wrong)


def test_hint_and_solution_fold_inside_the_frame_of_the_exercise(one):
    frame = element(one, 'id="ex-near"', "div")
    assert re.findall(r"<summary>(.*?)</summary>", frame) == ["Hint", "Solution"]
    assert "solved = 3" in text_of(element(frame, 'class="solution"', "details"))


def test_a_distant_solution_is_named_after_its_exercise_and_linked_to_and_fro(one):
    solution = element(one, 'id="ex-far-solution"', "details")
    assert text_of(element(solution, "", "summary")) == "Solution of Exercise 1.2"
    assert 'href="#ex-far"' in solution
    assert 'href="#ex-far-solution"' in element(one, 'id="ex-far"', "div")


def test_hidden_code_is_folded_below_under_a_name_that_says_what_it_is(one):
    fold = element(one, 'class="code"', "details")
    assert text_of(element(fold, "", "summary")) == "Code"
    assert "honest" in text_of(fold)
    assert "Toggle hidden content" not in one


def test_every_id_is_there_once(one):
    ids = re.findall(r'\bid="([^"]*)"', one)
    assert sorted(ids) == sorted(set(ids))


# Other builders, other ways of building


@pytest.mark.parametrize("builder", ["text", "latex"])
def test_other_builders_write_ordinary_paragraphs(book, builder):
    app = book("boxes folds", {"one": PAGE, "two": OTHER}, builder=builder)
    assert app.warning.getvalue() == ""
    written = "".join(path.read_text() for path in app.outdir.glob("*.t*x*"))
    for words in ("Exercise 1.1", "Temperature", "Solution of", "A pullback asks.", "old"):
        assert words in written


def test_without_numbered_figures_a_box_has_its_kind_alone(book):
    page = "# One\n\n:::{theorem} Of Pythagoras\nYes.\n:::\n"
    app = book("boxes folds", {"one": page}, config={"numfig": False})
    html = (app.outdir / "one.html").read_text()
    assert text_of(element(html, 'class="head"', "p")) == "Theorem Of Pythagoras"


# Refusals


EXERCISE = ":::{exercise} Alone\n:label: ex-a\n\nDo.\n:::\n"
SOLUTION = ":::{solution} ex-a\nSo.\n:::\n"


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (SOLUTION, "one.md:3: ERROR: no exercise 'ex-a' on this page; its exercises: none"),
        (EXERCISE, "one.md:3: ERROR: exercise 'ex-a' has no solution on this page"),
        (
            EXERCISE.replace(":label: ex-a\n", ""),
            "one.md:3: ERROR: exercise 'Alone' has no solution",
        ),
        (EXERCISE + SOLUTION + "\n" + SOLUTION, "one.md:12: ERROR: exercise 'ex-a' has a solution"),
    ],
)
def test_an_exercise_and_its_solution_need_each_other(book, page, message):
    assert message in book("boxes folds", {"one": f"# One\n\n{page}"}).warning.getvalue()
