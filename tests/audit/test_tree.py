"""The tree against RFC 6962's own vectors and against its definition, written out recursively."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import tree, verify

# Inputs and roots of the Certificate Transparency reference implementation.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [hashlib.sha256(b"\x00%d" % number).digest() for number in range(600)]


def reference_root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962 2.1, over leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + reference_root(leaves[:k]) + reference_root(leaves[k:])).digest()


def reference_path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 6962 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*reference_path(m, leaves[:k]), reference_root(leaves[k:])]
    return [*reference_path(m - k, leaves[k:]), reference_root(leaves[:k])]


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def grow(leaves: Sequence[bytes]) -> tuple[tree.Frontier, tree.Nodes]:
    """The frontier, and the rows that a database would keep."""
    rows: dict[int, list[bytes]] = {0: list(leaves)}
    frontier = tree.Frontier()
    for leaf in leaves:
        frontier, completed = frontier.add(leaf)
        for subtree in completed:
            if subtree.height % tree.WIDTH_BITS == 0:
                row = rows.setdefault(subtree.height // tree.WIDTH_BITS, [])
                assert len(row) == subtree.position
                row.append(subtree.hash)
    return frontier, lambda level, first, count: rows.get(level, [])[first : first + count]


def test_roots_are_those_of_the_reference_implementation() -> None:
    leaves = [tree.leaf_hash(bytes.fromhex(text)) for text in INPUTS]

    assert [grow(leaves[:size])[0].root().hex() for size in range(1, 9)] == ROOTS
    assert tree.Frontier().root().hex() == hashlib.sha256(b"").hexdigest()


def test_every_root_up_to_300_is_the_recursive_one_by_three_ways() -> None:
    frontier, nodes = grow(LEAVES[:300])
    growing, folding = tree.Frontier(), verify.Tree()
    for size in range(301):
        expected = reference_root(LEAVES[:size])
        assert growing.root() == expected
        assert tree.frontier(nodes, size) == growing
        assert folding.root() == expected
        growing, _ = growing.add(LEAVES[size])
        folding.add(LEAVES[size])
    assert frontier == tree.frontier(nodes, 300)


@pytest.mark.parametrize("size", [*range(1, 40), 63, 64, 65, 255, 256, 257, 300])
def test_every_inclusion_proof_is_the_recursive_one_and_verifies(size: int) -> None:
    frontier, nodes = grow(LEAVES[:size])
    for seq in range(size) if size < 40 else {0, 1, size // 2, size - 2, size - 1}:
        path = tree.inclusion(nodes, seq, size)
        assert path == reference_path(seq, LEAVES[:size])
        assert tree.included(LEAVES[seq], seq, size, path, frontier.root())
        assert verify._root_by_path(LEAVES[seq], seq, size, path) == frontier.root()


@settings(max_examples=200)
@given(st.integers(1, 300), st.data())
def test_a_proof_proves_nothing_else(size: int, data: st.DataObject) -> None:
    seq = data.draw(st.integers(0, size - 1))
    frontier, nodes = grow(LEAVES[:size])
    path, root = tree.inclusion(nodes, seq, size), frontier.root()
    other = data.draw(st.integers(0, size + 3).filter(lambda number: number != seq))

    wrong = [
        (LEAVES[400], seq, size, path),
        (LEAVES[seq], seq, size, [*path, LEAVES[400]]),
        (LEAVES[seq], other, size, path),
        (LEAVES[seq], -1, size, path),
    ]
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        wrong += [
            (LEAVES[seq], seq, size, path[:-1]),
            (LEAVES[seq], seq, size, [*path[:at], LEAVES[401], *path[at + 1 :]]),
        ]
    for leaf, place, count, steps in wrong:
        assert not tree.included(leaf, place, count, steps, root)
        assert verify._root_by_path(leaf, place, count, steps) != root


def test_a_proof_for_a_leaf_outside_the_tree_is_refused() -> None:
    _, nodes = grow(LEAVES[:5])
    with pytest.raises(ValueError, match="not in a tree"):
        tree.inclusion(nodes, 5, 5)


def test_a_tree_with_holes_is_refused() -> None:
    with pytest.raises(ValueError, match="holes"):
        tree.frontier(lambda _level, _first, _count: [], 300)


def test_a_frontier_is_kept_as_bytes_and_refused_when_it_does_not_fit_its_size() -> None:
    frontier, _ = grow(LEAVES[:300])

    assert tree.Frontier.from_bytes(300, frontier.to_bytes()) == frontier
    with pytest.raises(ValueError, match="1 bit"):
        tree.Frontier.from_bytes(301, frontier.to_bytes())


@pytest.mark.parametrize("size", [4095, 4096, 4097, 8193])
def test_the_verifier_folds_blocks_to_the_same_root(size: int) -> None:
    folding, growing = verify.Tree(), tree.Frontier()
    for number in range(size):
        leaf = LEAVES[number % 600]
        folding.add(leaf)
        growing, _ = growing.add(leaf)

    assert folding.root() == growing.root()
