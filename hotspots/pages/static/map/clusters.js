/* Twin: hotspots/pages/map_hotspots.py (what is said of each hot spot). */
/* The list of hot spots, the first ones under the headline. A choice opens the card. */
(function (H) {
  "use strict";

  const data = H.data;
  const W = H.words;
  const FIRST = 3;
  let theme = null;
  let ward = -1; // position of the chosen one
  let spot = "";
  let all = false;

  const clustersOf = (slug) => data.clusters[slug] || [];
  const partsOf = (slug) => data.parts[slug] || [];

  /* A hot spot or a part of one by its identifier, which stays the same from run to run. */
  function find(state) {
    return [...clustersOf(state.theme), ...partsOf(state.theme)].find(({ id }) => id === state.spot) || null;
  }

  function told({ n, share, confidence }) {
    const held = `${W.incidents(n)}, ${W.percent(share)}`;
    return confidence === null ? held : `${held}; ${W.firmness(confidence)}`;
  }

  function isWeak({ confidence }) {
    return W.firmness(confidence) === "weak";
  }

  /* By the list, a number or an outline: the card opens, and on a small screen the map comes into view. */
  function choose(id) {
    const { layers } = H.state.get();
    H.state.update({ spot: id, ...(layers.includes("clusters") ? {} : { layers: [...layers, "clusters"] }) });
    H.card.show();
  }

  function entry(cluster) {
    const button = H.element("button", { type: "button", class: "spot-button", "aria-pressed": String(cluster.id === spot) },
      H.element("span", { class: `cluster-number${isWeak(cluster) ? " weak" : ""}`, "aria-hidden": "true" }, String(cluster.number)),
      H.element("span", { class: "spot-text" }, H.element("strong", {}, cluster.name), " ", H.element("span", {}, told(cluster))));
    button.addEventListener("click", () => choose(cluster.id));
    const li = H.element("li", { id: `cluster-${cluster.number}` }, button);
    li.classList.toggle("chosen", cluster.wards.includes(ward));
    return li;
  }

  /* Those of the chosen ward come first. */
  function ordered() {
    const clusters = clustersOf(theme);
    const here = clusters.filter(({ wards }) => wards.includes(ward));
    return here.concat(clusters.filter((cluster) => !here.includes(cluster)));
  }

  function refill() {
    const clusters = ordered();
    const first = Math.max(FIRST, clusters.filter(({ wards }) => wards.includes(ward)).length);
    H.byId("clusters").replaceChildren(...clusters.map((cluster, position) => {
      const li = entry(cluster);
      // Out of the way until asked for; the chosen one always shows.
      li.hidden = !all && position >= first && cluster.id !== spot;
      return li;
    }));
    more.hidden = clusters.length <= first;
    more.setAttribute("aria-expanded", String(all));
    more.textContent = all ? "Show fewer" : `Show all ${clusters.length}`;
  }

  function note(view) {
    const named = W.themeOf(view.state);
    const clusters = clustersOf(theme);
    if (named.withheld) return named.withheld;
    if (!named.clusters) return "No hot spots are drawn for this theme.";
    if (!clusters.length) return "No place stands out as a hot spot of this theme.";
    const whole = view.whole ? "" : "Hot spots are of the whole period.";
    const here = ward >= 0 && clusters.some(({ wards }) => wards.includes(ward));
    return [whole, here ? `Those in ${data.levels.ward.names[ward]} come first.` : ""].filter(Boolean).join(" ");
  }

  function draw(view, changed) {
    if (changed.some((key) => ["theme", "ward", "spot"].includes(key))) {
      ({ theme, spot } = view.state);
      ward = data.levels.ward.codes.indexOf(view.state.ward);
      all = all && !changed.includes("theme");
      // A list made anew would take the focus from the button that was pressed.
      const held = document.activeElement.closest ? document.activeElement.closest("#clusters li") : null;
      refill();
      if (held && H.byId(held.id)) H.byId(held.id).querySelector("button").focus({ preventScroll: true });
    }
    H.byId("clusters-note").textContent = note(view);
  }

  const more = H.element("button", { type: "button", id: "clusters-more", "aria-controls": "clusters" });
  more.addEventListener("click", () => {
    all = !all;
    refill();
  });
  H.byId("clusters-section").append(more);

  H.clusters = { draw, choose, find, isWeak, told, clustersOf, partsOf };
})(window.Hotspots);
