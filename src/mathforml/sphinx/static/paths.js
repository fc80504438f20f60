// Lets a reader choose a path, shows it on the map, and keeps the choice on this device.
{
const KEY = "mathforml.goal";
const all = (inside, selector) => [...inside.querySelectorAll(selector)];
const kept = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
const keep = (goal) => { try { localStorage.setItem(KEY, goal); } catch {} };

const stations = all(document, ".chapter-map-drawing a");
const arcs = all(document, ".chapter-map-drawing path");
for (const station of stations) station.dataset.label = station.getAttribute("aria-label");

const levelOf = (station, goal) =>
  station.dataset.readers.split(" ").find((word) => word.startsWith(`${goal}:`))?.split(":")[1] ?? "";
const draw = (goal) => {
  const words = { must: ", a must for you", useful: ", useful for you", way: ", on your way", skip: ", not needed" };
  for (const station of stations) {
    const level = levelOf(station, goal);
    station.dataset.level = level;
    station.setAttribute("aria-label", station.dataset.label + (words[level] ?? ""));
  }
  for (const line of arcs) {
    const ends = [line.dataset.from, line.dataset.to].map((k) => stations[k].dataset.level);
    line.classList.toggle("off", ends.includes("skip"));
  }
};

// What comes before the chapter that is pointed at

const trace = (station) => {
  const before = new Set(station ? [station.dataset.number] : []);
  const on = new Set();
  for (const number of before) { // grows while it is walked through
    for (const line of arcs) if (line.dataset.to === number) { on.add(line); before.add(line.dataset.from); }
  }
  for (const line of arcs) line.classList.toggle("on", on.has(line));
  for (const other of stations) other.classList.toggle("on", before.has(other.dataset.number));
};
for (const station of stations) {
  for (const name of ["pointerenter", "focus"]) station.addEventListener(name, () => trace(station));
  for (const name of ["pointerleave", "blur"]) station.addEventListener(name, () => trace(stations.find((other) => other === document.activeElement)));
}

// The choice

for (const place of all(document, ".paths")) {
  const lists = all(place, ".path");
  const goals = new Map(lists.map((list) => [list.id.replace("path-", ""), list.querySelector(".path-name").textContent]));
  const form = document.createElement("fieldset");
  form.className = "goals";
  form.innerHTML = "<legend>Which of these are you?</legend>";
  for (const [goal, name] of [["", "Show me all of them"], ...goals]) {
    const label = document.createElement("label");
    const radio = Object.assign(document.createElement("input"), { type: "radio", name: "goal", value: goal });
    label.append(radio, ` ${name}`);
    form.append(label);
  }
  const key = Object.assign(document.createElement("p"), { className: "key", textContent: "On the map, a filled mark is a must, an open one is useful, a point is not needed." });
  if (stations.length) form.append(key);
  const choose = (goal) => {
    const known = goals.has(goal) ? goal : "";
    form.querySelector(`input[value="${known}"]`).checked = true;
    for (const list of lists) list.hidden = Boolean(known) && list.id !== `path-${known}`;
    key.hidden = !known;
    draw(known);
    document.dispatchEvent(new CustomEvent("goal", { detail: known }));
  };
  const addressed = () => location.hash.replace("#path-", "");
  form.addEventListener("change", ({ target }) => { keep(target.value); choose(target.value); });
  addEventListener("hashchange", () => { if (goals.has(addressed())) { keep(addressed()); choose(addressed()); } });
  const drawn = document.querySelector(".chapter-map-drawing");
  (drawn ?? place).before(form);
  if (goals.has(addressed())) keep(addressed());
  choose(kept());
}
}
