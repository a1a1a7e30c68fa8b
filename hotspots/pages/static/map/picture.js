/* No twin in Python. */
/* The map and the charts as pictures: SVG for Word and drawing programs, PNG for slides and messages. */
(function (H) {
  "use strict";

  const data = H.data;
  const LOOKS = [
    "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linejoin", "paint-order",
    "font-family", "font-size", "font-weight", "font-style", "text-anchor", "dominant-baseline",
  ];
  const [HEAD, LINE, MARGIN] = [64, 26, 16];

  /* What the style sheet says of each element is written into it: a file of its own has no style sheet. */
  function inline(picture) {
    for (const made of picture.querySelectorAll("path, rect, circle, text")) {
      const style = window.getComputedStyle(made);
      LOOKS.forEach((look) => made.setAttribute(look, style.getPropertyValue(look)));
    }
    picture.querySelectorAll("[class], [id]").forEach((made) => {
      made.removeAttribute("class");
      if (!made.closest("defs")) made.removeAttribute("id");
    });
  }

  function text(x, y, said, look) {
    return H.svg("text", { x, y, class: look }, said);
  }

  /* A line of the legend: the look itself, then its words. */
  function legendLine(item, x, y) {
    const look = Array.from(item.querySelector(".swatch").classList).filter((name) => name !== "swatch").join(" ");
    const round = /cluster|beat/.test(look);
    const weak = look.includes("weak") ? " weak" : "";
    const kind = look.includes("cluster") ? `cluster-shape${weak}` : look.includes("beat") ? "beat-shape"
      : look.includes("priority") ? "priority-line" : look.includes("significant") ? "significant" : `area ${look}`;
    const mark = round
      ? H.svg("circle", { class: kind, cx: x + 15, cy: y - 5, r: 9 })
      : H.svg("rect", { class: kind, x, y: y - 14, width: 30, height: 18 });
    return [mark, text(x + 40, y, item.textContent, "picture-text")];
  }

  function map() {
    H.sheet.redraw();
    const sheet = H.byId("sheet");
    const [width, height] = sheet.getAttribute("viewBox").split(" ").slice(2).map(Number);
    const items = Array.from(H.byId("legend").children);
    const below = HEAD + height + LINE * (items.length + 3);
    const inner = sheet.cloneNode(true);
    inner.removeAttribute("role");
    for (const [name, value] of Object.entries({ x: 0, y: HEAD, width, height })) inner.setAttribute(name, value);
    const legend = items.flatMap((item, k) =>
      legendLine(item, MARGIN, HEAD + height + LINE * (1.4 + k)));
    const marking = [data.marking, data.synthetic ? "SYNTHETIC SAMPLE" : ""].filter(Boolean).join(" · ");
    const heading = document.querySelector("h1").textContent;
    const title = `${heading}: ${H.byId("subtitle").textContent}`;
    return H.svg("svg", { viewBox: `0 0 ${width} ${below}`, width, height: below },
      H.svg("title", {}, title),
      document.querySelector(".patterns defs").cloneNode(true),
      H.svg("rect", { class: "picture-ground", width, height: below }),
      text(MARGIN, 28, title, "picture-title"),
      text(MARGIN, 52, `${H.byId("legend-measure").textContent}${marking ? ` · ${marking}` : ""}`, "picture-text"),
      inner, ...legend,
      text(MARGIN, below - 12, data.source, "picture-small"));
  }

  function chart() {
    const drawn = H.byId("card").querySelector(".chart").cloneNode(true);
    const [width, height] = drawn.getAttribute("viewBox").split(" ").slice(2).map(Number);
    drawn.setAttribute("width", width);
    drawn.setAttribute("height", height);
    const ground = H.svg("rect", { class: "picture-ground", width, height: height + 34 });
    const inner = Object.entries({ x: 0, y: 34 }).reduce((made, [name, value]) => (made.setAttribute(name, value), made), drawn);
    return H.svg("svg", { viewBox: `0 0 ${width} ${height + 34}`, width: 2 * width, height: 2 * (height + 34) },
      ground, text(8, 14, H.byId("card-title").textContent, "picture-small"),
      text(8, 28, "Incidents by month", "picture-small"), inner);
  }

  /* Styles are known only of what stands in the document, so the picture stands there for a moment. */
  function source(make) {
    const picture = make();
    const stage = H.element("div", { class: "picture-stage", "aria-hidden": "true" }, picture);
    document.body.append(stage);
    inline(picture);
    stage.remove();
    picture.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    return new XMLSerializer().serializeToString(picture);
  }

  function saveSvg(make, name) {
    H.saving.save(new Blob([source(make)], { type: "image/svg+xml" }), `${name}.svg`);
  }

  function savePng(make, name) {
    const image = new Image();
    image.addEventListener("load", () => {
      const canvas = H.element("canvas");
      [canvas.width, canvas.height] = [2 * image.width, 2 * image.height];
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => H.saving.save(blob, `${name}.png`), "image/png");
    });
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source(make))}`;
  }

  function button(said, act) {
    const made = H.element("button", { type: "button" }, said);
    made.addEventListener("click", act);
    return made;
  }

  function buttons(make, what, name) {
    return [
      button(`${what} as PNG`, () => savePng(make, name())), button(`${what} as SVG`, () => saveSvg(make, name())),
    ];
  }

  H.byId("take").prepend(...buttons(map, "Map", () => H.saving.name("map")));

  H.picture = {
    map: () => source(map),
    chartButtons: () => buttons(chart, "Chart", () => H.saving.name(H.state.get().spot.toLowerCase())),
  };
})(window.Hotspots);
