/* Twin: hotspots/pages/map_page.py (legend of the first view). */
/* The legend: an ordinary list of what is on the map now. */
(function (H) {
  "use strict";

  const data = H.data;
  const W = H.words;
  const SAID = data.legend; // the same words as without scripts
  let drawn = null;

  function item(look, text) {
    return H.element("li", {}, H.element("span", { class: `swatch ${look}` }), text);
  }

  function classTexts({ state, breaks }) {
    const write = (value) => W.figure(state.measure, value);
    if (state.measure === "change") {
      const [low, high] = data.changeBreaks.map((ratio) => W.change(ratio).slice(1));
      return [`fell by more than ${low}`, "fell", "no change beyond chance", "rose", `rose by more than ${high}`];
    }
    return breaks.map((upper, i) => {
      if (i === 0) return `up to ${write(upper)} ${W.MEASURES[state.measure].unit}`;
      if (state.measure === "count") return `${write(breaks[i - 1] + 1)} to ${write(upper)}`;
      return `over ${write(breaks[i - 1])} to ${write(upper)}`;
    });
  }

  function areaItems(view) {
    const kind = view.state.measure === "change" ? "change" : "area";
    const items = (view.blind ? [] : classTexts(view)).map((text, i) => item(`${kind}-${i + 1}`, text)).reverse();
    const has = (look) => view.looks.includes(look);
    if (has("area-0")) items.push(item("area-0", SAID["area-0"]));
    if (has("area-withheld")) items.push(item("area-withheld", SAID["area-withheld"]));
    if (has("area-none")) items.push(item("area-none", view.blind ? `${view.blind} in these data` : SAID["area-none"]));
    return items;
  }

  function densityItems(view) {
    return data.bands[view.state.theme].slice().reverse().map((band) =>
      item(`band-${band.band}`, `${W.percent(band.share)} of incidents in ${W.finePercent(band.area)} of the area`));
  }

  /* Priority is of the whole period, whichever months are chosen. Its number is written with the names. */
  function priorityText(view) {
    const whole = view.whole ? "" : ", whole period";
    const number = view.state.layers.includes("labels") ? SAID.rank : "";
    return `${SAID.priority} ${W.smallNumber(data.top)} ${W.rankedBy(view)}${whole}${number}`;
  }

  /* Paper cannot be zoomed; there the caption tells. */
  function clusterText() {
    const more = H.labels.hidesNumbers() ? "; more numbers when zoomed in" : "";
    const text = `${SAID.clusters}${drawn.whole ? "" : " of the whole period"}${SAID.numbered}`;
    return H.element("span", {}, text, H.element("span", { class: "on-screen" }, more));
  }

  /* It folds, and makes room for a card by itself; what the reader says then stands. */
  const fold = H.element("button", { type: "button", class: "fold", "aria-controls": "legend-body" }, "Legend");
  let wanted = null;
  H.byId("legend-title").replaceChildren(fold);
  fold.addEventListener("click", () => {
    wanted = H.byId("legend-body").classList.contains("folded");
    setFold(wanted);
  });

  function setFold(open) {
    H.byId("legend-body").classList.toggle("folded", !open);
    fold.setAttribute("aria-expanded", String(open));
  }

  H.map.leaflet.on("zoomend moveend", () => {
    const text = document.querySelector(".legend .on-screen");
    if (text) text.parentElement.replaceWith(clusterText());
  });

  /* What gives the areas of the map their colour. */
  function title({ state, level }) {
    if (H.overlays.showsDensity(state)) return "Density of incidents";
    return state.layers.includes("areas") ? `${W.MEASURES[state.measure].title} by ${level.words.one}` : `Outlines of ${level.words.many}`;
  }

  function draw(view) {
    drawn = view;
    const { state } = view;
    const density = H.overlays.showsDensity(state);
    const items = density ? densityItems(view) : state.layers.includes("areas") ? areaItems(view) : [];
    if (H.overlays.priorityOf(view).length) {
      items.push(item("priority-swatch", priorityText(view)));
    }
    if (state.layers.includes("significant")) {
      const whole = view.whole ? "" : ", whole period";
      items.push(item("significant-swatch", `${SAID.significant}${whole}`));
    }
    if (H.overlays.showsClusters(state)) {
      items.push(item("cluster-swatch", clusterText()));
      const weak = `${SAID.weak}${view.whole ? "" : " of the whole period"}`;
      if (data.clusters[state.theme].some(H.clusters.isWeak)) items.push(item("cluster-swatch weak", weak));
    }
    if (H.beats.shown(state).length) items.push(item("beat-swatch", SAID.beats));
    if (H.zones.shown(state).length) items.push(item("zone-swatch", SAID.zones));
    H.byId("legend").replaceChildren(...items);
    setFold(wanted === null ? !state.spot : wanted);
    H.byId("legend-measure").textContent = `${title(view)}${density ? ", whole period" : ""}`;
  }

  H.legend = { draw, title };
})(window.Hotspots);
