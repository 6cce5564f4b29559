"""What the service itself knows of a card account (登记簿): letters issued, events told, objections, agreements.

`known.py` is the knowledge as plain data, which the gate looks at; `accounts.py` gathers it from the database.
An account is found by a keyed token of its number; nobody's name, number or address is kept in the clear.
"""

from app.registry.accounts import Registry
from app.registry.known import Authorisation, Event, Known, Letter, Objection

__all__ = ["Authorisation", "Event", "Known", "Letter", "Objection", "Registry"]
