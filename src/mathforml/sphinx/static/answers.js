// Checks the answers of a page, and keeps on this device, and nowhere else, which ones were right.
{
const PREFIX = "mathforml.", KEY = PREFIX + "solved.1";
const NOT_YET = "Not yet.";
const slipped = (text) => `Not yet: ${text}${/[.!?]$/.test(text) ? "" : "."}`;
let memory = {}; // beside the storage, which may be closed, or full

const solved = () => {
  try { return { ...JSON.parse(localStorage.getItem(KEY)), ...memory }; } catch { return memory; }
};
const keep = (known) => { try { localStorage.setItem(KEY, JSON.stringify(known)); } catch {} };
const solve = (label) => {
  memory[label] = 1;
  keep(solved());
};
const all = (inside, selector) => [...inside.querySelectorAll(selector)];
const say = (status, text) => { // anew, so that the same words are heard again
  status.replaceChildren();
  clearTimeout(status.soon);
  status.soon = setTimeout(() => { status.textContent = text; }, 20);
};

// Verdicts: true, or what is said to a wrong answer, or { ask }, what is said to none.
// Numbers, as people write them: .5 −0.5 0,5 1/2 5e-1 5·10^-1 50 % 1,024

const numeral = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const readings = (text) => {
  const plain = text.trim().replace(/[\u2010-\u2015\u2212]/g, "-").replace(/[·×*]\s*10\s*(\^|\*\*)?/g, "e");
  if (/\d\s+\d+\s*\//.test(plain)) return []; // 1 1/2 is one and a half, or a slip
  const whole = plain.replace(/\s/g, "").replace(/%$/, "/100");
  const forms = [whole.replaceAll(",", ".")];
  if (/^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(whole)) forms.push(whole.replaceAll(",", ""));
  return forms.map((form) => form.split("/").map((part) => (numeral.test(part) ? +part : NaN)).reduce((a, b) => a / b)).filter(Number.isFinite);
};
const judgeNumber = (x, { value, atol, digits, wrong }) => {
  if (Math.abs(x - value) <= atol) return true;
  const known = wrong.find(([slip, near]) => Math.abs(x - slip) <= near);
  if (known) return slipped(known[2]);
  for (let d = digits - 1; d > 0; d--) {
    const same = +x.toPrecision(d) === +value.toPrecision(d);
    if (same && (d > 1 || +x.toPrecision(1) === x)) return { ask: `Close: right to ${d} digit${d > 1 ? "s" : ""}. Give ${digits}.` };
  }
  return Math.abs(x + value) <= atol ? `${NOT_YET} The size is right; look at the sign.` : "";
};
const judge = {
  number(form, check) {
    const read = readings(form.querySelector("input").value);
    if (!read.length) return { ask: "Type a number, such as 0.25, 1/4 or 2.5e-1." };
    const found = read.map((x) => judgeNumber(x, check));
    return found.find((said) => said === true) ?? found.find(Boolean);
  },
  choice(form, { value, wrong }) {
    const chosen = form.querySelector("input:checked");
    if (!chosen) return { ask: "Choose one of them." };
    if (+chosen.value === value) return true;
    const known = wrong.find(([slip]) => slip === +chosen.value);
    return known && slipped(known[2]);
  },
  order(form, { value, wrong }) {
    const places = all(form, "li").map((item) => +item.dataset.place);
    const first = value.findIndex((place, k) => place !== places[k]);
    if (first < 0) return true;
    const known = wrong.find(([slip]) => `${slip}` === `${places}`);
    if (known) return slipped(known[2]);
    return first && `${NOT_YET} The first ${first > 1 ? `${first} stand` : "one stands"} right.`;
  },
};

// The steps of an order: by the buttons, or dragged

const sortable = (list, status) => {
  const tell = (item) => say(status, `Now in place ${[...list.children].indexOf(item) + 1} of ${list.children.length}.`);
  list.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    const item = button.closest("li");
    if (+button.dataset.by < 0) item.previousElementSibling?.before(item);
    else item.nextElementSibling?.after(item);
    button.focus();
    tell(item);
  });
  list.addEventListener("pointerdown", (event) => {
    const item = event.target.closest("li");
    if (!item || event.button || event.target.closest("button")) return;
    const end = new AbortController(), { signal } = end;
    event.preventDefault();
    list.setPointerCapture(event.pointerId); // a list stays in its place, an item does not
    item.classList.add("held");
    list.addEventListener("pointermove", ({ clientY }) => {
      const others = [...list.children].filter((other) => other !== item);
      const next = others.find((other) => { const box = other.getBoundingClientRect(); return clientY < box.top + box.height / 2; });
      if (item.nextElementSibling !== (next ?? null)) list.insertBefore(item, next ?? null);
    }, { signal });
    for (const name of ["pointerup", "pointercancel"]) {
      list.addEventListener(name, () => { end.abort(); item.classList.remove("held"); tell(item); }, { signal });
    }
  });
  const reach = ({ target }) => target.scrollWidth > target.clientWidth ? (target.tabIndex = 0) : target.removeAttribute("tabindex");
  const sizes = new ResizeObserver((changes) => changes.forEach(reach)); // what scrolls can be reached
  for (const step of all(list, ".step, .step > *")) sizes.observe(step);
};

