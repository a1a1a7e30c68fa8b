/* The still map for paper: redrawn from the same shapes and classes when something else is chosen. */
(function (H) {
  "use strict";

  const data = H.data;
  const sheet = H.byId("sheet");
  const [west, north, scale] = ["west", "north", "scale"].map((name) => Number(sheet.dataset[name]));
  const SHIFTS = [0, -22, 22, -44, 44]; // svgmap.py has the same
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

  function labels(view, clusters) {
    const named = view.state.layers.includes("labels");
    const priority = H.overlays.priorityOf(view);
    const { labels: at, names } = view.level;
    const wards = data.levels.ward;
    const rank = (i) => `${view.results.rank[i]} ${names[i]}`;
    const first = priority.map((i) => ["ward-name first", rank(i), at[i]]);
    const others = wards.names.map((name, i) => ["ward-name", name, wards.labels[i]])
      .filter((_, i) => view.state.level !== "ward" || !priority.includes(i));
    const numbers = clusters.map((cluster) => ["cluster-name", String(cluster.number), cluster.middle]);
    const taken = [];
    return [...numbers, ...first, ...(named ? others : [])].flatMap(([look, text, units]) => {
      const [x, y] = place(H.pointOf(units));
      const half = text.length * 5.2 + 4;
      const isFree = (shift) => taken.every(([u, v, other]) => Math.abs(x - u) >= half + other || Math.abs(y + shift - v) >= 20);
      // A name may make room; a number stays on its hot spot.
      const shift = (look === "cluster-name" ? [0] : SHIFTS).find(isFree);
      if (shift === undefined) return [];
      taken.push([x, y + shift, half]);
      return [H.svg("text", { class: look, x: x.toFixed(1), y: (y + shift).toFixed(1) }, text)];
    });
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
    H.byId("sheet-labels").replaceChildren(...labels(view, clusters));
    const caption = `${captionOf(view)}.${chosen ? ` ${chosenOf(view, chosen)}` : ""}`;
    H.byId("sheet-caption").textContent = caption;
    H.byId("sheet-title").textContent = `Map. ${caption}`;
    H.byId("sheet-desc").textContent = `${H.words.finding(view)} ${H.words.sure(view)}`;
  }

  function captionOf({ state, level }) {
    const measure = `${H.words.MEASURES[state.measure].title} by ${level.words.one}`;
    // The title of a change names the months that it compares; those chosen do not alter it.
    const months = state.measure === "change" ? [] : [H.words.months(state)];
    return [measure, H.words.themeOf(state).name, ...months].join(", ");
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
