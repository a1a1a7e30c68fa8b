"""An unclosed ring is one error that names the file, whichever layer it is in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hotspots.errors import InputError
from hotspots.evaluation.named import named_places
from hotspots.evaluation.zones import read_zones
from hotspots.geography.points import read_points
from hotspots.geography.projection import choose_projection
from hotspots.geography.roads import read_roads
from hotspots.pages.map_context import read_context

RING = [[-1.48, 52.92], [-1.47, 52.92], [-1.47, 52.93], [-1.48, 52.93]]


@pytest.fixture
def layer(tmp_path) -> Path:
    """Write a layer whose only ring does not come back to where it began."""
    shape = {"type": "Polygon", "coordinates": [RING]}
    feature = {"type": "Feature", "properties": {"name": "Open", "cluster": "A"}, "geometry": shape}
    path = tmp_path / "open.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "name": "clusters", "features": [feature]}))
    return path


@pytest.mark.parametrize(
    "read",
    [
        lambda path: read_zones(path, areas={}),
        lambda path: read_points([path], projection=choose_projection()),
        read_roads,
        lambda path: named_places(None, path),
    ],
    ids=["zones", "points", "roads", "beats"],
)
def test_an_unclosed_ring_is_told_by_the_name_of_its_file(layer, read):
    with pytest.raises(
        InputError, match=r"^open\.geojson has a shape .* an unclosed ring: export it again\.$"
    ):
        read(layer)


def test_in_a_layer_below_the_map_it_is_refused_too(layer):
    with pytest.raises(InputError, match=r"^open\.geojson cannot be read as a layer"):
        read_context(layer, None)
