"""
Kernels, and how they are laid onto a grid.

A kernel with a radius touches few cells, so each place is stamped onto the
window of cells within its reach. The Gaussian reaches every cell and is the
product of a factor in x and one in y, so all places are summed as one matrix
product. Neither way bins anything, and neither truncates anything that can be seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from hotspots.errors import ParameterError
from hotspots.grid import Grid

#: Pairs of place and cell that are stamped at a time: few enough to stay in the processor's cache.
_STAMPED_PAIRS = 100_000
#: Pairs of place and row, or column, that are multiplied at a time, for the same reason.
_FACTOR_PAIRS = 200_000

_GAUSSIAN_END = 24.0**2


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
    # beyond 24 standard deviations, where it is below 1e-125 of the peak, it is zero: numbers that
    # small make a processor crawl
    far = u2 >= _GAUSSIAN_END
    value = np.minimum(u2, _GAUSSIAN_END, out=u2)
    value *= -0.5
    np.exp(value, out=value)
    value[far] = 0.0
    return value


def _disc(u2: np.ndarray) -> np.ndarray:
    return (u2 <= 1.0).astype(float)


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
        for k, column in enumerate(columns):
            sums[k] += block.spread(column[block.rows] * (radius**2 / 1e6))
    return sums


@dataclass(frozen=True)
class Stamps:
    """
    The windows of cells that some places reach, with the kernel's value in each.

    Attributes
    ----------
    rows : ndarray of int
        Positions of the places.
    values : sparse array of shape (places, cells of the padded grid)
        The kernel's profile in each cell of the window around each place. The
        grid is padded by `margin` cells on every side, so that no window leaves it.
    height : ndarray of shape (places,)
        The kernel's height in units per km2.
    """

    rows: np.ndarray
    values: csr_array
    height: np.ndarray
    grid: Grid
    margin: int

    def mass(self, share: np.ndarray) -> np.ndarray:
        """Sum each place's kernel over the cells, each weighted by `share`: 1 far from any edge."""
        return self.values @ np.pad(share, self.margin).ravel() * self.height * self.grid.cell_km2

    def spread(self, weights: np.ndarray, *, power: int = 1) -> np.ndarray:
        """Sum weight times kernel (or its square) over the places in every cell."""
        rows, columns, margin = *self.grid.shape, self.margin
        values = self.values if power == 1 else self.values.power(power)
        summed = values.T @ (weights * self.height**power)
        padded = summed.reshape(rows + 2 * margin, columns + 2 * margin)
        return padded[margin : margin + rows, margin : margin + columns]


@dataclass(frozen=True)
class Factors:
    """The Gaussian of some places as a factor along x and one along y: shape (places, cells)."""

    rows: np.ndarray
    along_x: np.ndarray
    along_y: np.ndarray
    grid: Grid

    def mass(self, share: np.ndarray) -> np.ndarray:
        """Sum each place's kernel over the cells, each weighted by `share`."""
        return np.einsum("ij,ij->i", self.along_y @ share, self.along_x) * self.grid.cell_km2

    def spread(self, weights: np.ndarray, *, power: int = 1) -> np.ndarray:
        """Sum weight times kernel (or its square) over the places in every cell."""
        return (_powered(self.along_y, power) * weights[:, None]).T @ _powered(self.along_x, power)


def _powered(values: np.ndarray, power: int) -> np.ndarray:
    """Raise to a power, without a copy where it is one."""
    return values if power == 1 else values**power


def lay(xy: np.ndarray, *, grid: Grid, kernel: Kernel, bandwidth: np.ndarray) -> Iterator[Stamps | Factors]:
    """
    Lay the kernel of each place onto the grid, a block of places at a time.

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
    if not kernel.compact:
        step = max(1, _FACTOR_PAIRS // max(grid.shape))
        for start in range(0, len(xy), step):
            yield _factors(np.arange(start, min(start + step, len(xy))), xy, grid, kernel, bandwidth)
        return
    # widest first: places of one block share the window of the widest among them
    order = np.lexsort((np.arange(len(xy)), -bandwidth))
    order = order[_near(xy[order], grid, bandwidth[order])]
    while len(order):
        margin = _margin(bandwidth[order[0]], grid.cell)
        step = max(1, _STAMPED_PAIRS // (2 * margin + 1) ** 2)
        yield _stamps(order[:step], xy, grid, kernel, bandwidth)
        order = order[step:]


def _margin(bandwidth: float, cell: float) -> int:
    """Count the cells that a kernel reaches beyond the cell its place lies in."""
    return math.floor(bandwidth / cell + 0.5)


def _near(xy: np.ndarray, grid: Grid, bandwidth: np.ndarray) -> np.ndarray:
    """Tell which places are close enough to the grid for their kernel to touch it."""
    low = np.array([grid.x_min, grid.y_min])
    high = low + grid.cell * np.array([grid.n_columns, grid.n_rows])
    return ((xy > low - bandwidth[:, None]) & (xy < high + bandwidth[:, None])).all(axis=1)


def _stamps(rows: np.ndarray, xy: np.ndarray, grid: Grid, kernel: Kernel, bandwidth: np.ndarray) -> Stamps:
    """Evaluate the kernel on the square window around each place."""
    corner = np.array([grid.x_min, grid.y_min])
    limit = np.array([grid.n_columns, grid.n_rows]) - 1
    home = np.clip(np.floor((xy[rows] - corner) / grid.cell).astype(np.intp), 0, limit)
    h = bandwidth[rows]
    margin = _margin(h.max(), grid.cell)
    # a place beyond the grid is stamped from the nearest cell of the grid: no other cell is nearer
    offset = np.arange(-margin, margin + 1)
    u2 = [
        ((corner[k] + (home[:, k, None] + offset + 0.5) * grid.cell - xy[rows, k, None]) / h[:, None]) ** 2
        for k in (0, 1)
    ]
    values = kernel.profile(u2[1][:, :, None] + u2[0][:, None, :])
    width, height = grid.n_columns + 2 * margin, grid.n_rows + 2 * margin
    window = (offset[:, None] * width + offset[None, :]).ravel().astype(np.int32)
    centre = ((home[:, 1] + margin) * width + home[:, 0] + margin).astype(np.int32)
    starts = np.arange(0, values.size + 1, window.size, dtype=np.int32)
    stamped = csr_array(
        (values.ravel(), (centre[:, None] + window).ravel(), starts), shape=(len(rows), width * height)
    )
    return Stamps(rows, stamped, kernel.peak * 1e6 / h**2, grid, margin)


def _factors(rows: np.ndarray, xy: np.ndarray, grid: Grid, kernel: Kernel, bandwidth: np.ndarray) -> Factors:
    """Evaluate the Gaussian along each axis; the height goes into the factor along x."""
    h = bandwidth[rows, None]
    along_x = kernel.profile(((grid.x - xy[rows, 0, None]) / h) ** 2) * (kernel.peak * 1e6 / h**2)
    along_y = kernel.profile(((grid.y - xy[rows, 1, None]) / h) ** 2)
    return Factors(rows, along_x, along_y, grid)
