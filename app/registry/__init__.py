"""What the service itself knows of a card account (登记簿): letters issued, events told, objections, agreements.

`known.py` is the knowledge as plain data, which the gate looks at; `accounts.py` and `gathered.py` take it from the
database; `delivery.py` follows letters on their way, `objections.py` and `agreements.py` objections and agreements on
theirs; `stamps.py` keeps who agreed to which uses of the stamp, and counts them.
An account is found by a keyed token of its number; nobody's name, number or address is kept in the clear.
"""

from app.registry.accounts import Registry
from app.registry.agreed import Paid, Returned, Signature
from app.registry.agreements import Agreements
from app.registry.delivery import Deliveries, ToldMove
from app.registry.known import Agreement, Authorisation, Event, Known, Letter, Objection
from app.registry.objections import Objections, Received
from app.registry.stamps import Stamps, Terms

__all__ = [
    "Agreement",
    "Agreements",
    "Authorisation",
    "Deliveries",
    "Event",
    "Known",
    "Letter",
    "Objection",
    "Objections",
    "Paid",
    "Received",
    "Registry",
    "Returned",
    "Signature",
    "Stamps",
    "Terms",
    "ToldMove",
]
