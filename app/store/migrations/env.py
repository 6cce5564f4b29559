"""Alembic's entry: it runs inside a connection that `app.store.schema` hands over."""

from alembic import context

from app.store.models import Base
from audit import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=[Base.metadata, tables.metadata],
    render_as_batch=True,
)
context.run_migrations()
