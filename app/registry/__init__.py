"""What the service itself knows of a card account (登记簿): letters issued, events told, objections, agreements.

`known.py` is the knowledge as plain data, which the gate looks at; `accounts.py` gathers it from the database;
`delivery.py` follows letters on their way, `objections.py` objections on theirs; `stamps.py` keeps who agreed to which
uses of the stamp, and counts them.
An account is found by a keyed token of its number; nobody's name, number or address is kept in the clear.
"""

from app.registry.accounts import Registry
from app.registry.delivery import Deliveries, ToldMove
from app.registry.known import Authorisation, Event, Known, Letter, Objection
from app.registry.objections import Objections, Received
from app.registry.stamps import Stamps, Terms

__all__ = [
    "Authorisation",
    "Deliveries",
    "Event",
    "Known",
    "Letter",
    "Objection",
    "Objections",
    "Received",
    "Registry",
    "Stamps",
    "Terms",
    "ToldMove",
]
