"""/v1/audit: the log for those who check it. Its entries hold nothing personal."""

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from flask import send_file
from flask_smorest import Blueprint

from app.api import schemas
from app.api.guard import house, roles
from app.api.strict import StrictParser

CHECKERS = ("compliance", "admin")


def blueprint() -> Blueprint:
    routes = Blueprint("audit", __name__, url_prefix="/v1/audit", description="The hash-chained log")
    routes.ARGUMENTS_PARSER = StrictParser()

    @routes.route("/entries", methods=["GET"], endpoint="entries")
    @roles(*CHECKERS)
    @routes.arguments(schemas.EntriesQuery, location="query", as_kwargs=True)
    @routes.response(200, schemas.EntriesPage)
    def entries(start: int, limit: int) -> Any:
        """Entries in order, each as the exact bytes that were hashed."""
        found = house().entries(start, limit)
        shown = [{"seq": seq, "entry_hash": digest, "entry": leaf.decode()} for seq, leaf, digest in found]
        return {"entries": shown, "next": found[-1][0] + 1 if len(found) == limit else None}

    @routes.route("/checkpoint", methods=["GET"], endpoint="checkpoint")
    @roles(*CHECKERS)
    @routes.response(200, schemas.CheckpointSchema)
    def checkpoint() -> Any:
        """A signed checkpoint that covers every entry so far. Keep it elsewhere: it is what a cut-off tail betrays."""
        return {"checkpoint": house().cover_all(), "vkey": house().vkey}

    @routes.route("/export", methods=["GET"], endpoint="export")
    @roles(*CHECKERS)
    @routes.response(200, {"type": "string", "format": "binary"}, content_type="application/zip")
    def export() -> Any:
        """The whole log as a zip of entries.jsonl, checkpoint, keys.json and manifest.json, for audit/verify.py."""
        with tempfile.TemporaryDirectory(dir=house().steps.work) as folder:
            house().export(Path(folder) / "export")
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                for path in sorted((Path(folder) / "export").iterdir()):
                    archive.write(path, path.name)
        packed.seek(0)
        return send_file(packed, "application/zip", as_attachment=True, download_name="audit-export.zip")

    return routes