// The fields of this page

const forms = all(document, "form.answer");
const tick = (place, done) => {
  let mark = place.querySelector(":scope > .solved");
  if (done && !mark) {
    mark = document.createElement("span");
    mark.className = "solved";
    mark.innerHTML = ' <span class="tick" aria-hidden="true">✓</span> <span class="said">solved</span>';
    place.append(mark);
  }
  if (!done) mark?.remove();
};
const show = () => {
  const known = solved();
  for (const form of forms) form.toggleAttribute("data-solved", form.dataset.label in known);
  const done = (inside) => all(inside, "form.answer").every((form) => known[form.dataset.label]);
  for (const box of new Set(forms.map((form) => form.closest(".exercise")))) tick(box.querySelector(".head"), done(box));
  for (const section of new Set(forms.map((form) => form.closest("section")))) {
    for (const link of all(document, ".toc-tree a")) if (link.hash === `#${section.id}`) tick(link, done(section));
  }
  for (const place of all(document, ".progress")) {
    let sum = 0, of = 0;
    for (const count of all(place, "[data-fields]")) {
      const exercises = count.dataset.fields.split(" ");
      const right = exercises.filter((labels) => labels.split(",").every((label) => known[label])).length;
      count.textContent = `${right} of ${exercises.length}`;
      sum += right;
      of += exercises.length;
    }
    place.querySelector(".sum").value = `${sum} of ${of} exercises`;
  }
  document.dispatchEvent(new Event("answers")); // for scripts that make something of them
};
for (const form of forms) {
  const status = form.querySelector("[role=status]");
  const check = JSON.parse(atob(form.dataset.check));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const found = judge[form.dataset.kind](form, check);
    const right = found === true;
    form.dataset.state = right ? "right" : "open";
    const hint = all(form.closest(".exercise"), "details.hint").some((fold) => !fold.open);
    say(status, right ? "✓ Right." : found?.ask ?? (found || `${NOT_YET} ${hint ? "There is a hint below." : "Try again, or unfold the solution."}`));
    if (right) { solve(form.dataset.label); show(); }
    else if (!found?.ask) form.dispatchEvent(new Event("missed", { bubbles: true }));
  });
  for (const part of [form, ...all(form, "[hidden]")]) part.hidden = false;
  if (form.dataset.kind === "order") sortable(form.querySelector("ol"), status);
}
document.addEventListener("forget", ({ detail }) => { // the answers of some fields, to be asked anew
  const known = solved();
  for (const label of detail) { delete known[label]; delete memory[label]; }
  keep(known);
  for (const form of forms.filter((form) => detail.includes(form.dataset.label))) {
    form.reset();
    delete form.dataset.state;
    form.querySelector("[role=status]").replaceChildren();
    form.querySelector("ol")?.append(...all(form, "li").sort((a, b) => a.dataset.place - b.dataset.place));
  }
  show();
});

// The progress: shown, saved, brought back, erased

for (const place of all(document, ".progress")) {
  const status = place.querySelector("[role=status]");
  const entries = () => Object.entries(localStorage).filter(([key]) => key.startsWith(PREFIX));
  const attempt = (work) => { try { work(); } catch { say(status, "This browser keeps nothing here."); } show(); };
  place.addEventListener("click", ({ target }) => attempt(() => {
    if (target.dataset.do === "save") {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([JSON.stringify(Object.fromEntries(entries()), null, 1)], { type: "application/json" }));
      link.download = "mathforml-progress.json";
      link.click();
      URL.revokeObjectURL(link.href);
    } else if (target.dataset.do === "erase" && confirm("Erase what this browser knows of your progress?")) {
      for (const [key] of entries()) localStorage.removeItem(key);
      memory = {};
      say(status, "Erased.");
    }
  }));
  place.querySelector("input").addEventListener("change", async ({ target }) => {
    let found = {};
    try { found = JSON.parse(await target.files[0].text()); } catch {}
    const kept = Object.entries(Object(found)).filter(([key, value]) => key.startsWith(PREFIX) && typeof value === "string");
    attempt(() => { for (const [key, value] of kept) localStorage.setItem(key, value); });
    say(status, kept.length ? "Brought back." : "That file holds no progress.");
  });
  for (const part of all(place, "[hidden]")) part.hidden = false;
}
addEventListener("storage", () => { memory = {}; show(); }); // another window of the book
show();
}
