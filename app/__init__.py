"""Duly 函正: the document service. Rooms in here are told apart in README.md.

This file stays empty, because importing any room runs it: were the wiring here, `import app.text` would load them all
and every knot between them would hide. `create_app` is in `application.py`.
"""
