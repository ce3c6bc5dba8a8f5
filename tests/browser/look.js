// Looks at the page as a person sees it, after styles and layout. The body of one function; `look` says what is asked for.
const look = arguments[0];

const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
const named = (element) => {
  const text = (element.textContent || element.value || "").trim().replace(/\s+/g, " ").slice(0, 40);
  return `<${element.localName}> "${text}"`;
};

// Colours: [red, green, blue, alpha], 0 to 255 and 0 to 1. Computed styles are written rgb(…) or rgba(…).
const colour = (css) => {
  const numbers = css.match(/^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/);
  if (!numbers) throw new Error(`the colour ${css} is not understood`);
  return numbers.slice(1).map((number) => (number === undefined ? 1 : Number(number)));
};
const over = (top, bottom) => [0, 1, 2].map((at) => top[at] * top[3] + bottom[at] * (1 - top[3])).concat(1);

// WCAG 2.2, "relative luminance" and "contrast ratio".
const luminance = (rgb) => {
  const [red, green, blue] = rgb.slice(0, 3).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};

const ancestry = (element) => (element ? [...ancestry(element.parentElement), element] : []);
// A drawing paints its bars over the card, and a number may stand on one.
const bars = (element) => {
  const drawing = element.closest("svg");
  if (!drawing) return [];
  const box = element.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  return [...drawing.querySelectorAll("rect")].filter((rect) => {
    const bar = rect.getBoundingClientRect();
    const under = bar.left <= x && x <= bar.right && bar.top <= y && y <= bar.bottom;
    return under && rect.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING;
  });
};
const ground = (element) => {
  const painted = ancestry(element).map((each) => getComputedStyle(each).backgroundColor);
  const drawn = bars(element).map((rect) => getComputedStyle(rect).fill);
  return [...painted, ...drawn].map(colour).reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
};
const ink = (element) => {
  const style = getComputedStyle(element);
  const own = colour(element instanceof SVGElement ? style.fill : style.color);
  own[3] *= ancestry(element).reduce((part, each) => part * Number(getComputedStyle(each).opacity), 1);
  return own;
};

const written = () => {
  const found = new Set(document.querySelectorAll("input, textarea"));
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    if (texts.currentNode.data.trim()) found.add(texts.currentNode.parentElement);
  }
  return [...found].filter((element) => element.localName !== "noscript" && seen(element));
};

const looks = {
  // Every text, and how far it stands out from what is behind it.
  contrasts: () =>
    written().map((element) => {
      const behind = ground(element);
      return [contrast(over(ink(element), behind), behind), named(element)];
    }),
  // How bright the page is: 0 is black, 1 is white.
  brightness: () => luminance(ground(document.body)),
  // What reaches beyond the window's sides, or is cut off within.
  sideways: () => {
    scrollTo(innerWidth, scrollY);
    const scrolled = scrollX > 0 ? [`the page scrolls by ${scrollX} px`] : [];
    scrollTo(0, scrollY);
    const all = [...document.body.querySelectorAll("*")].filter((element) => seen(element));
    const beyond = all.filter((element) => {
      const box = element.getBoundingClientRect();
      return box.left < -0.5 || box.right > document.documentElement.clientWidth + 0.5;
    });
    // An input scrolls what is typed into it.
    const cut = all.filter((element) => {
      const laidOut = !(element instanceof SVGElement) && getComputedStyle(element).display !== "inline";
      return laidOut && element.localName !== "input" && element.scrollWidth > element.clientWidth + 1;
    });
    return [...scrolled, ...beyond.map((each) => `${named(each)} sticks out`), ...cut.map((each) => `${named(each)} is cut`)];
  },
  width: () => innerWidth,
  // What a thumb is to hit: width, height, and what it is.
  targets: () =>
    [...document.querySelectorAll("button, input, textarea, summary, a[href]")].filter(seen).map((element) => {
      const box = element.getBoundingClientRect();
      return [box.width, box.height, named(element)];
    }),
  // Opens what is folded away, also where there is nothing earlier to show yet.
  unfold: () => {
    for (const details of document.querySelectorAll("details")) {
      details.classList.remove("none");
      details.open = true;
    }
  },
  // Notes every state of every call from now on, so that none is missed between two looks.
  watch: () => {
    const note = () => {
      for (const fate of document.querySelectorAll("#calls .fate")) {
        if (!window.fates.includes(fate.textContent)) window.fates.push(fate.textContent);
      }
    };
    window.fates = [];
    note();
    new MutationObserver(note).observe(document.getElementById("calls"), { childList: true, subtree: true });
  },
  // Bytes of the page and all that came with it, as they went over the line.
  weight: () =>
    ["navigation", "resource"]
      .flatMap((kind) => performance.getEntriesByType(kind))
      .reduce((sum, entry) => sum + entry.transferSize, 0),
};
return looks[look]();
