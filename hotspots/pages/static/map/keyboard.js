/* No twin in Python. */
/* Areas by keyboard: one tab stop for all of them, arrows from one to the next. */
(function (H) {
  "use strict";

  let order = [];
  let current = 0; // position in `order` of the area that Tab reaches
  let level = null;

  function pathAt(position) {
    return H.map.paths()[order[position]].getElement();
  }

  function moveTo(position) {
    // No bringToFront here: moving the element in the page would drop its focus.
    pathAt((position + order.length) % order.length).focus({ preventScroll: true });
  }

  /* The keys go on from the area that has the focus, also if a click gave it. */
  function standAt(position) {
    pathAt(current).setAttribute("tabindex", "-1");
    current = position;
    pathAt(current).setAttribute("tabindex", "0");
  }

  const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

  function onKey(event) {
    const step = STEPS[event.key];
    if (step) moveTo(current + step);
    else if (event.key === "Home") moveTo(0);
    else if (event.key === "End") moveTo(order.length - 1);
    else if (event.key === "Enter" || event.key === " ") H.map.select(order[current]);
    else if (event.key === "Escape") {
      H.map.letGo();
      H.map.show(null);
    } else return;
    event.preventDefault();
    event.stopPropagation(); // or Leaflet would pan as well
  }

  function equip(i, position, name) {
    const path = H.map.paths()[i].getElement();
    path.setAttribute("role", "button");
    path.setAttribute("tabindex", position === 0 ? "0" : "-1");
    path.dataset.area = name;
    path.addEventListener("keydown", onKey);
    path.addEventListener("focus", () => {
      standAt(position);
      H.map.ring("focus", i);
      H.map.show(i);
      const map = H.map.leaflet;
      const middle = H.map.paths()[i].getCenter();
      if (!map.getBounds().contains(middle)) map.panTo(middle, { animate: false });
    });
    path.addEventListener("blur", () => {
      H.map.ring("focus", null);
      H.map.show(null);
    });
  }

  /* Alphabetical: an order that people can foresee. */
  function draw(view) {
    if (level === view.state.level) return;
    level = view.state.level;
    const { names } = view.level;
    order = names.map((_, i) => i).sort((a, b) => (names[a] < names[b] ? -1 : 1));
    current = 0;
    order.forEach((i, position) => equip(i, position, view.level.codes[i]));
  }

  H.keyboard = { draw };
})(window.Hotspots);
