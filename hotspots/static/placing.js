/* Where names and numbers find room: one after the other, moved as little as needed, or left out. */
(function (H) {
  "use strict";

  /* Ways to move a label by these steps to either side, least first. */
  function moves(across, down = across) {
    const both = (steps) => [...new Set(steps.flatMap((step) => [step, -step]))];
    return both(down).flatMap((y) => both(across).map((x) => [x, y])).sort((a, b) => Math.hypot(...a) - Math.hypot(...b));
  }

  /* A line from a point inside to the right crosses the rings an odd number of times. */
  function isInside(rings, [x, y]) {
    let inside = false;
    for (const ring of rings) {
      ring.forEach(([ax, ay], i) => {
        const [bx, by] = ring[(i || ring.length) - 1];
        if (ay > y !== by > y && x < ax + ((y - ay) * (bx - ax)) / (by - ay)) inside = !inside;
      });
    }
    return inside;
  }

  /* Labels in the order in which they matter. Each has its middle `x` and `y`, its size `w` and `h`, the `moves` that
     it may try, `holds` (may its middle lie there?), `short` (what to show where the whole has no room) and `must`:
     then it is there, `forced` onto others where it has no room. */
  function place(labels) {
    const taken = [];
    const fit = (label) => {
      const { x, y, w, h, holds } = label;
      const boxAt = ([right, down]) => [x + right - w / 2, y + down - h / 2, x + right + w / 2, y + down + h / 2];
      const isFree = (box) => taken.every((other) =>
        box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3]);
      const fits = (move) => isFree(boxAt(move)) && (!holds || holds(x + move[0], y + move[1]));
      const free = label.moves.find(fits);
      if (!free && !label.must) return label.short ? fit(label.short) : [];
      const move = free || [0, 0];
      taken.push(boxAt(move));
      return [{ ...label, move, forced: !free }];
    };
    return labels.flatMap(fit);
  }

  H.placing = { moves, isInside, place };
})(window.Hotspots);
