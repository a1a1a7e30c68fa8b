"""
The map as a folium.Map: analysts add their own folium layers to it.

folium's own page links ten files on four hosts. This class writes the
project's page instead, with the added layers in it, and shows itself in a
notebook inside a sandboxed frame.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar

import folium
import geopandas as gpd
from branca.element import CssLink, Element, Figure, JavascriptLink

from hotspots.errors import ParameterError
from hotspots.pages import map_page
from hotspots.pages.map_below import tile_source

if TYPE_CHECKING:
    from hotspots.release.release import Release

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


class HotspotMap(folium.Map):
    """
    The map page of a release, open to further folium layers.

    `GeoJson`, `FeatureGroup`, `CircleMarker`, `Tooltip`, `LayerControl` and
    whatever else needs Leaflet alone can be added. Layers that need jQuery or
    scripts of their own (`Popup`, icon markers, most plugins) are refused when
    the page is written, because the page would have to ask for them.

    The text of added layers is yours: folium writes it into a script, so never
    pass text from an unchecked file to a `Tooltip`.

    Parameters
    ----------
    release : Release
        What the audience may see.
    backdrop : Path, optional
        PNG or JPEG with a world file in the National Grid.
    tiles : str, optional
        Tile address on your own server.
    context : Path or GeoDataFrame, optional
        Roads, rail and water to draw below the areas.

    Examples
    --------
    >>> map_ = analysis.map()  # doctest: +SKIP
    >>> folium.CircleMarker([52.92, -1.47]).add_to(map_)  # doctest: +SKIP
    >>> map_.save("map.html")  # doctest: +SKIP
    """

    # On the class folium would load its own files; and its lists are shared by every map.
    default_js: ClassVar[list[tuple[str, str]]] = []  # type: ignore[misc]
    default_css: ClassVar[list[tuple[str, str]]] = []  # type: ignore[misc]

    def __init__(
        self,
        release: Release,
        *,
        backdrop: Path | None = None,
        tiles: str | None = None,
        context: Path | gpd.GeoDataFrame | None = None,
    ) -> None:
        super().__init__(tiles=None)
        self._name = "HotspotMap"
        self._id = "page"
        self._release = release
        self._below: dict[str, Any] = {"backdrop": backdrop, "tiles": tiles, "context": context}

    def to_html(self) -> str:
        """
        Write the whole page, with the added layers.

        Raises
        ------
        ParameterError
            If a layer needs a script or style that the page does not carry.
        """
        return map_page.render(self._release, **self._below, layers=self._layers())

    def render(self, **_kwargs: Any) -> str:
        """Write the whole page; folium's name for it."""
        return self.to_html()

    def save(self, outfile: str | bytes | Path | BinaryIO, close_file: bool = True, **_kwargs: Any) -> None:
        """
        Write the page to a file.

        Parameters
        ----------
        outfile : str, Path or binary file
            Where to.
        close_file : bool, default True
            Whether to close a file that was passed open.
        """
        content = self.to_html().encode("utf-8")
        if isinstance(outfile, str | bytes | Path):
            Path(outfile.decode() if isinstance(outfile, bytes) else outfile).write_bytes(content)
            return
        outfile.write(content)
        if close_file:
            outfile.close()

    def _repr_html_(self, **_kwargs: Any) -> str:
        """Show the page in a notebook, where it can reach nothing around it."""
        content = html.escape(self.to_html(), quote=True)
        return (
            '<iframe title="Hot spot map" sandbox="allow-scripts allow-downloads" width="100%" height="720" '
            f'style="border:0" srcdoc="{content}"></iframe>'
        )

    def _layers(self) -> map_page.Layers | None:
        """Render the added layers as folium does, into a figure of their own."""
        if not self._children:
            return None
        figure = self.get_root()
        assert isinstance(figure, Figure)  # noqa: S101 - folium.Map puts itself into one
        for part in (figure.header, figure.html, figure.script):
            part._children.clear()
        for child in list(self._children.values()):
            child.render()
        _refuse_links(figure)
        script = "\n".join(_texts(figure.script))
        if "$(" in script:
            raise ParameterError(
                "A layer added to the map needs jQuery (a Popup or an icon marker does), which the page "
                "does not carry: use a Tooltip or a CircleMarker."
            )
        header = "\n".join(_texts(figure.header))
        sources = [tile_source(layer.tiles) for layer in _walk(self) if isinstance(layer, folium.TileLayer)]
        return map_page.Layers(
            script=_steady(f"var {self.get_name()} = window.Hotspots.map.leaflet;\n{script}", self),
            styles=tuple(_steady(style, self) for style in _STYLE.findall(header)),
            body=_steady("\n".join(_texts(figure.html)), self),
            image_sources=tuple(source["origin"] for source in sources),
            hosts=tuple(source["host"] for source in sources),
        )


def _walk(element: Element) -> Iterator[Element]:
    for child in element._children.values():
        yield child
        yield from _walk(child)


def _texts(part: Element) -> list[str]:
    return [child.render() for child in part._children.values()]


def _refuse_links(figure: Figure) -> None:
    for name, child in figure.header._children.items():
        if isinstance(child, JavascriptLink | CssLink):
            raise ParameterError(
                f"A layer added to the map needs '{name}' from the network; the page asks for nothing. "
                "Use layers that need Leaflet alone."
            )


def _steady(text: str, map_: HotspotMap) -> str:
    """Number the ids that folium draws at random, so that equal maps give equal bytes."""
    for position, element in enumerate(_walk(map_), start=1):
        text = text.replace(element._id, f"layer_{position}")
    return text
