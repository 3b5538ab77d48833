"""From a number to the paper in the hand."""
