"""/v1/schedules: what a repayment plan comes to, row by row (还款计划试算). Nothing is made, kept or logged."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from app import facts, schedule
from app.api.guard import roles
from app.api.strict import StrictParser
from app.facts.plan import MOST
from app.wording import canonical


class ScheduleRow(Schema):
    number = fields.Integer(required=True, metadata={"minimum": 1})
    due_on = fields.Date(required=True)
    amount = fields.String(required=True)
    principal = fields.String(required=True)
    charge = fields.String(required=True, metadata={"description": "利息"})
    balance_after = fields.String(required=True)


class ScheduleSchema(Schema):
    """A plan, computed. It binds nobody."""

    currency = fields.String(required=True)
    rows = fields.List(fields.Nested(ScheduleRow), required=True, validate=validate.Length(1, MOST))
    amount = fields.String(required=True, metadata={"description": "各期还款之和"})
    charge = fields.String(required=True, metadata={"description": "各期利息之和"})
    simple_percent = fields.String(required=True, metadata={"description": "年化利率（单利）"})
    internal_percent = fields.String(required=True, metadata={"description": "年化内部收益率（复利）"})


def blueprint() -> Blueprint:
    routes = Blueprint("schedules", __name__, url_prefix="/v1/schedules", description="Compute repayment plans")
    routes.ARGUMENTS_PARSER = StrictParser()

    @routes.route("", methods=["POST"], endpoint="compute")
    @roles("upstream", "compliance", "counsel")
    @routes.arguments(facts.RepaymentPlan, example=facts.SAMPLE_PLAN)
    @routes.response(200, ScheduleSchema)
    @routes.doc(operationId="compute_schedule")
    def compute(loaded: dict[str, Any]) -> Any:
        """Compute a plan; rows that are sent along must be the same to the cent."""
        plan, currency = schedule.plan_of(loaded), loaded["currency"]
        rows = schedule.rows(plan)
        return {
            "currency": currency,
            "rows": [_row(row, currency) for row in rows],
            "amount": canonical(sum(row.amount for row in rows[1:]) + rows[0].amount, currency),
            "charge": canonical(sum(row.charge for row in rows[1:]) + rows[0].charge, currency),
            "simple_percent": str(schedule.simple_percent(plan, rows)),
            "internal_percent": str(schedule.internal_percent(plan, rows)),
        }

    return routes


def _row(row: schedule.Row, currency: str) -> dict[str, Any]:
    money = {
        name: canonical(getattr(row, name), currency) for name in ("amount", "principal", "charge", "balance_after")
    }
    return {"number": row.number, "due_on": row.due_on, **money}
