// Tells what was known at the first try from what was found in the end, names a level for each
// subject, and leaves out of the paths what is known. What it remembers stays on this device.
{
const KEY = "mathforml.tried.1";
const SAID = { known: "known at the first try", found: "found in the end", missed: "not yet", looked: "looked up", open: "open" };
const HEAD = { found: "in the end", missed: SAID.missed, looked: SAID.looked };
const CIRCLE = '<svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true"><circle cx="7" cy="7" r="5"/><path d="M7 2a5 5 0 0 0 0 10z"/></svg>';
let memory = {}; // where the storage is closed, or full

const all = (inside, selector) => [...inside.querySelectorAll(selector)];
const make = (tag, properties, ...parts) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...parts);
  return made;
};
const link = ([href, title]) => make("a", { href }, title);

// Before a field was solved, an answer was wrong ("missed"), or its solution was unfolded ("looked")

const tried = () => {
  try { return { ...JSON.parse(localStorage.getItem(KEY)), ...memory }; } catch { return memory; }
};
const keep = (known) => {
  try { localStorage.setItem(KEY, JSON.stringify(known)); memory = {}; } catch { memory = known; }
};
const forms = new Map(all(document, "form.answer").map((form) => [form.dataset.label, form]));
const solved = (label) => forms.get(label).hasAttribute("data-solved");
const note = (label, what) => {
  const known = tried();
  if (solved(label) || known[label] === "missed") return;
  keep({ ...known, [label]: what });
  draw();
};
const standing = (labels) => {
  const known = tried();
  const each = labels.map((label) => solved(label) ? (label in known ? "found" : "known") : known[label] ?? "open");
  return ["missed", "looked", "open", "found"].find((word) => each.includes(word)) ?? "known";
};

// A level for each subject

const mark = (state) => {
  const made = make("span", { className: "asked", innerHTML: CIRCLE });
  made.dataset.state = state;
  return made;
};
const row = ({ id, name, from: [warm, ready], asks }, chapters) => {
  const states = asks.map(({ fields }) => standing(fields));
  const count = (state) => states.filter((other) => other === state).length;
  const known = count("known"), open = count("open"), of = asks.length;
  const grade = (right) => right >= ready ? "ready" : right >= warm ? "warm" : "begin here";
  const settled = grade(known) === grade(known + open); // whatever comes of the open ones
  const level = open === of ? "not tried yet" : settled ? grade(known) : "so far";
  const marks = asks.map((ask, k) => {
    const title = `${ask.name}: ${SAID[states[k]]}`;
    const made = make("a", { href: `#${ask.id}`, title }, mark(states[k]));
    made.setAttribute("aria-label", title);
    return made;
  });
  const chaptersOf = (...wanted) => asks.filter((_, k) => wanted.includes(states[k])).map((ask) => ask.chapter);
  const toRead = chaptersOf("missed", "looked", "open"), toSkim = chaptersOf("found");
  const first = link(chapters[Math.min(...(toRead.length ? toRead : toSkim))] ?? []);
  const way = toRead.length ? "begin with" : "skim";
  const score = [known && `${known} of ${of} at the first try`, open && `${open} open`].filter(Boolean).join(", ");
  const advice = make("p", { className: "advice" });
  if (score && open < of) advice.append(`${score}. `);
  if (level === "begin here") advice.append(`There is much to gain here: ${way} `, first, ".");
  else if (level === "warm") advice.append(`It comes back by use: ${way} `, first, ".");
  else if (level === "ready") advice.append(...(known < of && !open ? ["What is missing is in ", first, "."] : ["Go on."]));
  return make("li", {}, make("p", {}, make("a", { href: `#${id}` }, name)), make("p", { className: "level" }, level), make("p", { className: "asks" }, ...marks), advice);
};

// What is left of a path: from its musts back to what is known, and no further

const shorten = (list, chapters) => {
  const items = new Map(all(list, "li").map((item) => [item.querySelector("a").getAttribute("href"), item]));
  const stands = (href) => chapters[href].fields.length ? standing(chapters[href].fields) : "open";
  const wanted = new Set(), left = new Set();
  const visit = (href) => {
    if (stands(href) === "known") { left.add(href); return; }
    if (wanted.has(href)) return;
    wanted.add(href);
    chapters[href].before.forEach(visit);
  };
  for (const [href, item] of items) if (item.classList.contains("must")) visit(href);
  for (const [href, item] of items) {
    item.hidden = !wanted.has(href);
    item.querySelector(".skim")?.remove();
    if (stands(href) === "found") item.querySelector("p").append(make("span", { className: "skim" }, " ", make("span", { className: "level" }, "skim it: you got there")));
  }
  const said = list.querySelector(".left") ?? list.appendChild(make("p", { className: "left" }));
  const names = [...items.keys()].filter((href) => left.has(href)).map((href) => items.get(href).querySelector("a").cloneNode(true));
  said.hidden = !names.length;
  said.replaceChildren(wanted.size ? "Left out, since you knew their questions: " : "Nothing is left: you knew the questions of ", ...names.flatMap((name, k) => k ? [", ", name] : [name]), ". One question or two are thin evidence: if the one at the top of a page stops you, read that page.");
};

// The page

const places = all(document, ".levels").map((place) => {
  const told = JSON.parse(place.dataset.told);
  const list = make("ul", { className: "standing" });
  const key = make("p", { className: "key" }, ...["known", "found", "missed", "open"].map((state) => make("span", {}, mark(state), ` ${state === "missed" ? "not yet, or looked up" : SAID[state]}`)));
  const again = make("button", { type: "button" }, "Take it again");
  const status = make("p", {});
  status.setAttribute("role", "status");
  const rule = make("details", { className: "rule" }, make("summary", {}, "How a level is counted"), ...place.childNodes);
  place.append(list, key, make("p", { className: "line" }, again), status, rule);
  again.addEventListener("click", () => {
    if (!confirm("Forget your answers on this page?")) return;
    const labels = told.subjects.flatMap(({ asks }) => asks.flatMap(({ fields }) => fields));
    keep(Object.fromEntries(Object.entries(tried()).filter(([label]) => !labels.includes(label))));
    for (const label of labels) for (const answer of all(forms.get(label).closest(".exercise"), "details")) answer.open = false;
    document.dispatchEvent(new CustomEvent("forget", { detail: labels }));
    status.textContent = "All questions are open again.";
  });
  return { told, list, status };
});
const ways = all(document, ".ways").map((place) => [JSON.parse(place.dataset.told), all(place, ".path")]);
const draw = () => {
  for (const { told, list, status } of places) {
    list.replaceChildren(...told.subjects.map((subject) => row(subject, told.chapters)));
    status.replaceChildren();
    for (const { id, fields } of told.subjects.flatMap(({ asks }) => asks)) {
      const head = document.getElementById(id).querySelector(".head");
      const state = standing(fields);
      head.querySelector(".tried")?.remove();
      if (state in HEAD) head.append(make("span", { className: "tried" }, ` ${HEAD[state]}`));
    }
  }
  for (const [chapters, lists] of ways) for (const list of lists) shorten(list, chapters);
};
document.addEventListener("missed", ({ target }) => note(target.dataset.label, "missed"));
document.addEventListener("toggle", ({ target }) => { // of a solution, which is then no longer to be found
  if (!target.open || !target.matches(".exercise details")) return;
  for (const form of all(target.closest(".exercise"), "form.answer")) note(form.dataset.label, "looked");
}, true);
document.addEventListener("answers", draw);
draw();
}
