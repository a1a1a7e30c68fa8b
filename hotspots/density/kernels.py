"""
Kernels, and how they are laid onto a grid.

A kernel with a radius touches few cells, so each place is stamped onto the
cells within its reach. The Gaussian reaches far and is the product of a factor
in x and one in y, so the places of a tile are summed as one matrix product.
Neither way bins anything, and neither truncates anything that can be seen.

Squared distances are products as well: with a place at e and a cell at k,
(k - e)2 = k2 - 2ke + e2 holds terms of the cell times terms of the place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from scipy.sparse import csc_array

from hotspots.density.grid import Grid
from hotspots.errors import ParameterError

#: Pairs of place and cell that are stamped at a time: few enough to stay in the processor's cache.
_STAMPED_PAIRS = 200_000
#: Pairs of place and row, or column, that are multiplied at a time, for the same reason.
_FACTOR_PAIRS = 200_000

#: Standard deviations at which the Gaussian ends: below 1e-55 of its peak.
_GAUSSIAN_END = 16.0


@dataclass(frozen=True)
class Kernel:
    """
    A radially symmetric kernel in the plane.

    Attributes
    ----------
    name : str
        "quartic", "epanechnikov" or "gaussian".
    profile : callable
        The kernel's shape as a function of the squared distance in bandwidths,
        1 at 0; may overwrite its argument.
    peak : float
        Its height at distance 0 times the squared bandwidth, so that its integral is one.
    compact : bool
        Whether it ends at one bandwidth.
    reach : float
        Radius of the quartic kernel that smooths equally, in bandwidths: how
        far an incident is taken to matter.
    meaning : str
        What its bandwidth is, in words.
    """

    name: str
    profile: Callable[[np.ndarray], np.ndarray]
    peak: float
    compact: bool
    reach: float
    meaning: str


def _quartic(u2: np.ndarray) -> np.ndarray:
    rest = _epanechnikov(u2)
    rest *= rest
    return rest


def _epanechnikov(u2: np.ndarray) -> np.ndarray:
    rest = np.subtract(1.0, u2, out=u2)
    return np.maximum(rest, 0.0, out=rest)


def _gaussian(u2: np.ndarray) -> np.ndarray:
    # numbers that small make a processor crawl, so it ends, and there it is exactly zero
    value = np.minimum(u2, _GAUSSIAN_END**2, out=u2)
    value *= -0.5
    np.exp(value, out=value)
    value -= np.exp(-0.5 * _GAUSSIAN_END**2)
    return value


def _disc(u2: np.ndarray) -> np.ndarray:
    # a place exactly on the rim counts, whatever the rounding of its distance
    return (u2 <= 1.0 + 1e-12).astype(float)


def _canonical(roughness: float, variance: float) -> float:
    """Return the scale at which kernels of two dimensions smooth equally (Scott 1992, section 6.2.3.3)."""
    return (roughness / variance**2) ** (1 / 6)


_QUARTIC_SCALE = _canonical(9 / (5 * math.pi), 1 / 8)

KERNELS: Final[dict[str, Kernel]] = {
    "quartic": Kernel("quartic", _quartic, 3 / math.pi, True, 1.0, "radius"),
    "epanechnikov": Kernel(
        "epanechnikov",
        _epanechnikov,
        2 / math.pi,
        True,
        _QUARTIC_SCALE / _canonical(4 / (3 * math.pi), 1 / 6),
        "radius",
    ),
    "gaussian": Kernel(
        "gaussian",
        _gaussian,
        1 / (2 * math.pi),
        False,
        _QUARTIC_SCALE / _canonical(1 / (4 * math.pi), 1.0),
        "standard deviation",
    ),
}
# height one over the squared radius: `count_within` multiplies it away
_DISC: Final = Kernel("disc", _disc, 1.0, True, 1.0, "radius")


def find_kernel(name: str) -> Kernel:
    """Return the kernel called `name`, or say which there are."""
    if name not in KERNELS:
        raise ParameterError(f"There is no kernel {name!r}; choose among {', '.join(KERNELS)}.")
    return KERNELS[name]


def count_within(
    xy: np.ndarray, columns: tuple[np.ndarray, ...], *, grid: Grid, radius: float
) -> list[np.ndarray]:
    """
    Add up what lies within a radius of each cell centre.

    Parameters
    ----------
    xy : ndarray of shape (places, 2)
        Easting and northing.
    columns : tuple of arrays of shape (places,)
        What to add up, such as the incidents at each place.

    Returns
    -------
    list of ndarray of shape (grid.n_rows, grid.n_columns)
        One surface per column, exact to rounding.
    """
    sums = [np.zeros(grid.shape) for _ in columns]
    for block in lay(xy, grid=grid, kernel=_DISC, bandwidth=np.full(len(xy), radius)):
        for total, column in zip(sums, columns, strict=True):
            total[block.window] += block.smooth(column[block.rows] * (radius**2 / 1e6))
    return sums


@dataclass(frozen=True)
class Stamps:
    """
    The cells that some places reach, with the kernel's value in each.

    Attributes
    ----------
    rows : ndarray of int
        Positions of the places.
    values : sparse array of shape (cells of the band, places)
        The kernel's profile in the cells around each place. The band is the
        rows of the grid that the places reach, and is padded by `margin` cells
        on every side, so that no place reaches beyond it.
    height : ndarray of shape (places,)
        The kernel's height in units per km2.
    south : int
        First row of the band before it is padded.
    """

    rows: np.ndarray
    values: csc_array
    height: np.ndarray
    grid: Grid
    margin: int
    south: int

    @property
    def window(self) -> tuple[slice, slice]:
        """The rows and columns of the grid that the places can reach."""
        reached = self.south - self.margin, self.south - self.margin + self._depth
        return slice(max(0, reached[0]), min(self.grid.n_rows, reached[1])), slice(None)

    @property
    def _depth(self) -> int:
        return self.values.shape[0] // (self.grid.n_columns + 2 * self.margin)

    @property
    def _padding(self) -> tuple[int, int]:
        """Count the rows of the band below the window, and above it."""
        window = self.window[0]
        below = window.start - (self.south - self.margin)
        return below, self._depth - below - (window.stop - window.start)

    def mass(self, share: np.ndarray) -> np.ndarray:
        """Sum each place's kernel over the cells, each weighted by `share`: 1 far from any edge."""
        band = np.pad(share[self.window], (self._padding, (self.margin, self.margin)))
        return self.values.T @ band.ravel() * self.height * self.grid.cell_km2

    def smooth(self, weights: np.ndarray) -> np.ndarray:
        """Sum weight times kernel over the places in every cell of the window."""
        band = (self.values @ (weights * self.height)).reshape(self._depth, -1)
        below, above = self._padding
        return band[below : self._depth - above, self.margin : self.margin + self.grid.n_columns]


