"""What may lie below the areas: pictures whose size is read from their first bytes, or refused."""

from __future__ import annotations

import struct

import pytest

from hotspots.errors import InputError, ParameterError
from hotspots.pages import map_below


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def jpeg(*, start_of_frame: int = 0xC0) -> bytes:
    """Write the head of a JPEG of 7 by 5 pixels: ITU-T T.81, B.2; height stands before width."""
    frame = struct.pack(">BHHB", 8, 5, 7, 1) + bytes([1, 0x11, 0])
    # Tables of Huffman codes and of arithmetic conditioning, marked C4 and CC, are no frames.
    tables = segment(0xC4, bytes(17)) + segment(0xCC, bytes(2))
    head = segment(0xE0, b"JFIF\0\1\2" + bytes(7)) + segment(0xFE, b"a comment")
    return b"\xff\xd8" + head + tables + segment(start_of_frame, frame) + b"\xff\xd9" + bytes(9)


def png() -> bytes:
    """Write the head of a PNG of 7 by 5 pixels: width stands before height."""
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 7, 5, 8, 2, 0, 0, 0)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("map.png", png(), "png"),
        ("map.jpg", jpeg(), "jpeg"),
        ("map.jpeg", jpeg(start_of_frame=0xC2), "jpeg"),
    ],
)
def test_the_size_is_the_one_with_which_it_was_made(tmp_path, name, content, kind):
    path = tmp_path / name
    path.write_bytes(content)
    path.with_suffix({"png": ".pgw", "jpeg": ".jgw"}[kind]).write_text("100\n0\n0\n-100\n435000\n337000\n")
    found = map_below.read_backdrop(path)
    assert found["size"] == [7, 5] and found["image"].startswith(f"data:image/{kind};base64,")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("map.jpg", jpeg()[:60], "is a damaged JPEG: save it again"),
        ("map.png", b"GIF89a" + bytes(20), "is neither PNG nor JPEG inside"),
        ("map.png", bytes(map_below.LARGEST_RASTER + 1), "6,000,001 bytes: use at most 6,000,000"),
    ],
)
def test_another_picture_is_refused_before_any_work(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    for end in (".pgw", ".jgw"):
        path.with_suffix(end).touch()
    with pytest.raises(InputError, match=rf"{path.name}.* {said}"):
        map_below.check_layers(backdrop=path, tiles=None, context=None)


def test_tiles_and_context_are_looked_at_before_any_work(tmp_path):
    map_below.check_layers(backdrop=None, tiles=None, context=None)
    with pytest.raises(ParameterError, match="must be an address"):
        map_below.check_layers(backdrop=None, tiles="tiles", context=None)
    with pytest.raises(InputError, match=r"none\.gpkg"):
        map_below.check_layers(backdrop=None, tiles=None, context=tmp_path / "none.gpkg")
