/* No twin in Python. */
/* What is chosen, kept in the address after #, so that a view can be bookmarked and sent. */
(function (H) {
  "use strict";

  const data = H.data;
  const last = Math.max(H.figures.last, 0);
  const LAYERS = ["areas", "density", "clusters", "beats", "zones", "significant", "labels", "backdrop"];
  const MEASURES = Object.keys(H.words.MEASURES);
  const first = {
    theme: data.themes[0].slug, measure: "count", from: 0, to: last, level: "ward", ward: "", lsoa: "", spot: "",
    layers: ["areas", "clusters", ...(data.zones.length ? ["zones"] : []), "labels", "backdrop"],
  };
  const listeners = [];
  let current = first;

  function oneOf(value, allowed, otherwise) {
    return allowed.includes(value) ? value : otherwise;
  }

  function monthOf(text, otherwise) {
    const position = data.months.indexOf(text);
    return position < 0 ? otherwise : position;
  }

  /* The address may hold anything: what is not known falls back to the first view. */
  function read(hash) {
    const given = new URLSearchParams(hash.replace(/^#/, ""));
    const from = monthOf(given.get("from"), first.from);
    const to = monthOf(given.get("to"), first.to);
    const layers = given.has("layers") ? given.get("layers").split(",").filter((name) => LAYERS.includes(name)) : first.layers;
    return {
      theme: oneOf(given.get("theme"), data.themes.map((theme) => theme.slug), first.theme),
      measure: oneOf(given.get("measure"), MEASURES, first.measure),
      from: Math.min(from, to),
      to: Math.max(from, to),
      level: oneOf(given.get("level"), Object.keys(data.levels), first.level),
      ward: oneOf(given.get("ward"), data.levels.ward.codes, first.ward),
      lsoa: oneOf(given.get("lsoa"), data.levels.lsoa.codes, first.lsoa),
      spot: given.get("spot") || "",
      layers,
    };
  }

  function write(state) {
    const words = new URLSearchParams({
      theme: state.theme, measure: state.measure, level: state.level,
      from: data.months[state.from] || "", to: data.months[state.to] || "",
      ward: state.ward, lsoa: state.lsoa, ...(state.spot ? { spot: state.spot } : {}), layers: state.layers.join(","),
    });
    // Commas are plain in an address and easier to read.
    const hash = "#" + words.toString().replace(/%2C/g, ",");
    try {
      window.history.replaceState(null, "", hash);
    } catch {
      // A sandboxed frame, as in a notebook, has no address of its own.
    }
  }

  function tell(changed) {
    const view = H.figures.compute(current);
    listeners.forEach((listener) => listener(view, changed));
  }

  function wardOf(lsoa) {
    const { ward } = data.levels.lsoa;
    return data.levels.ward.codes[ward[data.levels.lsoa.codes.indexOf(lsoa)]] || "";
  }

  /* A hot spot belongs to its theme. An LSOA and a ward that are chosen together belong together: the later choice stands. */
  function settled(given, changes) {
    const known = ["clusters", "parts"].some((kind) => (data[kind][given.theme] || []).some(({ id }) => id === given.spot));
    const state = known ? given : { ...given, spot: "" };
    if (!state.ward || !state.lsoa || wardOf(state.lsoa) === state.ward) return state;
    return { ...state, ...(changes.lsoa ? { ward: "" } : { lsoa: "" }) };
  }

  function become(next) {
    const before = current;
    current = next;
    tell(Object.keys(current).filter((key) => String(current[key]) !== String(before[key])));
  }

  function update(changes) {
    const next = settled({ ...current, ...changes }, changes);
    write(next);
    become(next);
  }

  H.state = {
    LAYERS,
    get: () => current,
    update,
    onChange: (listener) => listeners.push(listener),
    start() {
      current = settled(read(window.location.hash), {});
      tell(Object.keys(current));
      window.addEventListener("hashchange", () => {
        // A link that skips to a part of the page changes nothing that is chosen.
        if (H.byId(window.location.hash.slice(1))) write(current);
        else become(settled(read(window.location.hash), {}));
      });
    },
  };
})(window.Hotspots);
