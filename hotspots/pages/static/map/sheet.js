/* Twin: hotspots/pages/map_still.py (the still map of the first view). */
/* The still map for paper: redrawn from the same shapes and classes when something else is chosen. */
(function (H) {
  "use strict";

  const data = H.data;
  const sheet = H.byId("sheet");
  const [WIDTH, HEIGHT] = sheet.getAttribute("viewBox").split(" ").slice(2).map(Number);
  const CITY = Object.fromEntries(["west", "north", "scale"].map((name) => [name, Number(sheet.dataset[name])]));
  const MOST_STREETS = 40;
  const BARS = [5, 2, 1, 0.5, 0.2, 0.1, 0.05]; // kilometres
  /* Units by which a label may make room; svgmap.py has the same. */
  const FAR = H.placing.moves([0, 6, 12, 18, 24, 30, 36, 42]);
  const LITTLE = H.placing.moves([0], [0, 22, 44]);
  const HALF_LINE = 8; // from the middle of a label to its name, and to the figure below it
  const RANK = 36;
  let frame = CITY;
  let stale = null;

  function mercator(latitude) {
    return (Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360)) * 180) / Math.PI;
  }

  function place([latitude, longitude]) {
    return [(longitude - frame.west) * frame.scale, (mercator(frame.north) - mercator(latitude)) * frame.scale];
  }

  /* What is chosen fills the sheet: a hot spot with what lies around it, an area, else the whole city. */
  function frameOf(view) {
    const spot = H.clusters.find(view.state);
    const chosen = H.figures.chosen(view);
    if (!spot && !chosen) return CITY;
    const points = H.shapeOf(spot ? spot.shape : data.levels[chosen.level].shapes[chosen.i]).flat(2);
    const [xs, ys] = [points.map(([, longitude]) => longitude), points.map(([latitude]) => mercator(latitude))];
    const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const scale = Math.min(WIDTH / (east - west), HEIGHT / (north - south)) * (spot ? 0.6 : 0.88);
    const top = (north + south) / 2 + HEIGHT / scale / 2;
    const latitude = (Math.atan(Math.exp((top * Math.PI) / 180)) * 360) / Math.PI - 90;
    return { west: (west + east) / 2 - WIDTH / scale / 2, north: latitude, scale };
  }

  function isZoomed() {
    return frame !== CITY;
  }

  function isOnSheet({ x, y }) {
    return x > 0 && x < WIDTH && y > 0 && y < HEIGHT;
  }

  /* The longest round length that takes up at most a fifth of the sheet. */
  function drawScale() {
    const unit = frame.scale / (111.32 * Math.cos((frame.north * Math.PI) / 180));
    const long = BARS.find((kilometres) => kilometres * unit <= WIDTH / 5) || BARS[BARS.length - 1];
    const end = (long * unit).toFixed(1);
    const bar = sheet.querySelector(".sheet-scale");
    bar.querySelector("path").setAttribute("d", `M0 -8V0H${end}V-8`);
    bar.querySelector("text").setAttribute("x", (end / 2).toFixed(1));
    bar.querySelector("text").textContent = long < 1 ? `${1000 * long} m` : `${long} km`;
  }

  function pathOf(shape) {
    return H.shapeOf(shape).flat()
      .map((ring) => "M" + ring.map((point) => place(point).map((n) => n.toFixed(1)).join(" ")).join("L") + "Z").join("");
  }

  function fill(id, shapes) {
    H.byId(id).replaceChildren(...shapes.map(([shape, look]) => H.svg("path", { class: look, d: pathOf(shape) })));
  }

  /* The zoom of the live map that has the scale of the sheet. */
  const zoomOf = () => Math.log2((frame.scale * 360) / 256);

  /* Roads and rail as on the screen at this scale, above the areas: paper has no fill that fades. */
  function drawContext(names) {
    const line = (ring) => "M" + ring.map((point) => place(point).map((n) => n.toFixed(1)).join(" ")).join("L");
    const paths = H.basemap.shown(zoomOf()).flatMap(({ kind, lines }) => {
      const d = H.shapeOf(lines).flat().map(line).join("");
      return d ? [H.svg("path", { class: "context-edge", d }), H.svg("path", { class: `context-line context-${kind}`, d })] : [];
    });
    const dots = names.filter(({ isPoint }) => isPoint).map(({ kind, at }) => {
      const [cx, cy] = place(H.pointOf(at)).map((n) => n.toFixed(1));
      return H.svg("circle", { class: `context-dot context-${kind}`, cx, cy, r: 4 });
    });
    H.byId("sheet-context").replaceChildren(...paths, ...dots);
  }

  function namedPlaces() {
    const isSeen = (at) => {
      const [x, y] = place(H.pointOf(at));
      return isOnSheet({ x, y });
    };
    return isZoomed() ? H.basemap.named(zoomOf(), isSeen).filter(({ kind }) => kind !== "stop") : [];
  }

  let outlines = {};

  function inside(level, i) {
    const key = `${level} ${i}`;
    return (x, y) => {
      outlines[key] = outlines[key] || H.shapeOf(data.levels[level].shapes[i]).flat().map((ring) => ring.map(place));
      return H.placing.isInside(outlines[key], [x, y]);
    };
  }

  /* Each area has its figure below its name: on a grey print two shades beside each other are hard to tell. */
  function areaLabel(level, i, { rank, leads, value = "" } = {}) {
    const { names, labels: middles } = data.levels[level];
    const [x, y] = place(H.pointOf(middles[i]));
    const { ORDER } = H.placing;
    const label = { name: names[i], value, x, y, w: names[i].length * 9.2 + 8, h: value ? 22 + 2 * HALF_LINE : 22, leads };
    const within = inside(level, i);
    label.holds = (u, v) => within(u, value ? v - HALF_LINE : v);
    if (!rank) return { ...label, moves: leads ? FAR : LITTLE, order: leads ? ORDER.leader : ORDER.ward };
    const ranked = { ...label, rank: H.words.ordinal(rank), moves: FAR, order: leads ? ORDER.leader : ORDER.priority };
    // The rank too must lie on its own area.
    const holds = (u, v) => label.holds(u, v) && label.holds(u - label.w / 2, v);
    const short = { ...ranked, holds: within, name: "", value: "", w: RANK, h: 22, must: true, leads: false };
    return { ...ranked, w: label.w + RANK, holds, short };
  }

  function streetLabels() {
    const placed = data.streets.names.map((street, i) => {
      const [x, y] = place(H.pointOf(data.streets.points[i]));
      return { street, x, y, w: street.length * 6.4 + 6, h: 16, moves: [[0, 0]], order: H.placing.ORDER.street };
    });
    return placed.filter(isOnSheet).slice(0, MOST_STREETS);
  }

  function placeLabels(names) {
    return names.map(({ name, at, order, isPoint }) => {
      const [x, y] = place(H.pointOf(at));
      return { street: name, x, y, w: name.length * 6.4 + 6, h: 16, moves: isPoint ? [[0, -13], [0, 13]] : [[0, 0]], order };
    });
  }

  function labels(view, clusters, places) {
    const { state, level, results } = view;
    const priority = H.overlays.priorityOf(view);
    const leader = H.figures.leader(view);
    const named = state.layers.includes("labels");
    const numbers = clusters.map((cluster, i) => {
      const [x, y] = place(H.pointOf(cluster.middle));
      return { cluster, x, y, w: 24, h: 24, moves: [[0, 0]], order: H.placing.clusterOrder(i) };
    });
    const wanted = (i) => priority.includes(i) || (named && (state.level === "ward" || i === leader));
    const told = named && state.layers.includes("areas") && !H.overlays.showsDensity(state) && !view.blind;
    const value = (i) => (told && view.values[i] !== null ? H.words.figure(state.measure, view.values[i]) : "");
    const shown = level.names.flatMap((_, i) => (wanted(i)
      ? [areaLabel(state.level, i, { rank: priority.includes(i) && results.rank[i], leads: i === leader, value: value(i) })] : []));
    const streets = named && isZoomed() ? streetLabels() : [];
    const wards = named && state.level !== "ward" ? data.levels.ward.names.map((_, i) => areaLabel("ward", i)) : [];
    const found = named ? placeLabels(places) : [];
    return H.placing.arrange([...numbers, ...shown, ...wards, ...streets, ...found].filter(isOnSheet));
  }

  function drawLabel({ cluster, street, rank, name, value, x, y, w, move }) {
    const [left, top] = [x + move[0], y + move[1] - (value ? HALF_LINE : 0)];
    const at = (u, down = 0) => ({ transform: `translate(${u.toFixed(1)} ${(top + down).toFixed(1)})` });
    if (cluster) {
      return [H.svg("g", { class: `cluster-mark${H.clusters.isWeak(cluster) ? " weak" : ""}`, ...at(left) },
        H.svg("circle", { r: 11 }), H.svg("text", {}, String(cluster.number)))];
    }
    if (street) return [H.svg("text", { class: "street-name", ...at(left) }, street)];
    const parts = [];
    if (rank) {
      const box = H.svg("rect", { x: -17, y: -10, width: 34, height: 20 });
      parts.push(H.svg("g", { class: "rank-mark", ...at(left - (w - RANK) / 2) }, box, H.svg("text", {}, rank)));
    }
    if (name) parts.push(H.svg("text", { class: `ward-name${rank ? " first" : ""}`, ...at(left + (rank ? RANK / 2 : 0)) }, name));
    if (value) parts.push(H.svg("text", { class: "ward-value", ...at(left + (rank ? RANK / 2 : 0), 2 * HALF_LINE) }, value));
    return parts;
  }

  function redraw() {
    if (!stale) return;
    const view = stale;
    stale = null;
    frame = frameOf(view);
    outlines = {};
    drawScale();
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
    const spot = H.clusters.find(state);
    const parts = spot ? H.clusters.partsOf(state.theme).filter(({ of }) => of === spot.id) : [];
    const marks = spot ? [[spot.shape, "spot-halo"], [spot.shape, "spot-line"], ...parts.map((part) => [part.shape, "part-line"])] : [];
    fill("sheet-spot", marks);
    const chosen = H.figures.chosen(view);
    const shape = chosen && data.levels[chosen.level].shapes[chosen.i];
    fill("sheet-chosen", chosen ? [[shape, "selected-halo"], [shape, "selected-line"]] : []);
    const places = namedPlaces();
    drawContext(places);
    const placed = labels(view, clusters, places);
    H.byId("sheet-labels").replaceChildren(...placed.flatMap(drawLabel));
    const numbered = clusters.filter(({ middle }) => {
      const [x, y] = place(H.pointOf(middle));
      return isOnSheet({ x, y });
    });
    const hidden = numbered.length - placed.filter(({ cluster }) => cluster).length;
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
    redraw,
    draw(view) {
      stale = view;
      later(redraw);
    },
  };
})(window.Hotspots);
