// Moves the pictures of a page: puts the attributes of the chosen frame in place.
for (const figure of document.querySelectorAll("figure.moving")) {
  const { values, said, changes } = JSON.parse(figure.querySelector("script").textContent);
  const drawing = figure.querySelector("svg.drawing");
  const parts = [drawing, ...drawing.querySelectorAll("*")];
  const [control, slider, output, button] = [".control", "input", "output", "button"].map((name) => figure.querySelector(name));
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let timer;

  const show = () => {
    const frame = +slider.value;
    for (const [part, name, states] of changes) {
      const state = states[frame];
      if (!name) parts[part].textContent = state;
      else if (state === null) parts[part].removeAttribute(name);
      else parts[part].setAttribute(name, state);
    }
    output.value = values[frame];
    slider.setAttribute("aria-valuetext", said[frame]);
  };
  const rest = () => {
    clearInterval(timer);
    button.setAttribute("aria-pressed", "false");
  };
  const play = () => {
    if (slider.value === slider.max) { slider.value = 0; show(); }
    button.setAttribute("aria-pressed", "true");
    timer = setInterval(() => {
      slider.value = +slider.value + 1;
      show();
      if (slider.value === slider.max) rest();
    }, Math.max(60, 4000 / values.length));
  };

  slider.addEventListener("input", () => { rest(); show(); });
  button.addEventListener("click", () => (button.getAttribute("aria-pressed") === "true" ? rest() : play()));
  still.addEventListener("change", () => { rest(); button.hidden = still.matches; });
  button.hidden = still.matches;
  control.hidden = false;
  show();
}
