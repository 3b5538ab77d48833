"""What both programs with a window share: where they draw, their token, and the watchdog that ends them."""
