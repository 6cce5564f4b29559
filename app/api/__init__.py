"""HTTP: strict JSON in, problem documents out, every route guarded by roles.

`problems.py` turns errors into answers, `guard.py` keys into callers, `strict.py` bodies into data. `openapi.py`
describes it all, with `answers.py` (what can come back), `schemas.py` and `components.py`. The others are the routes.
"""
