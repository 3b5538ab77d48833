"""What both Kivy programs share: their place on the screen, and the watchdog that ends them."""
