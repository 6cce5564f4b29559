"""The audit log (审计日志): it proves what the house did. FORMAT.md says how, byte by byte.

Nothing here knows the service: `log` needs a database connection, `keeper` a folder, and `verify.py` only Python.
"""
