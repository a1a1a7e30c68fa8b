/* No twin in Python. */
/* The Leaflet map: areas, the readout beside them, scale, north, coordinates of a click. */
(function (H) {
  "use strict";

  const L = window.L;
  const data = H.data;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const touch = window.matchMedia("(hover: none) and (pointer: coarse)").matches;
  const STREETS_FROM = 15.5; // zoom at which a fill would hide where one is
  const NEARER_FROM = 13.5;
  const city = L.latLngBounds(data.bounds);

  const map = L.map("map", {
    zoomSnap: 0.25, zoomDelta: 0.5, maxZoom: 18, wheelPxPerZoomLevel: 120, attributionControl: false,
    zoomAnimation: !calm, fadeAnimation: !calm, markerZoomAnimation: !calm, inertia: !calm,
    // The wheel scrolls the page until the map is in use.
    scrollWheelZoom: false,
    // One finger scrolls the page; two move the map.
    dragging: !touch,
  });

  /* Where the legend or the card lies on the map, what is shown keeps clear of it. */
  function fit() {
    const legend = document.querySelector(".legend-box");
    const over = [legend, H.byId("card")].filter((box) => window.getComputedStyle(box).position === "absolute");
    const beside = Math.max(0, ...over.map((box) => box.offsetWidth + 18));
    return { paddingTopLeft: [12, 30], paddingBottomRight: [beside || 12, 12], animate: false };
  }
  map.fitBounds(city, fit());
  map.setMinZoom(Math.min(map.getZoom() - 1, 11));
  map.setMaxBounds(city.pad(0.6));
  map.on("zoomend", () => {
    const looks = map.getContainer().classList;
    looks.toggle("nearer", map.getZoom() >= NEARER_FROM);
    looks.toggle("among-streets", map.getZoom() >= STREETS_FROM);
  });
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());

  /* A pane of its own keeps each kind of shape above the one before, whatever is switched on. */
  function paneRenderer(name, order) {
    map.createPane(name).style.zIndex = order;
    map.getPane(name).style.pointerEvents = "none";
    return L.svg({ pane: name, padding: 0.3 });
  }

  const areaRenderer = L.svg({ padding: 0.3 });
  const ringRenderer = paneRenderer("rings", 460);
  const levels = {};
  let shown = null;

  function polygon(shape, renderer, className, interactive) {
    return L.polygon(H.shapeOf(shape), { renderer, className, interactive: Boolean(interactive), smoothFactor: 0.5 });
  }

  function levelLayer(name) {
    if (!levels[name]) {
      const paths = data.levels[name].shapes.map((shape, i) => {
        const path = polygon(shape, areaRenderer, "area", true);
        path.on("click", () => select(i));
        path.on("mouseover", () => show(i));
        path.on("mouseout", () => show(null));
        return path;
      });
      levels[name] = { paths, group: L.layerGroup(paths) };
    }
    return levels[name];
  }

  /* Readout: what is under the pointer or has the focus; it stays where it is, so nothing pops over the map. */
  const readout = H.element("div", { class: "readout", hidden: "" });
  const Readout = L.Control.extend({
    onAdd() {
      L.DomEvent.disableClickPropagation(readout);
      return readout;
    },
  });
  new Readout({ position: "topright" }).addTo(map);
  let view = null;
  let chosen = null; // what figures.chosen gives

  /* The profile of a ward, and the same for Word: the file beside it, or the page that makes one at once. */
  function profileLinks(i) {
    const address = data.profiles[i];
    if (!address) return [];
    const document = data.documents ? address.replace(/\.html$/, ".docx") : `${address}#word`;
    const name = data.levels.ward.names[i];
    return [
      H.element("a", { class: "profile-link", href: address }, `Profile of ${name}`), " ",
      H.element("a", { class: "profile-link", href: document, "aria-label": `for Word: ${name}` }, "for Word"),
    ];
  }

  function show(i) {
    // Beside the card of a hot spot there is no room for what is chosen, only for what is pointed at.
    const resting = view && view.state.spot ? null : chosen;
    const area = i === null ? resting : { view, level: shown, i };
    readout.hidden = area === null || view === null;
    if (readout.hidden) return;
    const name = H.words.nameOf(area.view, area.i);
    const rest = H.words.area(area.view, area.i).slice(name.length + 2);
    const links = area.level === "ward" ? profileLinks(area.i) : [];
    readout.replaceChildren(H.element("strong", {}, name), H.element("span", {}, rest), H.element("div", {}, ...links));
  }

  const rings = { focus: L.layerGroup().addTo(map), selected: L.layerGroup().addTo(map) };

  function ring(kind, i, level = shown) {
    rings[kind].clearLayers();
    if (i === null || !level) return;
    const shape = data.levels[level].shapes[i];
    rings[kind].addLayer(polygon(shape, ringRenderer, `${kind}-halo`));
    rings[kind].addLayer(polygon(shape, ringRenderer, `${kind}-line`));
  }

  /* By a click or a key; a second time lets the area go. The list, the address and the table follow. */
  function select(i) {
    const code = view.level.codes[i];
    H.state.update({ [shown]: view.state[shown] === code ? "" : code });
  }

  function letGo() {
    if (chosen) H.state.update({ [chosen.level]: "" });
  }

  /* On a phone the readout is as wide as the map: the place comes to lie below it. */
  function zoomTo(shape) {
    const top = map.getSize().x < 700 ? readout.offsetHeight + 20 : 30;
    const room = { ...fit(), paddingTopLeft: [12, top] };
    map.flyToBounds(L.latLngBounds(H.shapeOf(shape).flat(2)), { ...room, maxZoom: 16.5, animate: !calm, duration: 0.6 });
  }

  /* To a ward picked by its name; to the whole city without one. */
  function goTo(ward) {
    const position = data.levels.ward.codes.indexOf(ward);
    if (position >= 0) zoomTo(data.levels.ward.shapes[position]);
    else map.fitBounds(city, fit());
  }

  function drawChosen(moved) {
    chosen = H.figures.chosen(view);
    if (chosen) ring("selected", chosen.i, chosen.level);
    else ring("selected", null);
    show(null);
    if (moved && H.started) {
      H.byId("live").textContent = chosen ? H.words.area(chosen.view, chosen.i) : "No area is chosen.";
    }
  }

  function drawAreas(next) {
    view = next;
    const level = view.state.level;
    if (shown !== level) {
      if (shown) map.removeLayer(levels[shown].group);
      shown = level;
      levelLayer(level).group.addTo(map);
    }
    // Colour of areas and of density bands cannot be read through each other.
    const covered = !view.state.layers.includes("areas") || H.overlays.showsDensity(view.state);
    levels[level].paths.forEach((path, i) => {
      const element = path.getElement();
      element.setAttribute("class", `leaflet-interactive area ${covered ? "area-outline" : view.looks[i]}`);
      element.setAttribute("aria-label", H.words.area(view, i));
      element.setAttribute("aria-pressed", String(view.level.codes[i] === view.state[level]));
    });
  }

  function draw(next, changed) {
    drawAreas(next);
    drawChosen(changed.includes("ward") || changed.includes("lsoa"));
  }

  /* Scale, north, marking, coordinates. */
  L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
  const North = L.Control.extend({
    onAdd: () => H.element("div", { class: "north", role: "img", "aria-label": "North is up" },
      H.svg("svg", { viewBox: "0 0 20 44", width: 18, height: 38, "aria-hidden": "true" },
        H.svg("path", { d: "M10 0L18 26L10 20L2 26Z" }), H.svg("text", { x: 10, y: 42, "text-anchor": "middle" }, "N"))),
  });
  new North({ position: "topleft" }).addTo(map);
  if (data.marking || data.synthetic) {
    const text = [data.marking, data.synthetic ? "SYNTHETIC SAMPLE" : ""].filter(Boolean).join(" · ");
    const strip = H.element("div", { class: "map-marking" }, text);
    map.getContainer().append(strip);
    // The controls begin below it, however many lines it takes.
    map.getContainer().style.setProperty("--marking", `${strip.offsetTop + strip.offsetHeight}px`);
  }

  const hint = touch ? "Tap: coordinates. Two fingers: move." : "Click the map for coordinates";
  const where = H.element("output", { class: "where" }, hint);
  const centre = H.element("button", { type: "button", class: "where-centre" }, "Map centre");
  const Where = L.Control.extend({
    onAdd() {
      const box = H.element("div", { class: "where-box" }, where, centre);
      L.DomEvent.disableClickPropagation(box);
      return box;
    },
  });
  new Where({ position: "bottomleft" }).addTo(map);

  function tellWhere({ lat, lng }) {
    const reference = H.grid.reference(H.grid.nationalGrid(lat, lng));
    const degrees = `${lat.toFixed(5)}, ${lng.toFixed(5)}`.replace(/-/g, "−");
    where.textContent = `${degrees}${reference ? ` · ${reference} (±5 m)` : ""}`;
  }
  map.on("click", (event) => tellWhere(event.latlng));
  centre.addEventListener("click", () => tellWhere(map.getCenter()));

  H.map = {
    leaflet: map, calm, draw, select, letGo, show, ring, profileLinks, zoomTo, goTo, polygon, paneRenderer,
    paths: () => levels[shown].paths,
  };
})(window.Hotspots);
