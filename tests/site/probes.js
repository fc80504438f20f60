// What a test asks of a page in the browser.
({
  // Marks the elements whose text no earlier one shows in the same face; returns the characters of
  // each face. A lone letter of a formula is drawn with a mathematical italic.
  faces() {
    const seen = {};
    const note = (element, text) => {
      const { fontFamily, fontStyle, fontWeight, textTransform } = getComputedStyle(element);
      const lone = textTransform === "math-auto" && [...text.trim()].length === 1 ? "lone" : "";
      const characters = seen[[fontFamily, fontStyle, fontWeight, lone].join()] ??= new Set();
      for (const character of text.replace(/\s/g, "")) {
        if (!characters.has(character)) element.setAttribute("data-probe", "");
        characters.add(character);
      }
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement;
      if (element.matches("figure.moving > script")) note(element.parentElement, element.textContent);
      else if (!element.closest("script, style, noscript") && element.checkVisibility())
        note(element, texts.currentNode.data);
    }
    return Object.entries(seen).map(([face, characters]) => [face, [...characters].join("")]);
  },

  // What is wider than the page, even where a part of the page hides or scrolls it.
  wide() {
    const scrolls = box => box.matches("article *, footer *") &&
      (["auto", "scroll"].includes(getComputedStyle(box).overflowX) || scrolls(box.parentElement));
    const boxes = [...document.querySelectorAll("article *, .content footer *")]
      .filter(box => box.getBoundingClientRect().right > innerWidth + 1)
      .filter(box => box.checkVisibility() && !box.closest("svg, math") && !scrolls(box));
    const roots = [...document.querySelectorAll("html, body, .main, .content")]
      .filter(box => box.scrollWidth > box.clientWidth);
    return [...roots.map(box => box.className), ...boxes.map(box => box.outerHTML.slice(0, 100))];
  },

  // Displays whose number touches the formula, or cannot be seen.
  colliding() {
    const place = (display, part) => display.querySelector(part).getBoundingClientRect();
    const collide = (a, b) =>
      a.right > b.left + 1 && b.right > a.left + 1 && a.bottom > b.top + 1 && b.bottom > a.top + 1;
    const displays = [...document.querySelectorAll("article div.math:has(> .eqno)")];
    return displays.filter(display => {
      const number = place(display, ".eqno");
      const seen = number.width > 0 && number.left >= 0 && number.right <= innerWidth;
      return !seen || collide(place(display, ".scroll"), number);
    }).map(display => display.id);
  },

  // Roots whose sign touches what follows, or leaves a hole before it.
  loose() {
    const roots = [...document.querySelectorAll("msqrt")].filter(root => root.checkVisibility());
    return roots.filter(root => {
      const { fontSize, marginRight } = getComputedStyle(root);
      const right = box => box.getBoundingClientRect().right;
      const gap = right(root) - right(root.lastElementChild) + parseFloat(marginRight);
      return gap < -1 || gap > .3 * parseFloat(fontSize);
    }).map(root => root.outerHTML.slice(0, 100));
  },

  // What scrolls and cannot be scrolled by keyboard.
  unreachable() {
    const boxes = [...document.querySelectorAll("article *")].filter(box =>
      box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 0 &&
      ["auto", "scroll"].includes(getComputedStyle(box).overflowX));
    const reached = box => box.tabIndex >= 0 || box.querySelector("a[href], button, input");
    return boxes.filter(box => !reached(box)).map(box => box.outerHTML.slice(0, 100));
  },

  // Lines of a printed table that break, and take its columns with them. A refusal is a sentence.
  broken() {
    const height = (output, line) => {
      const alone = output.cloneNode();
      alone.textContent = line;
      output.after(alone);
      const found = alone.offsetHeight;
      alone.remove();
      return found;
    };
    const broken = output => {
      const lines = output.textContent.trimEnd().split("\n");
      const one = height(output, "0");
      return lines.length < 2 || !output.checkVisibility() ? [] : lines.filter(line =>
        !line.includes("; expected") && height(output, line) > one);
    };
    const printed = [...document.querySelectorAll(".cell_output pre")].filter(output =>
      !output.closest(".cell_input") && getComputedStyle(output).whiteSpace === "pre-wrap");
    return printed.flatMap(broken);
  },

  // Text with too little contrast to what is behind it.
  faint() {
    const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const known = {};
    const channels = color => known[color] ??= (() => {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = color;
      pen.fillRect(0, 0, 1, 1);
      return pen.getImageData(0, 0, 1, 1).data;
    })();
    const luminance = color => [.2126, .7152, .0722].reduce((sum, weight, i) => {
      const c = channels(color)[i] / 255;
      return sum + weight * (c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
    }, 0);
    const ground = box => {
      const color = box ? getComputedStyle(box).backgroundColor : "Canvas";
      return !box || channels(color)[3] === 255 ? color : ground(box.parentElement);
    };
    const faint = new Map();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const box = texts.currentNode.parentElement;
      if (!texts.currentNode.data.trim() || box.closest("script, style, noscript")) continue;
      if (!box.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const style = getComputedStyle(box);
      const ink = box.ownerSVGElement ? style.fill : style.color;
      const [a, b] = [luminance(ink), luminance(ground(box))].sort((x, y) => y - x);
      if (box.ownerSVGElement && a === b) continue; // the color of the page, on something drawn
      const large = parseFloat(style.fontSize) >= 24;
      if ((a + .05) / (b + .05) < (large ? 3 : 4.5)) faint.set(ink, box.outerHTML.slice(0, 100));
    }
    return [...faint.values()];
  },
})
