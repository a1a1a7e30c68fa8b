/* Twin: hotspots/pages/map_still.py (the still map of the first view). */
/* The still map for paper: redrawn from the same shapes and classes when something else is chosen. */
(function (H) {
  "use strict";

  const data = H.data;
  const sheet = H.byId("sheet");
  const [west, north, scale] = ["west", "north", "scale"].map((name) => Number(sheet.dataset[name]));
  /* Units by which a label may make room; svgmap.py has the same. */
  const FAR = H.placing.moves([0, 6, 12, 18, 24, 30, 36, 42]);
  const LITTLE = H.placing.moves([0], [0, 22, 44]);
  const RANK = 24;
  let stale = null;

  function mercator(latitude) {
    return (Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360)) * 180) / Math.PI;
  }

  function place([latitude, longitude]) {
    return [(longitude - west) * scale, (mercator(north) - mercator(latitude)) * scale];
  }

  function pathOf(shape) {
    return H.shapeOf(shape).flat()
      .map((ring) => "M" + ring.map((point) => place(point).map((n) => n.toFixed(1)).join(" ")).join("L") + "Z").join("");
  }

  function fill(id, shapes) {
    H.byId(id).replaceChildren(...shapes.map(([shape, look]) => H.svg("path", { class: look, d: pathOf(shape) })));
  }

  const outlines = {};

  function inside(level, i) {
    const key = `${level} ${i}`;
    return (x, y) => {
      outlines[key] = outlines[key] || H.shapeOf(data.levels[level].shapes[i]).flat().map((ring) => ring.map(place));
      return H.placing.isInside(outlines[key], [x, y]);
    };
  }

  function areaLabel(level, i, rank, leads) {
    const { names, labels: middles } = data.levels[level];
    const [x, y] = place(H.pointOf(middles[i]));
    const { ORDER } = H.placing;
    const label = { name: names[i], x, y, w: names[i].length * 9.2 + 8, h: 22, holds: inside(level, i), leads };
    if (!rank) return { ...label, moves: leads ? FAR : LITTLE, order: leads ? ORDER.leader : ORDER.ward };
    const ranked = { ...label, rank: String(rank), moves: FAR, order: leads ? ORDER.leader : ORDER.priority };
    // The rank too must lie on its own area.
    const holds = (u, v) => label.holds(u, v) && label.holds(u - label.w / 2, v);
    return { ...ranked, w: label.w + RANK, holds, short: { ...ranked, name: "", w: RANK, must: true, leads: false } };
  }

  function labels(view, clusters) {
    const { state, level, results } = view;
    const priority = H.overlays.priorityOf(view);
    const leader = H.figures.leader(view);
    const named = state.layers.includes("labels");
    const numbers = clusters.map((cluster, i) => {
      const [x, y] = place(H.pointOf(cluster.middle));
      return { cluster, x, y, w: 24, h: 24, moves: [[0, 0]], order: H.placing.clusterOrder(i) };
    });
    const wanted = (i) => priority.includes(i) || (named && (state.level === "ward" || i === leader));
    const shown = level.names.flatMap((_, i) =>
      (wanted(i) ? [areaLabel(state.level, i, priority.includes(i) && results.rank[i], i === leader)] : []));
    const wards = named && state.level !== "ward" ? data.levels.ward.names.map((_, i) => areaLabel("ward", i)) : [];
    return H.placing.arrange([...numbers, ...shown, ...wards]);
  }

  function drawLabel({ cluster, rank, name, x, y, w, move }) {
    const [left, top] = [x + move[0], y + move[1]];
    const at = (u) => ({ transform: `translate(${u.toFixed(1)} ${top.toFixed(1)})` });
    if (cluster) {
      return [H.svg("g", { class: `cluster-mark${H.clusters.isWeak(cluster) ? " weak" : ""}`, ...at(left) },
        H.svg("circle", { r: 11 }), H.svg("text", {}, String(cluster.number)))];
    }
    const parts = [];
    if (rank) {
      const box = H.svg("rect", { x: -11, y: -10, width: 22, height: 20 });
      parts.push(H.svg("g", { class: "rank-mark", ...at(left - (w - RANK) / 2) }, box, H.svg("text", {}, rank)));
    }
    if (name) parts.push(H.svg("text", { class: `ward-name${rank ? " first" : ""}`, ...at(left + (rank ? RANK / 2 : 0)) }, name));
    return parts;
  }

  function redraw() {
    if (!stale) return;
    const view = stale;
    stale = null;
    const { state, level } = view;
    const density = H.overlays.showsDensity(state);
    const coloured = state.layers.includes("areas") && !density;
    fill("sheet-areas", level.shapes.map((shape, i) => [shape, `area ${coloured ? view.looks[i] : "area-outline"}`]));
    fill("sheet-bands", density ? data.bands[state.theme].map((band) => [band.shape, `band band-${band.band}`]) : []);
    fill("sheet-significant", state.layers.includes("significant")
      ? H.overlays.significantOf(view).map((i) => [level.shapes[i], "significant"]) : []);
    fill("sheet-wards", data.levels.ward.shapes.map((shape) => [shape, "ward-line"]));
    fill("sheet-priority", H.overlays.priorityOf(view)
      .flatMap((i) => [[level.shapes[i], "priority-halo"], [level.shapes[i], "priority-line"]]));
    const clusters = H.overlays.showsClusters(state) ? data.clusters[state.theme] : [];
    fill("sheet-clusters", clusters.flatMap((cluster) =>
      [[cluster.shape, "cluster-halo"], [cluster.shape, `cluster-shape${H.clusters.isWeak(cluster) ? " weak" : ""}`]]));
    const chosen = H.figures.chosen(view);
    const shape = chosen && data.levels[chosen.level].shapes[chosen.i];
    fill("sheet-chosen", chosen ? [[shape, "selected-halo"], [shape, "selected-line"]] : []);
    const placed = labels(view, clusters);
    H.byId("sheet-labels").replaceChildren(...placed.flatMap(drawLabel));
    const hidden = clusters.length - placed.filter(({ cluster }) => cluster).length;
    const caption = [`${captionOf(view)}.`, hiddenOf(hidden), chosen && chosenOf(view, chosen)].filter(Boolean).join(" ");
    H.byId("sheet-caption").textContent = caption;
    H.byId("sheet-title").textContent = `Map. ${caption}`;
    H.byId("sheet-desc").textContent = H.headline.say(view).join(" ").trim();
  }

  /* Bands and hot spots are those of the whole period, whatever months are chosen. */
  function captionOf(view) {
    const { state } = view;
    const figures = state.layers.includes("areas") && !H.overlays.showsDensity(state);
    const drawn = [
      H.overlays.showsClusters(state) && "hot spots",
      state.layers.includes("significant") && H.overlays.significantOf(view).length && "significant areas",
    ].filter(Boolean);
    const whole = H.words.period(0, Math.max(H.figures.last, 0));
    // The title of a change names the months that it compares; those chosen do not alter it.
    const compared = figures && state.measure === "change";
    const months = figures ? H.words.months(state) : whole;
    const map = [H.legend.title(view), H.words.themeOf(state).name, ...(compared ? [] : [months])].join(", ");
    const scope = figures && !view.whole ? " of the whole period" : "";
    return drawn.length ? `${map}, with ${drawn.join(" and ")}${scope}` : map;
  }

  /* svgmap.py has the same words. */
  function hiddenOf(n) {
    if (!n) return "";
    return `${n} hot ${n === 1 ? "spot lies" : "spots lie"} too close to others to carry ${n === 1 ? "its number" : "their numbers"}.`;
  }

  /* The map shows the whole city; the table may hold the LSOAs of one ward. */
  function chosenOf(view, { view: of, i }) {
    const within = H.figures.within(view);
    const table = within ? `; the table lists the ${view.level.words.many}${within}` : "";
    return `The dashed line is around ${of.level.names[i]}${table}.`;
  }

  /* Redrawing waits until the page is quiet, so that choosing stays quick; printing does not wait. */
  const later = window.requestIdleCallback || ((task) => window.setTimeout(task, 200));
  window.addEventListener("beforeprint", redraw);

  H.sheet = {
    draw(view) {
      stale = view;
      later(redraw);
    },
  };
})(window.Hotspots);
