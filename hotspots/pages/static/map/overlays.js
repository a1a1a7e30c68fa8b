/* Twin: hotspots/pages/map_still.py (priority areas). */
/* What lies above the areas: density bands, hot spots, significant areas, ward borders, priority areas. */
(function (H) {
  "use strict";

  const L = window.L;
  const data = H.data;
  const map = H.map.leaflet;
  const renderers = {
    density: H.map.paneRenderer("density", 410),
    significant: H.map.paneRenderer("significant", 420),
    wards: H.map.paneRenderer("wards", 430),
    priority: H.map.paneRenderer("priority", 440),
    clusters: H.map.paneRenderer("clusters", 450),
    spot: H.map.paneRenderer("spot", 455),
  };
  const groups = Object.fromEntries(Object.keys(renderers).map((name) => [name, L.layerGroup().addTo(map)]));

  function themeHas(state, kind) {
    return H.words.themeOf(state)[kind] && (data[kind === "density" ? "bands" : "clusters"][state.theme] || []).length > 0;
  }

  function showsDensity(state) {
    return state.layers.includes("density") && themeHas(state, "density");
  }

  function showsClusters(state) {
    return state.layers.includes("clusters") && themeHas(state, "clusters");
  }

  /* All shapes of one look are one path: drawing dozens of paths would slow each change. */
  function refill(name, looks) {
    groups[name].clearLayers();
    for (const [className, shapes] of looks) {
      if (shapes.length) groups[name].addLayer(H.map.polygon(shapes.flat(), renderers[name], className));
    }
  }

  function significantOf(view) {
    return view.results ? view.results.significant.map((clear, i) => (clear ? i : -1)).filter((i) => i >= 0) : [];
  }

  function priorityOf(view) {
    return view.results ? view.results.class.map((kind, i) => (kind === "priority" ? i : -1)).filter((i) => i >= 0) : [];
  }

  /* Along its outline only: inside it a click chooses the area. */
  function addHits(clusters) {
    for (const { id, shape } of clusters) {
      const hit = H.map.polygon(shape, renderers.clusters, "cluster-hit", true);
      groups.clusters.addLayer(hit.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        H.clusters.choose(id);
      }));
    }
  }

  function drawSpot(state) {
    const spot = showsClusters(state) ? H.clusters.find(state) : null;
    const parts = spot ? H.clusters.partsOf(state.theme).filter(({ of }) => of === spot.id) : [];
    const shapes = spot ? [spot.shape] : [];
    refill("spot", [["spot-halo", shapes], ["spot-line", shapes], ["part-line", parts.map(({ shape }) => shape)]]);
  }

  function draw(view, changed) {
    const { state, level } = view;
    const moved = (...keys) => keys.some((key) => changed.includes(key));
    if (changed.includes("level")) refill("wards", [["ward-line", data.levels.ward.shapes]]);
    if (moved("theme", "layers")) {
      const bands = showsDensity(state) ? data.bands[state.theme] : [];
      const clusters = showsClusters(state) ? data.clusters[state.theme] : [];
      const shapes = (wanted) => wanted.map(({ shape }) => shape);
      refill("density", bands.map(({ band, shape }) => [`band band-${band}`, [shape]]));
      refill("clusters", [
        ["cluster-halo", shapes(clusters)],
        ["cluster-shape", shapes(clusters.filter((cluster) => !H.clusters.isWeak(cluster)))],
        ["cluster-shape weak", shapes(clusters.filter(H.clusters.isWeak))],
      ]);
      addHits(clusters);
    }
    if (moved("theme", "layers", "spot")) drawSpot(state);
    if (moved("theme", "layers", "level")) {
      const shapesOf = (positions) => positions.map((i) => level.shapes[i]);
      const priority = shapesOf(priorityOf(view));
      refill("significant", [["significant", state.layers.includes("significant") ? shapesOf(significantOf(view)) : []]]);
      refill("priority", [["priority-halo", priority], ["priority-line", priority]]);
    }
  }

  H.overlays = { draw, showsDensity, showsClusters, significantOf, priorityOf };
})(window.Hotspots);
