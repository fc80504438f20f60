// Keeps what is written on a worksheet on this device, and nowhere else, and exports it.
{
const CLOSED = "This browser keeps nothing here: export the sheet before you leave.";
const growing = CSS.supports("field-sizing", "content");

const all = (inside, selector) => [...inside.querySelectorAll(selector)];
const say = (status, text) => { // anew, so that the same words are heard again
  status.replaceChildren();
  setTimeout(() => { status.textContent = text; }, 20);
};
const download = (name, text, type) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
};

const asMarkdown = (sheet, kept) => {
  const words = (part) => part.textContent.trim().replace(/\s+/g, " ");
  const written = (title, text) => [`**${title}**`, text.trim() || "(open)"];
  const blocks = [`# ${words(sheet.querySelector(".head"))}`, `Written on ${new Date().toLocaleDateString("sv")}.`];
  for (const question of all(sheet, "fieldset")) {
    blocks.push(`## ${words(question.querySelector("legend"))}`);
    for (const field of all(question, "textarea")) blocks.push(...written(words(field.labels[0]), field.value));
  }
  const asked = new Set(all(sheet, "textarea").map((field) => field.name));
  const earlier = Object.entries(kept).filter(([name]) => !asked.has(name));
  if (earlier.length) blocks.push("## Asked in an earlier edition", ...earlier.flatMap(([name, text]) => written(name, text)));
  return `${blocks.join("\n\n")}\n`;
};

for (const sheet of all(document, "form.worksheet")) {
  const key = `mathforml.${sheet.id}`;
  const status = sheet.querySelector("[role=status]"), fields = all(sheet, "textarea");
  let kept = {}, told = false; // beside the storage, which may be closed, or full
  const fit = (field) => { // to what is written; where style sheets can, they do
    if (growing) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
  };
  const look = () => { try { kept = { ...JSON.parse(localStorage.getItem(key)) }; } catch {} };
  const show = () => {
    for (const field of fields) {
      if (field !== document.activeElement) field.value = kept[field.name] ?? "";
      fit(field);
    }
  };
  sheet.addEventListener("input", ({ target }) => {
    look();
    if (target.value) kept[target.name] = target.value; else delete kept[target.name];
    try { localStorage.setItem(key, JSON.stringify(kept)); } catch { told ||= !say(status, CLOSED); }
    fit(target);
  });
  const work = {
    export() { download(`${sheet.id}.md`, asMarkdown(sheet, kept), "text/markdown"); },
    print() {
      sheet.classList.add("alone");
      addEventListener("afterprint", () => sheet.classList.remove("alone"), { once: true });
      print();
    },
    erase() {
      if (!confirm("Erase what you have written on this sheet?")) return;
      kept = {};
      try { localStorage.removeItem(key); } catch {}
      show();
      say(status, "Erased.");
    },
  };
  sheet.addEventListener("click", ({ target }) => work[target.dataset.do]?.());
  addEventListener("storage", () => { look(); show(); }); // another window of the book
  look();
  for (const field of fields) if (field.value) kept[field.name] ??= field.value; // quicker than the script
  show();
  for (const part of all(sheet, "[hidden]")) part.hidden = false;
}
}
