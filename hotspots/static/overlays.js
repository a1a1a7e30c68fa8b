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
  };
  const groups = Object.fromEntries(Object.keys(renderers).map((name) => [name, L.layerGroup().addTo(map)]));
  const SIGNIFICANT = 0.05;

  function themeHas(state, kind) {
    return H.words.themeOf(state)[kind] && (data[kind === "density" ? "bands" : "clusters"][state.theme] || []).length > 0;
  }

  function showsDensity(state) {
    return state.layers.includes("density") && themeHas(state, "density");
  }

  function showsClusters(state) {
    return state.layers.includes("clusters") && themeHas(state, "clusters");
  }

  function refill(name, shapes) {
    groups[name].clearLayers();
    for (const [shape, className] of shapes) {
      groups[name].addLayer(H.map.polygon(shape, renderers[name], className));
    }
  }

  function significantOf(view) {
    const { results } = view;
    if (!results) return [];
    return results.gi_q.map((q, i) => i)
      .filter((i) => results.gi_q[i] !== null && results.gi_q[i] < SIGNIFICANT && results.gi_star[i] > 0);
  }

  function priorityOf(view) {
    return view.results ? view.results.class.map((kind, i) => (kind === "priority" ? i : -1)).filter((i) => i >= 0) : [];
  }

  function draw(view, changed) {
    const { state, level } = view;
    const moved = (...keys) => keys.some((key) => changed.includes(key));
    if (moved("level")) refill("wards", data.levels.ward.shapes.map((shape) => [shape, "ward-line"]));
    if (moved("theme", "layers")) {
      refill("density", showsDensity(state)
        ? data.bands[state.theme].map((band) => [band.shape, `band band-${band.band}`]) : []);
      refill("clusters", showsClusters(state)
        ? data.clusters[state.theme].flatMap(({ shape }) => [[shape, "cluster-halo"], [shape, "cluster-shape"]]) : []);
    }
    if (moved("theme", "layers", "level")) {
      refill("significant", state.layers.includes("significant")
        ? significantOf(view).map((i) => [level.shapes[i], "significant"]) : []);
      const priority = priorityOf(view).map((i) => level.shapes[i]);
      refill("priority", [
        ...priority.map((shape) => [shape, "priority-halo"]), ...priority.map((shape) => [shape, "priority-line"]),
      ]);
    }
  }

  H.overlays = { draw, showsDensity, showsClusters, significantOf, priorityOf };
})(window.Hotspots);
