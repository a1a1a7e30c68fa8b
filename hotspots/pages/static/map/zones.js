/* No twin in Python. */
/* The user's zones: outlines with name and count, above the areas and below the hot spots. */
(function (H) {
  "use strict";

  const L = window.L;
  const data = H.data;
  const NAMES_FROM = 13.5;
  const group = L.layerGroup().addTo(H.map.leaflet);
  const renderer = H.map.paneRenderer("zones", 443);

  function shown(state) {
    return state.layers.includes("zones") ? data.zones : [];
  }

  function label({ name, counts }, theme) {
    const count = counts[theme];
    return H.element("span", {}, count === undefined ? name : `${name}: ${H.words.whole(count)}`);
  }

  function redraw(state) {
    group.clearLayers();
    for (const zone of shown(state)) {
      group.addLayer(H.map.polygon(zone.shape, renderer, "zone-halo"));
      const line = H.map.polygon(zone.shape, renderer, "zone-line");
      group.addLayer(line.bindTooltip(label(zone, state.theme), { permanent: true, direction: "center", className: "zone-name" }));
    }
  }

  function draw(view, changed) {
    if (data.zones.length && (changed.includes("theme") || changed.includes("layers"))) redraw(view.state);
  }

  /* Among all names of the city those of small zones would cover each other. */
  function near() {
    const map = H.map.leaflet;
    map.getContainer().classList.toggle("near-zones", map.getZoom() >= NAMES_FROM);
  }
  H.map.leaflet.on("zoomend", near);

  H.zones = { draw, shown };
})(window.Hotspots);
