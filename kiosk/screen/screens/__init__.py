"""One module a screen: `draw(paint, kiosk)` says what stands where. What is decided stands in `kiosk/flow`."""