@dataclass(frozen=True)
class Factors:
    """
    The Gaussian of some places as a factor along x and one along y.

    Attributes
    ----------
    rows : ndarray of int
        Positions of the places.
    along_x, along_y : ndarray of shape (places, columns or rows of the window)
        The factors: their product is the kernel's profile.
    height : ndarray of shape (places,)
        The kernel's height in units per km2.
    window : tuple of two slices
        The rows and columns of the grid that the places can reach.
    """

    rows: np.ndarray
    along_x: np.ndarray
    along_y: np.ndarray
    height: np.ndarray
    grid: Grid
    window: tuple[slice, slice]

    def mass(self, share: np.ndarray) -> np.ndarray:
        """Sum each place's kernel over the cells, each weighted by `share`."""
        summed = np.einsum("ij,ij->i", self.along_y @ share[self.window], self.along_x)
        return summed * self.height * self.grid.cell_km2

    def smooth(self, weights: np.ndarray) -> np.ndarray:
        """Sum weight times kernel over the places in every cell of the window."""
        scaled = self.along_y * (weights * self.height)[:, None]
        return scaled.T @ self.along_x


def lay(xy: np.ndarray, *, grid: Grid, kernel: Kernel, bandwidth: np.ndarray) -> Iterator[Stamps | Factors]:
    """
    Lay the kernel of each place onto the grid, a block of neighbouring places at a time.

    Parameters
    ----------
    xy : ndarray of shape (places, 2)
        Easting and northing.
    bandwidth : ndarray of shape (places,)
        Metres; equal ones for a fixed bandwidth.

    Yields
    ------
    Stamps or Factors
        `rows` says which places are in the block; places that reach no cell are in none.
    """
    if not len(xy):
        return
    if kernel.compact:
        yield from _lay_stamps(xy, grid, kernel, bandwidth)
    else:
        yield from _lay_factors(xy, grid, kernel, bandwidth)


