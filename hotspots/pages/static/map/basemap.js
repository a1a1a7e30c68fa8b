/* No twin in Python. */
/* Below the areas: roads, rail, water and green by zoom, with names for places; a picture or tiles only if the user asked. */
(function (H) {
  "use strict";

  const L = window.L;
  const { backdrop, tiles, hosts, context } = H.data.basemap;
  const { ORDER } = H.placing;
  const map = H.map.leaflet;
  const group = L.layerGroup();
  const exists = Boolean(backdrop || tiles || context.length);
  const MOST = 80; // dots, and names, on the map at a time
  const STREETS_FROM = 15.5; // from there on the streets have names of their own
  const STAY = [[0, 0]];
  const BESIDE = [[0, -12], [0, 12]]; // a name does not cover its dot
  /* What says more where one is comes first; bus stops only where room is left. */
  const FIRST = { station: 1, district: 2, school: 3, licensed: 3, place: 3, road: 4, "road-sketch": 4 };
  const SAID = { stop: "Bus stop " };
  const WIDE = ["district", "road-sketch", "road", "b-road", "minor-road", "rail", "rail-sketch", "water", "green"]; // without a dot
  const WARDS = new Set(H.data.levels.ward.names);
  const below = pane("context", 220);
  const dots = { group: L.layerGroup(), renderer: H.map.paneRenderer("dots", 405) };
  const drawn = context.map((kind) => ({ ...kind, layer: layerOf(kind) }));
  let wanted = false;

  function pane(name, order) {
    return { pane: name, renderer: H.map.paneRenderer(name, order), interactive: false };
  }

  /* The matrix carries pixels to thousandths of a Mercator degree: one transformation, no displaced corners. */
  function addBackdrop() {
    pane("backdrop", 210);
    const [width, height] = backdrop.size;
    const image = H.svg("image", {
      href: backdrop.image, width, height, preserveAspectRatio: "none", transform: `matrix(${backdrop.matrix.join(" ")})`,
    });
    const frame = H.svg("svg", { viewBox: `0 0 ${backdrop.extent.join(" ")}`, preserveAspectRatio: "none", "aria-hidden": "true" }, image);
    group.addLayer(L.svgOverlay(frame, backdrop.bounds, { pane: "backdrop" }));
  }

  /* Leaflet leaves out what is finer than a pixel at each zoom; a road has a light edge, to be seen on any colour. */
  function layerOf({ kind, lines, areas }) {
    const layer = L.layerGroup();
    if (areas.length) layer.addLayer(L.polygon(H.shapeOf(areas), { ...below, className: `context-area context-${kind}` }));
    const paths = H.shapeOf(lines).flat();
    for (const look of paths.length ? ["context-edge", `context-line context-${kind}`] : []) {
      layer.addLayer(L.polyline(paths, { ...below, className: look }));
    }
    return layer;
  }

  const isShown = ({ start, end }, zoom = map.getZoom()) => wanted && zoom >= start && zoom < end;

  function redraw() {
    dots.group.clearLayers();
    const frame = map.getBounds();
    for (const kind of drawn) {
      if (isShown(kind)) kind.layer.addTo(group);
      else group.removeLayer(kind.layer);
      if (!isShown(kind)) continue;
      const places = kind.dots.length || WIDE.includes(kind.kind) ? kind.dots : kind.points;
      for (const at of places.map(H.pointOf).filter((point) => frame.contains(point)).slice(0, MOST)) {
        const look = { renderer: dots.renderer, interactive: false, radius: kind.kind === "stop" ? 3 : 4.5 };
        dots.group.addLayer(L.circleMarker(at, { ...look, className: `context-dot context-${kind.kind}` }));
      }
    }
  }

  /* Names that are written at a zoom, by kind: a sketch is hidden near by, what it is called may stay. */
  function named(zoom, isSeen) {
    const shown = drawn.filter(({ kind, named: from, end }) =>
      wanted && zoom >= from && zoom < (kind === "road-sketch" ? STREETS_FROM : end));
    return shown.flatMap(({ kind, names, points }) => {
      // A district that has its ward's name would say it twice.
      const seen = names.map((name, i) => [(SAID[kind] || "") + name, points[i]])
        .filter(([name, at]) => isSeen(at) && !(kind === "district" && WARDS.has(name)));
      // The two sides of a road have one bus stop's name.
      const told = kind === "stop" ? [...new Map(seen).entries()] : seen;
      const order = ORDER.area + (FIRST[kind] || 15) / 10;
      return told.slice(0, MOST).map(([name, at]) => ({ kind, name, at, order, isPoint: !WIDE.includes(kind) }));
    });
  }

  /* The names that ask for room on the map. */
  function labels(width) {
    const frame = map.getBounds();
    return named(map.getZoom(), (at) => frame.contains(H.pointOf(at))).map(({ kind, name, at, order, isPoint }) => ({
      at, kind: `context-label context-name-${kind}`, parts: [name], h: 15, w: width(name, "11px system-ui"),
      moves: isPoint ? BESIDE : STAY, order,
    }));
  }

  function noteHosts() {
    const text = `Background pictures come from ${hosts.join(", ")}, which can tell what area you look at.`;
    const Note = L.Control.extend({ onAdd: () => H.element("div", { class: "tile-note" }, text) });
    new Note({ position: "bottomleft" }).addTo(map);
  }

  function draw(view) {
    wanted = exists && view.state.layers.includes("backdrop");
    for (const layer of [group, dots.group]) {
      if (wanted) layer.addTo(map);
      else layer.remove();
    }
    const looks = map.getContainer().classList;
    looks.toggle("with-backdrop", wanted && Boolean(backdrop || tiles));
    looks.toggle("with-context", wanted && context.length > 0);
    redraw();
  }

  if (backdrop) addBackdrop();
  if (tiles) group.addLayer(L.tileLayer(tiles, { maxZoom: 19 }));
  if (hosts.length) noteHosts();
  if (exists) {
    const box = H.element("input", { type: "checkbox", name: "layer", value: "backdrop" });
    H.byId("layers").append(H.element("label", {}, box, context.length ? " Roads and places" : " Background"));
  }
  map.on("zoomend moveend", redraw);

  H.basemap = { draw, labels, named, shown: (zoom) => drawn.filter((kind) => isShown(kind, zoom)) };
})(window.Hotspots);
