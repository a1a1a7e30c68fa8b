/* Twin: hotspots/pages/map_labels.py (labels of the still map). */
/* Where names and numbers find room, on the screen and on paper: one after the other, moved as little as needed, or left out. */
(function (H) {
  "use strict";

  /* What is placed first: on a phone there is not room for all. */
  const ORDER = {
    biggestCluster: 0, bigCluster: 1, leader: 2, priority: 3, firstCluster: 4, ward: 5, cluster: 6, area: 7, street: 8,
  };
  const BIGGEST_CLUSTERS = 3;
  const FIRST_CLUSTERS = 10; // numbered at every zoom

  function clusterOrder(i) {
    if (i === 0) return ORDER.biggestCluster;
    if (i < BIGGEST_CLUSTERS) return ORDER.bigCluster;
    return i < FIRST_CLUSTERS ? ORDER.firstCluster : ORDER.cluster;
  }

  /* Ways to move a label by these steps to either side, least first. */
  function moves(across, down = across) {
    const both = (steps) => [...new Set(steps.flatMap((step) => [step, -step]))];
    const far = ([x, y]) => x * x + y * y;
    return both(down).flatMap((y) => both(across).map((x) => [x, y])).sort((a, b) => far(a) - far(b));
  }

  /* A line from a point inside to the right crosses the rings an odd number of times. */
  function isInside(rings, [x, y]) {
    let inside = false;
    for (const ring of rings) {
      let [bx, by] = ring[ring.length - 1];
      // Asked for each name at each place that it may go: no function and no list is made on the way.
      for (let i = 0; i < ring.length; i += 1) {
        const ax = ring[i][0];
        const ay = ring[i][1];
        if (ay > y !== by > y && x < ax + ((y - ay) * (bx - ax)) / (by - ay)) inside = !inside;
        bx = ax;
        by = ay;
      }
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

  /* The area that the finding names gets its name, and each first area its rank, if need be on numbers of hot spots. */
  function arrange(labels) {
    // A stable sort keeps the bigger hot spot and the busier street before the smaller.
    const tried = (lift) => place(labels.slice().sort((a, b) => lift(a) - lift(b)));
    const isFirst = ({ order }) => order === ORDER.leader || order === ORDER.priority;
    const isWhole = (label) => isFirst(label) && !label.must;
    // Between the first hot spots and the other areas, if all have room there.
    let placed = tried((label) => (isFirst(label) ? ORDER.firstCluster + label.order / 10 : label.order));
    if (placed.filter(isWhole).length === labels.filter(isFirst).length) return placed;
    placed = tried(({ order }) => order);
    if (labels.some(({ leads }) => leads) && !placed.some(({ leads }) => leads)) {
      placed = tried(({ leads, order }) => (leads ? ORDER.biggestCluster + 0.5 : order));
    }
    return placed.some(({ forced }) => forced) ? tried((label) => label.order - (isFirst(label) ? 10 : 0)) : placed;
  }

  H.placing = { ORDER, FIRST_CLUSTERS, clusterOrder, moves, isInside, place, arrange };
})(window.Hotspots);
