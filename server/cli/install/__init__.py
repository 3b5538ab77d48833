"""Starting by itself: Linux, Windows, and the way back."""
