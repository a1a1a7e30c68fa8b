/* No twin in Python. */
/* The field that finds a ward or a street: what it found is said below it, and a street gets a ring on the map. */
(function (H) {
  "use strict";

  const L = window.L;
  const data = H.data;
  const field = H.byId("search");
  const renderer = H.map.paneRenderer("found", 470);
  const ring = L.layerGroup().addTo(H.map.leaflet);
  const PLACES = [
    ...data.levels.ward.names.map((name, i) => ({ name, show: () => H.controls.goToWard(data.levels.ward.codes[i]) })),
    ...data.streets.names.map((name, i) => ({ name, show: () => showStreet(H.pointOf(data.streets.points[i])) })),
  ];

  function showStreet(point) {
    for (const className of ["found-halo", "found-line"]) {
      ring.addLayer(L.circleMarker(point, { renderer, className, radius: 26, interactive: false }));
    }
    H.map.leaflet.setView(point, 16.5, { animate: !H.map.calm });
  }

  /* Letters only: nobody types the apostrophe of St Peter's Street. */
  function plain(text) {
    return text.trim().toLowerCase().replace(/['’.]/g, "");
  }

  function begins({ name }, wanted) {
    return plain(name).startsWith(wanted);
  }

  /* Every place with these letters in its name, those that begin with them first. */
  function having(wanted) {
    return PLACES.filter(({ name }) => plain(name).includes(wanted)).sort((a, b) => begins(b, wanted) - begins(a, wanted));
  }

  /* The place that is meant: it has this name, or is alone with it in its name, or alone to begin with it. */
  function meant(found, wanted) {
    const same = found.filter(({ name }) => plain(name) === wanted);
    const beginning = found.filter((place) => begins(place, wanted));
    // A ward comes before a street of the same name.
    return same[0] || [found, beginning].filter((few) => few.length === 1).flat()[0];
  }

  function find() {
    const wanted = plain(field.value);
    const found = wanted ? having(wanted) : [];
    const place = meant(found, wanted);
    ring.clearLayers();
    if (place) place.show();
    const said = place ? `The map shows ${place.name}.` : noneOrMany(field.value.trim(), found);
    H.byId("search-note").textContent = wanted ? said : "";
  }

  function noneOrMany(typed, found) {
    const { left } = data.streets;
    const more = left ? ` The ${H.words.whole(left)} streets with fewest incidents are not in this page.` : "";
    if (!found.length) return `No ward or street has “${typed}” in its name.${more}`;
    const names = H.words.joinNames(found.map(({ name }) => name));
    return `${found.length} wards and streets have “${typed}” in their name: ${names}. Type more of the name.`;
  }

  H.byId("search-list").append(...PLACES.map(({ name }) => H.element("option", { value: name })));
  field.addEventListener("change", find);

  /* What was found is of no account once another place is chosen. */
  function draw(view, changed) {
    const { ward } = view.state;
    const found = plain(data.levels.ward.names[data.levels.ward.codes.indexOf(ward)] || "");
    if (!changed.some((key) => ["ward", "lsoa", "spot"].includes(key)) || (ward && found === plain(field.value))) return;
    ring.clearLayers();
    field.value = "";
    H.byId("search-note").textContent = "";
  }

  H.search = { draw };
})(window.Hotspots);
