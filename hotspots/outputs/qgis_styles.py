"""Default styles for QGIS: hot spots by theme and confidence, with labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import quoteattr

#: One colour a theme, in their order: told apart with any colour vision (Okabe and Ito 2008).
_COLOURS: Final = (
    *("0,0,0", "213,94,0", "0,114,178", "0,158,115", "204,121,167", "230,159,0", "86,180,233"),
    "110,110,110",
)
#: How sure a hot spot is: what it is called, for which confidence, with which line.
_SURE: Final = (
    ("firm", '"confidence" >= 0.8', "solid", 0.9),
    ("fairly firm", '"confidence" >= 0.5 AND "confidence" < 0.8', "solid", 0.4),
    ("weak", '"confidence" < 0.5', "dash", 0.4),
    ("not tested", '"confidence" IS NULL', "dot", 0.6),
)
_BANDS: Final = ("237,248,251", "178,226,226", "102,194,164", "44,162,95", "0,109,44")


@dataclass(frozen=True)
class _Rule:
    """One look of a layer, and for which rows."""

    label: str
    filter: str
    fill: str
    line: str
    style: str
    width: float


def layer_styles(themes: Mapping[str, str]) -> dict[str, str]:
    """
    Give the style of each layer as QML.

    Parameters
    ----------
    themes : mapping of str to str
        Names by slug, in order.
    """
    colours = {slug: _COLOURS[min(at, len(_COLOURS) - 1)] for at, slug in enumerate(themes)}
    spots = [
        _Rule(
            f"{name}, {sure}",
            f"\"theme\" = '{slug}' AND {rule}",
            "0,0,0,0",
            f"{colours[slug]},255",
            style,
            width,
        )
        for slug, name in themes.items()
        for sure, rule, style, width in _SURE
    ]
    beats = [
        _Rule(name, f"\"theme\" = '{slug}'", f"{colours[slug]},40", f"{colours[slug]},255", "solid", 0.3)
        for slug, name in themes.items()
    ]
    bands = [
        _Rule(f"band {at}", f'"band" = {at}', f"{colour},140", "0,0,0,0", "no", 0.1)
        for at, colour in enumerate(_BANDS, start=1)
    ]
    return {
        "wards": _qml([_Rule("ward", "", "0,0,0,0", "30,30,30,255", "solid", 0.6)], '"name"'),
        "lsoas": _qml([_Rule("LSOA", "", "0,0,0,0", "120,120,120,255", "solid", 0.2)], ""),
        "clusters": _qml(spots, '"order" || \' \' || "name"'),
        "beats": _qml(beats, '"order"'),
        "density": _qml(bands, ""),
        "zones": _qml([_Rule("zone", "", "0,0,0,0", "110,40,130,255", "solid", 0.6)], '"name"'),
    }


def _qml(rules: Sequence[_Rule], label: str) -> str:
    """Write rules as a rule-based renderer, and an expression as labels with a white halo."""
    listed = "".join(
        f'<rule key="r{at}" symbol="{at}" label={quoteattr(rule.label)} filter={quoteattr(rule.filter)}/>'
        for at, rule in enumerate(rules)
    )
    symbols = "".join(_symbol(at, rule) for at, rule in enumerate(rules))
    return (
        f'<!DOCTYPE qgis><qgis version="3.0" labelsEnabled="{int(bool(label))}">'
        f'<renderer-v2 type="RuleRenderer"><rules key="root">{listed}</rules>'
        f"<symbols>{symbols}</symbols></renderer-v2>{_labelling(label) if label else ''}</qgis>"
    )


def _symbol(at: int, rule: _Rule) -> str:
    options = {
        "color": rule.fill,
        "style": "solid",
        "outline_color": rule.line,
        "outline_style": rule.style,
        "outline_width": f"{rule.width}",
    }
    inner = "".join(f'<Option name="{k}" type="QString" value="{v}"/>' for k, v in options.items())
    return (
        f'<symbol type="fill" name="{at}"><layer class="SimpleFill"><Option type="Map">{inner}</Option>'
        "</layer></symbol>"
    )


def _labelling(expression: str) -> str:
    return (
        f'<labeling type="simple"><settings><text-style fieldName={quoteattr(expression)} isExpression="1" '
        'fontSize="9" textColor="20,24,29,255"><text-buffer bufferDraw="1" bufferSize="1" '
        'bufferColor="255,255,255,255"/></text-style></settings></labeling>'
    )
