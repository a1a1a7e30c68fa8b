/* Twin: hotspots/pages/map_beats.py */
/* Where to patrol: beats with a box to tick each, and what the ticked ones make up together. */
(function (H) {
  "use strict";

  const L = window.L;
  const data = H.data;
  const W = H.words;
  const FIRST = 8;
  const group = L.layerGroup().addTo(H.map.leaflet);
  const renderer = H.map.paneRenderer("beats", 445);
  const unticked = {}; // by theme, the orders of the beats that are not
  let theme = null;
  let all = false;

  const beatsOf = (slug) => data.beats[slug] || [];
  const leftOut = (slug) => (unticked[slug] = unticked[slug] || new Set());
  const ticked = (slug) => beatsOf(slug).filter(({ order }) => !leftOut(slug).has(order));

  function told({ grid, expected, low, high }) {
    return expected === null ? grid : `${grid}; ${W.rate(expected)} expected (${low} to ${high})`;
  }

  function shareText(chosen, beats) {
    if (!beats.length) return "No beats are chosen for this theme.";
    const sum = (name) => chosen.reduce((total, beat) => total + beat[name], 0);
    const said = `${chosen.length} of ${beats.length} beats: ${W.finePercent(sum("area"))} of the city`;
    if (beats.some(({ share }) => share === null)) return `${said}.`;
    return `${said}, ${W.percent(sum("share"))} of what is expected in ${data.beatsFor}.`;
  }

  /* Whoever ticks a box wants to see the beat. */
  function showLayer() {
    const { layers } = H.state.get();
    if (!layers.includes("beats")) H.state.update({ layers: [...layers, "beats"] });
  }

  function shown(state) {
    return state.layers.includes("beats") ? ticked(state.theme) : [];
  }

  function redraw() {
    group.clearLayers();
    const shapes = shown(H.state.get()).map(({ shape }) => shape);
    if (!shapes.length) return;
    for (const look of ["beat-halo", "beat-shape"]) group.addLayer(H.map.polygon(shapes.flat(), renderer, look));
  }

  function tell() {
    H.byId("beats-share").textContent = shareText(ticked(theme), beatsOf(theme));
  }

  function tick(order, on) {
    leftOut(theme)[on ? "delete" : "add"](order);
    showLayer();
    redraw();
    tell();
  }

  function tickAll(on) {
    unticked[theme] = new Set(on ? [] : beatsOf(theme).map(({ order }) => order));
    showLayer();
    redraw();
    refill();
    tell();
  }

  function entry(beat, position) {
    const box = H.element("input", { type: "checkbox", name: "beat", value: String(beat.order) });
    box.checked = !leftOut(theme).has(beat.order);
    box.addEventListener("change", () => tick(beat.order, box.checked));
    const li = H.element("li", {}, H.element("label", {}, box,
      H.element("span", {}, `${beat.order}. ${beat.name}`, H.element("small", {}, told(beat)))));
    // Out of the way on the screen; paper shows all.
    li.hidden = !all && position >= FIRST;
    return li;
  }

  function refill() {
    const beats = beatsOf(theme);
    H.byId("beats").replaceChildren(...beats.map(entry));
    more.hidden = beats.length <= FIRST;
    more.setAttribute("aria-expanded", String(all));
    more.textContent = all ? "Show fewer" : `Show all ${beats.length}`;
    buttons.hidden = !beats.length;
  }

  function draw(view, changed) {
    if (!H.byId("beats-section")) return;
    if (changed.includes("theme")) {
      theme = view.state.theme;
      all = false;
      H.byId("beats-grade").textContent = data.beatGrades[theme] || "";
      refill();
      tell();
    }
    if (changed.includes("theme") || changed.includes("layers")) redraw();
  }

  function button(text, act) {
    const made = H.element("button", { type: "button" }, text);
    made.addEventListener("click", act);
    return made;
  }

  const more = button("", () => {
    all = !all;
    refill();
  });
  more.id = "beats-more";
  more.setAttribute("aria-controls", "beats");
  const buttons = H.element("div", { class: "buttons beats-buttons" },
    button("Tick all", () => tickAll(true)), button("Tick none", () => tickAll(false)), more);
  if (H.byId("beats-section")) H.byId("beats-section").append(buttons);

  H.beats = { draw, shown, told, shareText };
})(window.Hotspots);