def _lay_stamps(xy: np.ndarray, grid: Grid, kernel: Kernel, bandwidth: np.ndarray) -> Iterator[Stamps]:
    """Stamp the places, the widest first: those of one block share the window of the widest among them."""
    order = np.lexsort((xy[:, 1], -bandwidth))
    order = order[_near(xy[order], grid, bandwidth[order])]
    while len(order):
        step = max(1, _STAMPED_PAIRS // len(_window(bandwidth[order[0]], grid.cell, grid.shape)))
        yield _stamps(order[:step], xy, grid, kernel, bandwidth)
        order = order[step:]


def _near(xy: np.ndarray, grid: Grid, bandwidth: np.ndarray) -> np.ndarray:
    """Tell which places are close enough to the grid for their kernel to touch it."""
    low = np.array([grid.x_min, grid.y_min])
    high = low + grid.cell * np.array([grid.n_columns, grid.n_rows])
    return ((xy > low - bandwidth[:, None]) & (xy < high + bandwidth[:, None])).all(axis=1)


@lru_cache(maxsize=16)
def _window(bandwidth: float, cell: float, shape: tuple[int, int]) -> np.ndarray:
    """Return the cells, as steps east and north from its own, that a place anywhere in a cell may reach."""
    margin = math.floor(bandwidth / cell + 0.5)
    # A step longer than the grid leaves it from wherever it starts.
    rows, columns = (min(margin, size - 1) for size in shape)
    steps = (np.arange(-most, most + 1, dtype=np.int32) for most in (columns, rows))
    east, north = (step.ravel() for step in np.meshgrid(*steps))
    nearest2 = np.maximum(abs(east) - 0.5, 0) ** 2 + np.maximum(abs(north) - 0.5, 0) ** 2
    window = np.column_stack([east, north])[nearest2 <= (bandwidth / cell) ** 2]
    window.setflags(write=False)
    return window


def _stamps(rows: np.ndarray, xy: np.ndarray, grid: Grid, kernel: Kernel, bandwidth: np.ndarray) -> Stamps:
    """Evaluate the kernel on the cells around each place."""
    corner = np.array([grid.x_min, grid.y_min])
    limit = np.array([grid.n_columns, grid.n_rows]) - 1
    # a place beyond the grid is stamped from the nearest cell of the grid: no other cell is nearer
    home = np.clip(np.floor((xy[rows] - corner) / grid.cell), 0, limit).astype(np.int32)
    h = bandwidth[rows]
    window = _window(h.max(), grid.cell, grid.shape)
    margin = int(window.max())
    aside = xy[rows] - (corner + (home + 0.5) * grid.cell)
    values = kernel.profile(_squared_distance(aside, window * grid.cell, h))
    south = int(home[:, 1].min())
    width, depth = grid.n_columns + 2 * margin, int(home[:, 1].max()) - south + 1 + 2 * margin
    centre = (home[:, 1] - south + margin) * width + home[:, 0] + margin
    cells = centre[:, None] + (window[:, 1] * width + window[:, 0])
    starts = np.arange(0, values.size + 1, len(window), dtype=np.int32)
    stamped = csc_array((values.ravel(), cells.ravel(), starts), shape=(width * depth, len(rows)))
    return Stamps(rows, stamped, kernel.peak * 1e6 / h**2, grid, margin, south)


def _squared_distance(places: np.ndarray, cells: np.ndarray, h: np.ndarray) -> np.ndarray:
    """
    Square the distance between every place and every cell, in bandwidths.

    Parameters
    ----------
    places, cells : ndarray of shape (places or cells, dimensions)
        Coordinates in metres from a point near them all, so that little is lost to rounding.
    h : ndarray of shape (places,)
        Bandwidths in metres.

    Returns
    -------
    ndarray of shape (places, cells)
    """
    of_places = np.column_stack([np.ones(len(places)), -2 * places, (places**2).sum(axis=1)])
    of_cells = np.vstack([(cells**2).sum(axis=1), cells.T, np.ones(len(cells))])
    return (of_places / h[:, None] ** 2) @ of_cells


def _lay_factors(xy: np.ndarray, grid: Grid, kernel: Kernel, bandwidth: np.ndarray) -> Iterator[Factors]:
    """Multiply the places of one square tile at a time, over the cells that the widest of all reaches."""
    reach = math.ceil(_GAUSSIAN_END * bandwidth.max() / grid.cell)
    tile = np.floor((xy - (grid.x_min, grid.y_min)) / (reach * grid.cell))
    order = np.lexsort((tile[:, 0], tile[:, 1]))
    # a tile is as wide as the reach, so that its places see three tiles and are far from none of their cells
    starts = np.flatnonzero(np.any(np.diff(tile[order], axis=0) != 0, axis=1)) + 1
    for rows in np.split(order, starts):
        first = tile[rows[0]] * reach
        low = np.clip(first - reach, 0, (grid.n_columns, grid.n_rows)).astype(int)
        high = np.clip(first + 2 * reach, 0, (grid.n_columns, grid.n_rows)).astype(int)
        if (low < high).all():
            window = slice(low[1], high[1]), slice(low[0], high[0])
            step = max(1, _FACTOR_PAIRS // (high - low).max())
            for start in range(0, len(rows), step):
                yield _factors(rows[start : start + step], xy, grid, kernel, bandwidth, window=window)


def _factors(
    rows: np.ndarray,
    xy: np.ndarray,
    grid: Grid,
    kernel: Kernel,
    bandwidth: np.ndarray,
    *,
    window: tuple[slice, slice],
) -> Factors:
    """Evaluate the Gaussian along each axis."""
    h = bandwidth[rows]
    along = []
    for axis, centres in enumerate((grid.x[window[1]], grid.y[window[0]])):
        middle = xy[rows[0], axis]
        u2 = _squared_distance(xy[rows, axis, None] - middle, centres[:, None] - middle, h)
        along.append(kernel.profile(u2))
    return Factors(rows, along[0], along[1], kernel.peak * 1e6 / h**2, grid, window)
