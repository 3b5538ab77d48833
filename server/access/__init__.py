"""Who may come in: people, devices, PINs, and the keys that no copy takes along."""
