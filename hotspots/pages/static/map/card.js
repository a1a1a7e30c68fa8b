/* Twin: hotspots/pages/map_hotspots.py (the figures of a hot spot). */
/* The card of the hot spot that is chosen: all that is known of it, and a link that brings it back. */
(function (H) {
  "use strict";

  const data = H.data;
  const W = H.words;
  const card = H.byId("card");
  const section = card.closest(".map-section");
  const small = window.matchMedia("(max-width: 61.99rem)");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const [EARLIER, LATER] = data.halves;
  let spot = null; // the one that the card tells of
  let back = ""; // where the focus goes when it closes

  /* New and ended ones had incidents all the while: their numbers say how far it is from the other half. */
  function since({ status, halves: [before, after] }) {
    const counts = before === undefined ? "" : ` (${W.incidents(before)}, then ${W.whole(after)})`;
    if (status === "continuing") return `No clear change between the halves of the period${counts}.`;
    if (status === "new") return `Dense enough to be a hot spot only in ${LATER}${counts}.`;
    if (status === "ended") return `Dense enough to be a hot spot only in ${EARLIER}${counts}.`;
    return "";
  }

  function sure({ confidence }) {
    if (confidence === null) return "";
    const word = W.firmness(confidence);
    const begun = word[0].toUpperCase() + word.slice(1);
    return `${begun}: found again in ${W.percent(confidence)} of the test runs, each of which draws a later period as long as this one.`;
  }

  function grid({ middle }) {
    const [latitude, longitude] = H.pointOf(middle);
    return H.grid.reference(H.grid.nationalGrid(latitude, longitude));
  }

  /* "heap at Hospital: 319 incidents on one point, ..." in words that say what it means. */
  function flag(text) {
    const heap = text.match(/^heap at (.*?): (\d+) incidents? on one point, (\d+) incidents? within (\d+) m/);
    if (!heap) return text;
    const [, name, held, around, metres] = heap;
    return `${held} of its incidents are on one map point, ${name}; the ${metres} m around it hold ${around}. ` +
      "Records may be made there rather than things happen there: ask who knows the place.";
  }

  function list(items, name) {
    return H.element("ul", { class: name }, ...items.map((item) => H.element("li", {}, ...[].concat(item))));
  }

  function profiles({ wards }) {
    return wards.map((i) => (data.profiles[i] ? H.map.profileLinks(i) : [data.levels.ward.names[i]]));
  }

  function smaller({ id, of }) {
    const parts = H.clusters.partsOf(H.state.get().theme).filter((part) => part.of === id);
    const whole = of ? H.clusters.clustersOf(H.state.get().theme).filter((cluster) => cluster.id === of) : [];
    return [...whole, ...parts].map((other) => {
      const said = other.id === of ? `Back to the whole of ${other.name}` : `${other.name}: ${W.incidents(other.n)}`;
      const button = H.element("button", { type: "button", class: "part-button" }, said);
      button.addEventListener("click", () => H.clusters.choose(other.id));
      return button;
    });
  }

  function address(state) {
    return "#" + new URLSearchParams({ theme: state.theme, spot: state.spot });
  }

  /* What people come for: on a phone it stands in sight below the map, and the rest is scrolled to. */
  function answers() {
    return [
      ["Streets", spot.streets.join(", ")],
      ["How sure", sure(spot)],
      ["Since when", since(spot)],
      ["Busiest hours", spot.hours],
      ["All crime there", spot.types.join(", ")],
    ];
  }

  function more(state) {
    const parts = smaller(spot);
    return [
      ["To know", spot.flags.length ? list(spot.flags.map(flag), "card-flags") : ""],
      [spot.of ? "Part of" : "Parts to walk", parts.length ? list(parts, "card-parts") : ""],
      ["Middle", grid(spot)],
      [spot.wards.length === 1 ? "Ward" : "Wards", spot.wards.length ? list(profiles(spot), "card-wards") : ""],
      ["Link", H.element("a", { class: "card-link", href: address(state) }, "This hot spot on this map")],
    ];
  }

  function terms(rows) {
    const told = rows.filter(([, said]) => said).map(([name, said]) =>
      H.element("div", {}, H.element("dt", {}, name), H.element("dd", {}, said)));
    return told.length ? [H.element("dl", {}, ...told)] : [];
  }

  function title() {
    return spot.of ? spot.name : `Hot spot ${spot.number}: ${spot.name}`;
  }

  function lead(state) {
    const theme = W.themeOf(state);
    const of = theme.kind === "all" ? "all incidents" : H.headline.within(theme.name);
    return `${W.incidents(spot.n)}, ${W.percent(spot.share)} of ${of}, ${W.period(0, Math.max(H.figures.last, 0))}`;
  }

  function fill(state) {
    const close = H.element("button", { type: "button", class: "card-close", "aria-label": "Close the card" }, "✕");
    close.addEventListener("click", hide);
    card.replaceChildren(
      H.element("div", { class: "card-head" }, H.element("h2", { id: "card-title" }, title()), close),
      H.element("p", { class: "card-lead" }, lead(state)),
      ...terms(answers()),
      ...(spot.monthly.length > 1 ? [H.chart.bars(spot.monthly, spot.name)] : []),
      ...terms(more(state)),
      ...(spot.monthly.length > 1 ? [H.element("div", { class: "buttons" }, ...H.picture.chartButtons())] : []));
    card.scrollTop = 0;
  }

  function hide() {
    H.state.update({ spot: "" });
    const line = back && H.byId(back);
    if (line && line.offsetParent) line.querySelector("button").focus();
  }

  function draw(view, changed) {
    if (!changed.includes("spot") && !changed.includes("theme")) return;
    spot = H.clusters.find(view.state);
    card.hidden = !spot;
    // Only then has the map another size; asking for it makes the browser lay the page out at once.
    if (section.classList.contains("has-card") !== Boolean(spot)) {
      section.classList.toggle("has-card", Boolean(spot));
      H.map.leaflet.invalidateSize({ animate: false });
    }
    if (!spot) {
      card.replaceChildren();
      if (changed.includes("spot") && H.started) H.byId("live").textContent = "No hot spot is chosen.";
      return;
    }
    fill(view.state);
    H.map.zoomTo(spot.shape);
    if (H.started) H.byId("live").textContent = `${title()}: ${H.clusters.told(spot)}. Its card is open beside the map.`;
  }

  /* After a choice: the map and the card come into view, and the card gets the focus. */
  function show() {
    if (!spot) return;
    if (!spot.of) back = `cluster-${spot.number}`;
    const behavior = calm ? "auto" : "smooth";
    H.byId("map").scrollIntoView({ block: small.matches ? "start" : "nearest", behavior });
    card.focus({ preventScroll: true });
  }

  card.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });

  H.card = { draw, show, since, sure, flag };
})(window.Hotspots);
