/* Twin: hotspots/pages/map_page.py (hot spots of the first view). */
/* The list of hot spots: where, how many, how sure, since when. */
(function (H) {
  "use strict";

  const data = H.data;
  const W = H.words;
  const FIRST = 8;
  let theme = null;
  let ward = -1; // position of the chosen one
  let all = false;

  const [EARLIER, LATER] = data.halves;

  /* One that is new or has ended had incidents all the while: their numbers say how far it is from the other half. */
  function since({ status, halves: [before, after] }) {
    if (status === "continuing") return "no clear change between the halves of the period";
    if (!["new", "ended"].includes(status)) return "";
    const counts = before === undefined ? "" : ` (${W.incidents(before)}, then ${W.whole(after)})`;
    return `dense enough to be a hot spot only in ${status === "new" ? LATER : EARLIER}${counts}`;
  }

  function told(cluster) {
    const { n, share, confidence, types } = cluster;
    const firm = confidence === null ? "" : `${W.firmness(confidence)} (${W.percent(confidence)} of test runs)`;
    const mostly = types && `of all incidents there mostly ${types}`;
    return [`${W.incidents(n)}, ${W.percent(share)} of the theme`, firm, mostly, since(cluster)].filter(Boolean).join("; ");
  }

  function isWeak({ confidence }) {
    return W.firmness(confidence) === "weak";
  }

  function sparkline(monthly) {
    const [width, height, most] = [96, 24, Math.max(...monthly, 1)];
    const x = (i) => 2 + (i * (width - 4)) / Math.max(monthly.length - 1, 1);
    const y = (n) => height - 2 - (n * (height - 4)) / most;
    const points = monthly.map((n, i) => `${x(i).toFixed(1)},${y(n).toFixed(1)}`).join(" ");
    const end = monthly.length - 1;
    return H.svg("svg", {
      class: "sparkline", viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
      "aria-label": `Incidents by month: ${monthly.join(", ")}`,
    }, H.svg("polyline", { points }), H.svg("circle", { cx: x(end), cy: y(monthly[end]), r: 2.5 }));
  }

  function entry(cluster, position) {
    const streets = cluster.streets || "no street named";
    const button = H.element("button", { type: "button", class: "cluster-name-button" },
      H.element("span", { class: "visually-hidden" }, `Show hot spot ${cluster.number} on the map: `), streets);
    button.addEventListener("click", () => H.map.zoomTo(cluster.shape));
    const li = H.element("li", { id: `cluster-${cluster.number}` },
      H.element("span", { class: `cluster-number${isWeak(cluster) ? " weak" : ""}`, "aria-hidden": "true" }, String(cluster.number)),
      H.element("div", { class: "cluster-text" }, button, H.element("p", {}, told(cluster))));
    li.classList.toggle("chosen", cluster.wards.includes(ward));
    // Out of the way on the screen; paper shows all.
    li.hidden = !all && position >= FIRST;
    if (cluster.monthly.length > 1) li.lastChild.append(sparkline(cluster.monthly));
    return li;
  }

  /* Those of the chosen ward come first. */
  function ordered() {
    const clusters = data.clusters[theme] || [];
    const here = clusters.filter(({ wards }) => wards.includes(ward));
    return here.concat(clusters.filter((cluster) => !here.includes(cluster)));
  }

  function refill() {
    const clusters = ordered();
    H.byId("clusters").replaceChildren(...clusters.map(entry));
    const button = H.byId("clusters-more");
    button.hidden = clusters.length <= FIRST;
    button.setAttribute("aria-expanded", String(all));
    button.textContent = all ? "Show fewer" : `Show all ${clusters.length}`;
  }

  function note(view) {
    const named = W.themeOf(view.state);
    const clusters = data.clusters[theme] || [];
    if (named.withheld) return named.withheld;
    if (!named.clusters) return "No hot spots are drawn for this theme.";
    if (!clusters.length) return "No place stands out as a hot spot of this theme.";
    const line = clusters.some(({ monthly }) => monthly.length > 1) ? "; the line shows the months" : "";
    const where = `Places where incidents crowd together, over the whole period${line}.`;
    const sure = "Firm or weak tells whether chance in the counts could undo it, not whether it will last or how it was recorded.";
    const here = clusters.some(({ wards }) => wards.includes(ward));
    const first = here ? `Those in ${data.levels.ward.names[ward]} come first.` : "";
    return [where, clusters.some(({ confidence }) => confidence !== null) && sure, first].filter(Boolean).join(" ");
  }

  function draw(view, changed) {
    if (!changed.includes("theme") && !changed.includes("ward")) return;
    theme = view.state.theme;
    ward = data.levels.ward.codes.indexOf(view.state.ward);
    all = all && !changed.includes("theme");
    refill();
    H.byId("clusters-note").textContent = note(view);
  }

  const more = H.element("button", { type: "button", id: "clusters-more", "aria-controls": "clusters" });
  more.addEventListener("click", () => {
    all = !all;
    refill();
  });
  H.byId("clusters-section").append(more);

  H.clusters = {
    draw,
    isWeak,
    /* From the number on the map to its line in the list. */
    show(number) {
      all = all || H.byId(`cluster-${number}`).hidden;
      refill();
      const line = H.byId(`cluster-${number}`);
      line.scrollIntoView({ block: "nearest", behavior: H.map.calm ? "auto" : "smooth" });
      line.querySelector("button").focus({ preventScroll: true });
    },
  };
})(window.Hotspots);
