"""HTTP: strict JSON in, problem documents out, every route guarded by roles.

`problems.py` turns errors into answers, `guard.py` keys into callers, `strict.py` bodies into data; the other modules
are the routes.
"""
