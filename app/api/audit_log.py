"""/v1/audit: the log for those who check it. Its entries hold nothing personal, but who asked for how much is business.

A compliance key reads the entries of its own organisation. The whole log, which alone can be verified, goes to `admin`:
the role of whoever runs this installation. A checkpoint tells only size and root, and any key may keep one, for it
holds us to what we said.
"""

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from flask import g, send_file
from flask_smorest import Blueprint

from app.api import schemas
from app.api.guard import house, roles
from app.api.strict import StrictParser
from app.store.api_keys import ROLES


def blueprint() -> Blueprint:
    routes = Blueprint("audit", __name__, url_prefix="/v1/audit", description="The hash-chained log")
    routes.ARGUMENTS_PARSER = StrictParser()

    @routes.route("/entries", methods=["GET"], endpoint="entries")
    @roles("compliance", "admin")
    @routes.arguments(schemas.EntriesQuery, location="query", as_kwargs=True)
    @routes.response(200, schemas.EntriesPage)
    @routes.doc(operationId="read_entries")
    def entries(start: int, limit: int) -> Any:
        """Entries in order, each as the exact bytes that were hashed: all for `admin`, else the organisation's own."""
        found = house().entries(start, limit, None if g.caller.role == "admin" else g.caller.organisation)
        shown = [{"seq": seq, "entry_hash": digest, "entry": leaf.decode()} for seq, leaf, digest in found]
        return {"entries": shown, "next": found[-1][0] + 1 if len(found) == limit else None}

    @routes.route("/checkpoint", methods=["GET"], endpoint="checkpoint")
    @roles(*ROLES)
    @routes.response(200, schemas.CheckpointSchema)
    @routes.doc(operationId="read_checkpoint")
    def checkpoint() -> Any:
        """A signed checkpoint that covers every entry so far. Keep it elsewhere: it is what a cut-off tail betrays."""
        return {"checkpoint": house().cover_all(), "vkey": house().vkey}

    @routes.route("/export", methods=["GET"], endpoint="export")
    @roles("admin")
    @routes.response(200, schemas.BYTES, content_type="application/zip", headers=schemas.DOWNLOADED)
    @routes.doc(operationId="export_log")
    def export() -> Any:
        """The whole log, for `admin` alone: entries.jsonl, checkpoint, keys.json, manifest.json for audit/verify.py."""
        with tempfile.TemporaryDirectory(dir=house().steps.work) as folder:
            house().export(Path(folder) / "export")
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                for path in sorted((Path(folder) / "export").iterdir()):
                    archive.write(path, path.name)
        packed.seek(0)
        # Whole or not at all: every export is another one, and a range of it is a range of nothing.
        return send_file(
            packed, "application/zip", as_attachment=True, download_name="audit-export.zip", conditional=False
        )

    return routes
