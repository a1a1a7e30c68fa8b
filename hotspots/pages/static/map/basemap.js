/* No twin in Python. */
/* Below the areas, only if the user asked for it: a picture, vector context, tiles of the user's own server. */
(function (H) {
  "use strict";

  const L = window.L;
  const { backdrop, tiles, hosts, context } = H.data.basemap;
  const map = H.map.leaflet;
  const group = L.layerGroup();
  const exists = Boolean(backdrop || tiles || context.length);

  function pane(name, order) {
    const renderer = H.map.paneRenderer(name, order);
    return { pane: name, renderer, interactive: false };
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

  function addContext() {
    const below = pane("context", 220);
    for (const { kind, lines, areas } of context) {
      for (const rings of areas) {
        group.addLayer(L.polygon(H.shapeOf([rings]), { ...below, className: `context-area context-${kind}` }));
      }
      const paths = H.shapeOf([lines])[0];
      if (paths.length) group.addLayer(L.polyline(paths, { ...below, className: `context-${kind}` }));
    }
  }

  function noteHosts() {
    const text = `Background pictures come from ${hosts.join(", ")}, which can tell what area you look at.`;
    const Note = L.Control.extend({ onAdd: () => H.element("div", { class: "tile-note" }, text) });
    new Note({ position: "bottomleft" }).addTo(map);
  }

  function draw(view) {
    const wanted = exists && view.state.layers.includes("backdrop");
    if (wanted) group.addTo(map);
    else group.remove();
    map.getContainer().classList.toggle("with-backdrop", wanted);
  }

  if (backdrop) addBackdrop();
  if (context.length) addContext();
  if (tiles) group.addLayer(L.tileLayer(tiles, { maxZoom: 19 }));
  if (hosts.length) noteHosts();
  if (exists) {
    const box = H.element("input", { type: "checkbox", name: "layer", value: "backdrop" });
    H.byId("layers").append(H.element("label", {}, box, " Background"));
  }

  H.basemap = { draw };
})(window.Hotspots);
