/* No twin in Python. */
/* Names and numbers on the map. The important ones are placed first; one that would cover another is left out. */
(function (H) {
  "use strict";

  const L = window.L;
  const data = H.data;
  const { ORDER, FIRST_CLUSTERS } = H.placing;
  const map = H.map.leaflet;
  const group = L.layerGroup().addTo(map);
  const STREETS_FROM = 15.5; // zoom at which streets are far enough apart to be named
  const AREAS_FROM = 13.5;
  const ALL_CLUSTERS_FROM = 13.25;
  const VERDICTS_FROM = 12.75;
  const MOST_STREETS = 60;
  /* Pixels by which a label may make room: that of a first area far, a ward's name a little. */
  const FAR = H.placing.moves([0, 6, 12, 18, 24, 30, 36, 42, 48]);
  const LITTLE = H.placing.moves([0], [0, 13, 26]);
  const STAY = [[0, 0]];
  const RANK = 34; // pixels that it adds to a name
  const ROOM_FROM = 11.75; // zoom at which wards are big enough for their names to do so
  const ruler = document.createElement("canvas").getContext("2d");
  let view = null;
  let first = null; // the areas that the sentences beside the map speak of
  let hidden = 0; // hot spots on the map whose number has no room

  function width(text, font) {
    ruler.font = font;
    return ruler.measureText(text).width;
  }

  /* A name that lies on another area would be read as that area's. */
  const outlines = {};

  function inside(level, i) {
    const key = `${level} ${i}`;
    return (x, y) => {
      outlines[key] = outlines[key] || H.shapeOf(data.levels[level].shapes[i]).flat();
      const { lat, lng } = map.containerPointToLatLng([x, y]);
      return H.placing.isInside(outlines[key], [lat, lng]);
    };
  }

  /* The name of an area, with its rank and what is said of it if it is among the first. */
  function areaLabel(level, i, { kind, weight, font, moves, order }) {
    const shown = view.state.level === level;
    const name = data.levels[level].names[i];
    const named = { kind, at: data.levels[level].labels[i], holds: inside(level, i), w: width(name, `${weight} ${font}`) + 8, h: 20 };
    const parts = [H.element("span", { class: "name" }, name)];
    const leads = shown && i === first.leader;
    if (!shown || !first.priority.includes(i)) {
      return { ...named, parts, moves: leads ? FAR : moves, order: leads ? ORDER.leader : order, leads };
    }
    parts.unshift(H.element("span", { class: "rank" }, H.words.ordinal(view.results.rank[i])));
    const verdict = level === "ward" && map.getZoom() >= VERDICTS_FROM ? H.words.verdict(view, i) : "";
    if (verdict) parts.push(H.element("span", { class: "verdict" }, verdict));
    const bold = width(name, `700 ${font}`);
    const label = {
      ...named, parts, kind: `${kind} first`, moves: FAR, order: leads ? ORDER.leader : ORDER.priority, leads,
      w: Math.max(bold + 8 + RANK, verdict ? width(verdict, "12px system-ui") + 8 : 0), h: verdict ? 36 : 20,
    };
    const rank = { ...label, parts: parts.slice(0, 1), w: 38, must: true, leads: false };
    // The rank too must lie on its own area.
    const holds = (x, y) => named.holds(x, y) && named.holds(x - bold / 2 - 2, y);
    return { ...label, holds, short: { ...rank, h: 20 } };
  }

  function wardLabels() {
    const moves = map.getZoom() >= ROOM_FROM ? LITTLE : STAY;
    const look = { kind: "ward-label", weight: 600, font: "13px system-ui", moves, order: ORDER.ward };
    return data.levels.ward.names.map((_, i) => areaLabel("ward", i, look));
  }

  function areaLabels() {
    const { state, level } = view;
    if (state.level === "ward") return [];
    const look = { kind: "area-label", weight: 400, font: "12px system-ui", moves: STAY, order: ORDER.area };
    const isWanted = (i) => map.getZoom() >= AREAS_FROM || i === first.leader || first.priority.includes(i);
    return level.names.flatMap((_, i) => (isWanted(i) ? [areaLabel(state.level, i, look)] : []));
  }

  function clusterLabels() {
    if (!H.overlays.showsClusters(view.state)) return [];
    const clusters = data.clusters[view.state.theme];
    return clusters.slice(0, map.getZoom() < ALL_CLUSTERS_FROM ? FIRST_CLUSTERS : undefined).map((cluster, i) => ({
      at: cluster.middle, parts: [String(cluster.number)], w: 24, h: 24,
      kind: ["cluster-label", H.clusters.isWeak(cluster) && "weak", cluster.id === view.state.spot && "chosen"].filter(Boolean).join(" "),
      // A number stays on its hot spot.
      moves: STAY, order: H.placing.clusterOrder(i), isCluster: true,
      click: () => H.clusters.choose(cluster.id),
    }));
  }

  function streetLabels() {
    if (map.getZoom() < STREETS_FROM) return [];
    const frame = map.getBounds();
    const found = [];
    for (let i = 0; i < data.streets.names.length && found.length < MOST_STREETS; i += 1) {
      const at = data.streets.points[i];
      if (frame.contains(H.pointOf(at))) {
        const name = data.streets.names[i];
        found.push({ at, kind: "street-label", parts: [name], w: width(name, "11px system-ui"), h: 16, moves: STAY, order: ORDER.street });
      }
    }
    return found;
  }

  /* Where the label's middle is on the screen, with a margin around it. */
  function onScreen(label) {
    const { x, y } = map.latLngToContainerPoint(H.pointOf(label.at));
    const placed = { ...label, x, y, w: label.w + 6, h: label.h + 4 };
    return label.short ? { ...placed, short: onScreen(label.short) } : placed;
  }

  function mark({ at, kind, parts, click, move }) {
    const html = H.element("div", { class: kind }, ...parts);
    const icon = L.divIcon({ html, className: "label-anchor", iconSize: [0, 0], iconAnchor: move.map((pixels) => -pixels) });
    const marker = L.marker(H.pointOf(at), { icon, interactive: Boolean(click), keyboard: false });
    return click ? marker.on("click", click) : marker;
  }

  function redraw() {
    group.clearLayers();
    if (!view) return;
    first = { leader: H.figures.leader(view), priority: H.overlays.priorityOf(view) };
    const named = view.state.layers.includes("labels");
    const names = () => [...wardLabels(), ...areaLabels(), ...streetLabels(), ...H.basemap.labels(width)];
    const wanted = [...clusterLabels(), ...(named ? names() : [])];
    const placed = H.placing.arrange(wanted.map(onScreen));
    placed.forEach((label) => group.addLayer(mark(label)));
    const clusters = H.overlays.showsClusters(view.state) ? data.clusters[view.state.theme].length : 0;
    hidden = clusters - placed.filter(({ isCluster }) => isCluster).length;
  }

  map.on("zoomend moveend", redraw);

  H.labels = {
    hidesNumbers: () => hidden > 0,
    draw(next) {
      view = next;
      redraw();
    },
  };
})(window.Hotspots);
