"""The files of a pattern such as `clips/*.mp4`: pictures, or videos one after the other."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from signs_edge.edge.errors import SourceError
from signs_edge.edge.frame import Frame
from signs_edge.edge.sources.pictures import is_picture, labelled_picture, picture_frames
from signs_edge.edge.sources.request import Frames, SourceRequest
from signs_edge.edge.sources.video import open_video


def open_pattern(request: SourceRequest) -> Frames | None:
    """Open the files of a pattern; None where no file matches, or a file of that very name exists."""
    pattern = request.source
    if request.mode is not None or not glob.has_magic(pattern):
        return None
    matches = [Path(match) for match in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 (absolute ones too)
    if not matches:
        return None
    files = [path for path in matches if path.is_file()]
    pictures = [path for path in files if is_picture(path)]
    if pictures:
        labelled = (labelled_picture(path) for path in pictures)
        return request.played(picture_frames(labelled, f"pattern {pattern!r}", request.stopped))
    if not files:
        raise SourceError(f"pattern {pattern!r} matches folders alone: give one for files, such as 'clips/*.mp4'")
    with open_video(files[0], request.stopped, request.notice, request.allowed) as (_clip, rate):
        pass  # the others are taken to have the first one's rate
    return request.played(_videos(files, request), rate)


def _videos(files: list[Path], request: SourceRequest) -> Iterator[Frame]:
    index = 0
    for path in files:
        with open_video(path, request.stopped, request.notice, request.allowed) as (clip, _rate):
            for frame in clip:
                yield replace(frame, index=index)
                index += 1
