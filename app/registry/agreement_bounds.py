"""What keeps an agreement from going on, as it stands in the transaction of whoever asks.

Another agreement that binds, a first instalment whose day has gone by, a scan that is another paper's, an objection
that is none of the account's; and days on which what was agreed does not bear the move.
"""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreement import BROKEN, COPY, CURED, DEFAULTED, NAMES, PROMISE, SCAN, STATES, STOPPING, Move
from app.errors import IllegalAgreement, InvalidRequest
from app.objection import OPEN
from app.registry.agreed import Returned
from app.store.models import AgreementRow, FileRow, ObjectionRow


def require_alone(session: Session, row: AgreementRow) -> None:
    """Nobody performs two plans of one debt; a promise, which binds the debtor alone, stands beside any."""
    others = select(AgreementRow).where(
        AgreementRow.account_id == row.account_id,
        AgreementRow.id != row.id,
        AgreementRow.type != PROMISE,
        AgreementRow.state.in_(STOPPING),
    )
    other = session.scalar(others.limit(1))
    if row.type != PROMISE and other is not None:
        standing = f"该账户另有{NAMES[other.type]}（{STATES[other.state]}）"
        why = f"{standing}，在其终止、违约或者履行完毕之前，不能再有一份生效"
        raise IllegalAgreement({"_schema": [why]})


def require_in_time(row: AgreementRow, on: date) -> None:
    """Of what was issued and not paid on yet: what is in default on the day of its signing is no agreement."""
    if row.next_on and row.next_on < on:
        raise IllegalAgreement({"_schema": [f"首期还款日（{row.next_on}）已过，请重新出具"]})


def require_own_scan(session: Session, row: AgreementRow, returned: Returned) -> None:
    """A scan is a file of its own: none of ours, and no other agreement's."""
    if returned.means != SCAN:
        return
    ours = select(FileRow.sha256).where(FileRow.sha256 == returned.sha256)
    others = select(AgreementRow.id).where(AgreementRow.executed_sha256 == returned.sha256, AgreementRow.id != row.id)
    if session.scalar(ours.limit(1)) is not None:
        raise InvalidRequest({"sha256": ["是本系统出具的文件的摘要，不是扫描件的"]})
    if session.scalar(others) is not None:
        raise InvalidRequest({"sha256": ["此文件已用于另一份承诺或者协议"]})


def require_told_dispute(session: Session, row: AgreementRow, returned: Returned) -> None:
    """What the cardholder disputes on the paper is an objection of the account: open, or told since the paper's day."""
    if not returned.objection:
        return
    found = session.get(ObjectionRow, returned.objection)
    if found is None or found.account_id != row.account_id:
        raise InvalidRequest({"objection": ["不是该账户的异议"]})
    if found.state not in OPEN and found.received_on < row.agreed_on:
        raise InvalidRequest({"objection": ["该异议早于文书日期，且已经处理完毕，请另行登记"]})


def since(row: AgreementRow) -> date:
    """The day before which nothing more can happen."""
    return date.fromisoformat(row.moves[-1]["on"]) if row.moves else row.agreed_on


def premature(row: AgreementRow, move: Move, on: date, today: date) -> tuple[str, str] | None:
    """The field at fault and why, when what was agreed does not bear the move on that day."""
    if move.to in (DEFAULTED, BROKEN) and (row.defaults_on is None or on < row.defaults_on):
        first = f"最早为{row.defaults_on}" if row.defaults_on else "各期均已还清"
        return "on", f"当日没有达到约定的条件，{first}"
    if move.reason == CURED and row.next_on and row.next_on < today:
        return "reason", "逾期各期尚未补足"
    return None


def untimely(row: AgreementRow, move: Move, on: date, today: date) -> dict[str, list[str]]:
    wrong = {}
    if not since(row) <= on <= today:
        wrong["on"] = ["早于上一步，或者晚于当日"]
    if move.reason == COPY and not (row.executed_on or row.agreed_on) <= (move.copy_delivered_on or today) <= today:
        wrong["copy_delivered_on"] = ["早于签署之日，或者晚于当日"]
    return wrong
