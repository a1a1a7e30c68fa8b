/* No twin in Python. */
/* Wire the parts together: one change of state redraws them all. */
(function (H) {
  "use strict";

  function head(view, changed) {
    const { state } = view;
    const theme = H.words.themeOf(state);
    H.byId("subtitle").textContent = `${theme.name} · ${H.words.months(state)}`;
    const said = H.headline.say(view);
    H.byId("finding").textContent = said[0];
    H.byId("finding-sure").textContent = said[1];
    // Not on opening: a screen reader is reading the page then. Of a chosen area the map tells, of a hot spot its card.
    const figures = changed.some((key) => !["ward", "lsoa", "spot", "layers"].includes(key)) && !view.state.spot;
    if (figures && H.started) H.byId("live").textContent = said[0];
  }

  window.addEventListener("resize", H.measureHeader);

  const parts = [
    H.map, H.basemap, H.keyboard, H.overlays, H.labels, H.controls, H.search, H.legend, H.clusters, H.card, H.beats, H.zones,
    H.table, H.sheet,
  ];
  parts.forEach((part) => H.state.onChange(part.draw));
  H.state.onChange(head);
  H.state.start();
  H.started = true;
})(window.Hotspots);
