/* Names and numbers on the map. The important ones are placed first; one that would cover another is left out. */
(function (H) {
  "use strict";

  const L = window.L;
  const data = H.data;
  const map = H.map.leaflet;
  const group = L.layerGroup().addTo(map);
  const STREETS_FROM = 15.5; // zoom at which streets are far enough apart to be named
  const AREAS_FROM = 13.5;
  const ALL_CLUSTERS_FROM = 13.25;
  const VERDICTS_FROM = 12.75;
  const BIGGEST_CLUSTERS = 3;
  const FIRST_CLUSTERS = 10; // numbered at every zoom
  const MOST_STREETS = 60;
  /* Pixels by which a name may make room, least first. */
  const SHIFTS = [0, -13, 13, -26, 26, -39, 39].flatMap((down) => [0, -22, 22, -45, 45].map((right) => [right, down]))
    .sort((a, b) => Math.hypot(...a) - Math.hypot(...b));
  const ROOM_FROM = 11.75; // zoom at which wards are big enough for their names to do so
  const ruler = document.createElement("canvas").getContext("2d");
  let view = null;

  function width(text, font) {
    ruler.font = font;
    return ruler.measureText(text).width;
  }

  function wardLabels() {
    const { state } = view;
    const priority = state.level === "ward" ? H.overlays.priorityOf(view) : [];
    return data.levels.ward.names.map((name, i) => {
      const first = priority.includes(i);
      const rank = first ? String(view.results.rank[i]) : "";
      const parts = [H.element("span", { class: "name" }, name)];
      if (first) parts.unshift(H.element("span", { class: "rank" }, rank));
      const verdict = first && map.getZoom() >= VERDICTS_FROM ? H.words.verdict(view, i) : "";
      if (verdict) parts.push(H.element("span", { class: "verdict" }, verdict));
      return {
        at: data.levels.ward.labels[i], kind: first ? "ward-label first" : "ward-label", parts,
        w: Math.max(width(name, "600 13px system-ui") + (first ? 26 : 0), verdict ? width(verdict, "12px system-ui") : 0) + 8,
        h: verdict ? 36 : 20, order: first ? 1 : 3,
      };
    });
  }

  function areaLabels() {
    if (view.state.level === "ward") return [];
    const { level } = view;
    const priority = H.overlays.priorityOf(view);
    return level.names.flatMap((name, i) => {
      const first = priority.includes(i);
      if (!first && map.getZoom() < AREAS_FROM) return [];
      const parts = [H.element("span", { class: "name" }, name)];
      if (first) parts.unshift(H.element("span", { class: "rank" }, String(view.results.rank[i])));
      return [{
        at: level.labels[i], kind: first ? "area-label first" : "area-label", parts,
        w: width(name, "12px system-ui") + (first ? 24 : 0), h: 18, order: first ? 1 : 5,
      }];
    });
  }

  function clusterLabels() {
    if (!H.overlays.showsClusters(view.state)) return [];
    const clusters = data.clusters[view.state.theme];
    return clusters.slice(0, map.getZoom() < ALL_CLUSTERS_FROM ? FIRST_CLUSTERS : undefined).map((cluster, i) => ({
      at: cluster.middle, kind: `cluster-label${H.clusters.isWeak(cluster) ? " weak" : ""}`, parts: [String(cluster.number)], w: 24, h: 24,
      // Priority areas make room for the biggest hot spots only: on a phone there is not room for more.
      order: i < BIGGEST_CLUSTERS ? 0 : i < FIRST_CLUSTERS ? 2 : 4,
      click: () => H.clusters.show(cluster.number),
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
        found.push({ at, kind: "street-label", parts: [name], w: width(name, "11px system-ui"), h: 16, order: 6 });
      }
    }
    return found;
  }

  /* A number stays on its hot spot; a priority area's name may move far to a free place, a ward's a little. */
  function shiftsOf({ order }) {
    if (order === 1) return SHIFTS;
    return order === 3 && map.getZoom() >= ROOM_FROM ? SHIFTS.filter(([right, down]) => !right && Math.abs(down) <= 26) : [[0, 0]];
  }

  function onlyRank(label) {
    return { ...label, parts: label.parts.slice(0, 1), w: 24, h: 20 };
  }

  /* Keep a label if its box is free; of a priority area at least the number. */
  function place(labels) {
    const taken = [];
    const fit = (label) => {
      const { x, y } = map.latLngToContainerPoint(H.pointOf(label.at));
      const boxAt = ([right, down]) => [
        x + right - label.w / 2 - 3, y + down - label.h / 2 - 2, x + right + label.w / 2 + 3, y + down + label.h / 2 + 2,
      ];
      const isFree = (box) => taken.every((other) =>
        box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3]);
      const shift = shiftsOf(label).find((candidate) => isFree(boxAt(candidate)));
      if (shift === undefined) return label.order === 1 && label.parts.length > 1 ? fit(onlyRank(label)) : [];
      taken.push(boxAt(shift));
      return [{ ...label, shift }];
    };
    return labels.flatMap(fit);
  }

  function mark({ at, kind, parts, click, shift }) {
    const html = H.element("div", { class: kind }, ...parts);
    const icon = L.divIcon({ html, className: "label-anchor", iconSize: [0, 0], iconAnchor: shift.map((pixels) => -pixels) });
    const marker = L.marker(H.pointOf(at), { icon, interactive: Boolean(click), keyboard: false });
    return click ? marker.on("click", click) : marker;
  }

  function redraw() {
    group.clearLayers();
    if (!view) return;
    const named = view.state.layers.includes("labels");
    const wanted = [...clusterLabels(), ...(named ? [...wardLabels(), ...areaLabels(), ...streetLabels()] : [])];
    // A stable sort keeps the bigger hot spot and the busier street before the smaller.
    place(wanted.sort((a, b) => a.order - b.order)).forEach((label) => group.addLayer(mark(label)));
  }

  map.on("zoomend moveend", redraw);

  H.labels = {
    draw(next) {
      view = next;
      redraw();
    },
  };
})(window.Hotspots);
