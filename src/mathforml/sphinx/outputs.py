"""Draw the outputs of cells that only this project knows (entry point of MyST-NB)."""

from typing import Any


class Outputs:
    """Render the project's MIME types."""

    mime_priority_overrides: list[tuple[str, str, int | None]] = []

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[Any] | None:
        """Return nodes for a MIME type of ours, None for all others."""
        return None
