"""Draw the outputs of cells that only this project knows (entry point of MyST-NB)."""

import json
from typing import Any, ClassVar

from docutils import nodes

from mathforml.exercises import MIME as ANSWER
from mathforml.published import MIME as PUBLISHED
from mathforml.sphinx.answers import answer_record
from mathforml.sphinx.certificates import MIME as CERTIFICATE
from mathforml.sphinx.certificates import certificate
from mathforml.sphinx.published import published_record

MOVING = "application/vnd.mathforml.moving+json"


class moving_frames(nodes.General, nodes.Element):
    """The frames of a moving picture, where the cell left them."""


class Outputs:
    """Render the project's MIME types."""

    mime_priority_overrides: ClassVar[list[tuple[str, str, int | None]]] = [
        ("*", CERTIFICATE, 1),
        ("*", ANSWER, 1),
        ("*", PUBLISHED, 1),
    ]

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[nodes.Element] | None:
        """Return nodes for a MIME type of ours, None for all others."""
        if data.mime_type not in (MOVING, CERTIFICATE, ANSWER, PUBLISHED):
            return None
        content = data.content if isinstance(data.content, dict) else json.loads(data.content)
        if data.mime_type == CERTIFICATE:
            return [certificate(data=dict(content))]
        if data.mime_type == ANSWER:
            return [answer_record(data=dict(content))]
        if data.mime_type == PUBLISHED:
            return [published_record(data=dict(content))]
        return [moving_frames(key=content["name"], frames=dict(content))]
