"""What the rest of the book stands on."""
