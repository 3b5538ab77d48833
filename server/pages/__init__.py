"""What a browser gets by HTTP."""
