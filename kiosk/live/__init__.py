"""The running kiosk: the flow's effects carried out, and what the hall is told. No window here."""
