"""Synthetic people, accounts and debts. Nobody here exists; every checksum holds."""
