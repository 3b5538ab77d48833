"""What one citizen's phone sees. Pure."""

from __future__ import annotations

from server import protocol as p
from server.hall.state import Ticket
from server.hall.views.moment import Moment


def ticket(at: Moment, ticket: Ticket) -> p.TicketView:
    """What a citizen's phone shows of one number."""
    return p.TicketView(
        number=ticket.number,
        area=ticket.area,
        state=ticket.state,
        ahead=at.order.ahead(ticket, at.desks_open(ticket.area)) if ticket.state == "waiting" else None,
        desk=ticket.desk,
    )
