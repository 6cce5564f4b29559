"""LibreOffice reaches no network where this machine offers a way, and a way that does not hold is not believed."""

import os
import socket
from pathlib import Path

import pytest

from app.convert import Pool
from app.isolation import NONE, WAYS, Isolation, best_isolation, first_that_holds, holds
from tests.app.convert.conftest import soffice_of

HERE = pytest.mark.skipif(best_isolation() is NONE, reason="this machine offers no way; `make doctor` says so")


@pytest.mark.parametrize("prefix", [(), ("env", "--"), ("nice",)])
def test_a_way_that_lets_the_network_through_is_not_believed(prefix: tuple[str, ...]) -> None:
    assert not holds(Isolation("hope", prefix))


@pytest.mark.parametrize("prefix", [("no-such-program",), ("false",)])
def test_a_way_that_runs_nothing_is_not_believed(prefix: tuple[str, ...]) -> None:
    assert not holds(Isolation("hope", prefix))


def test_where_no_way_holds_there_is_none() -> None:
    assert first_that_holds((Isolation("hope", ("env",)),)) == NONE


@HERE
def test_the_first_way_that_holds_is_taken() -> None:
    assert first_that_holds((Isolation("hope", ("env",)), *WAYS)) in WAYS


@HERE
@pytest.mark.office
def test_soffice_lives_in_a_network_of_its_own_in_which_nothing_is_up(pool: Pool) -> None:
    soffice = soffice_of(pool)
    devices = Path(f"/proc/{soffice}/net/dev").read_text().splitlines()[2:]

    assert Path(f"/proc/{soffice}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()
    assert {line.split(":")[0].strip() for line in devices} <= {"lo", "tunl0", "sit0", "ip6tnl0", "gre0", "erspan0"}
    assert Path(f"/proc/{soffice}/net/route").read_text().count("\n") <= 1
    assert os.getpid() != soffice
    assert socket.if_nameindex()
