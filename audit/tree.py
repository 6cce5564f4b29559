"""The Merkle tree over all entries, as in RFC 6962 section 2.1 (哈希树).

A frontier (compact range) holds the roots of the perfect subtrees that make up a log of one size: enough to append
and to give the root. Subtrees 256 leaves wide, then 256 of those, are kept as rows; from them and the leaf hashes any
old root and any inclusion proof is had with a few short reads.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH_BITS = 8  # a kept row stands for 2^8 rows of the level below; level 0 are the leaf hashes
EMPTY = hashlib.sha256(b"").digest()

# nodes(level, first, count): `count` hashes of that level from position `first`, in order.
Nodes = Callable[[int, int, int], Sequence[bytes]]


@dataclass(frozen=True)
class Subtree:
    """A perfect subtree just completed: it covers leaves `position << height` to the next."""

    height: int
    position: int
    hash: bytes


@dataclass(frozen=True)
class Frontier:
    """The perfect subtrees of a log of `size` leaves, the largest (leftmost) first: one for each 1 bit of the size."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def add(self, leaf: bytes) -> "tuple[Frontier, list[Subtree]]":
        """One leaf hash more; also the subtrees that it completed, the smallest first."""
        hashes, node, height = list(self.hashes), leaf, 0
        completed = []
        while self.size >> height & 1:
            node, height = node_hash(hashes.pop(), node), height + 1
            completed.append(Subtree(height, self.size >> height, node))
        return Frontier(self.size + 1, (*hashes, node)), completed

    def root(self) -> bytes:
        return _join(self.hashes) if self.hashes else EMPTY

    def to_bytes(self) -> bytes:
        return b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> "Frontier":
        hashes = tuple(data[start : start + 32] for start in range(0, len(data), 32))
        if len(data) != 32 * size.bit_count():
            raise ValueError("a frontier has one hash for each 1 bit of its size")
        return cls(size, hashes)


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of an entry's bytes: both its place in the tree and its link in the chain."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def frontier(nodes: Nodes, size: int) -> Frontier:
    """The frontier that the log had at this size."""
    return Frontier(size, tuple(_perfect_parts(nodes, 0, size)))


def inclusion(nodes: Nodes, seq: int, size: int) -> list[bytes]:
    """The audit path of leaf `seq` in the tree of `size` leaves (RFC 6962 2.1.1), from the leaf upwards."""
    if not 0 <= seq < size:
        raise ValueError("the leaf is not in a tree of this size")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        if seq < middle:
            path.append(_join(_perfect_parts(nodes, middle, end)))
            end = middle
        else:
            path.append(_join(_perfect_parts(nodes, start, middle)))
            start = middle
    return path[::-1]


def included(leaf: bytes, seq: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path proves that `leaf` is number `seq` of the tree with this size and root (RFC 9162 2.1.3.2)."""
    if not 0 <= seq < size:
        return False
    node, index, last = leaf, seq, size - 1
    for sibling in path:
        if last == 0:
            return False
        if index & 1 or index == last:
            node = node_hash(sibling, node)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and node == root


def _perfect_parts(nodes: Nodes, start: int, end: int) -> list[bytes]:
    """Hashes of the perfect subtrees that make up [start, end), which begins where a larger subtree would."""
    parts = []
    for height in reversed(range((end - start).bit_length())):
        if (end - start) >> height & 1:
            parts.append(_perfect(nodes, height, start >> height))
            start += 1 << height
    return parts


def _perfect(nodes: Nodes, height: int, position: int) -> bytes:
    level, steps = divmod(height, WIDTH_BITS)
    row = list(nodes(level, position << steps, 1 << steps))
    if len(row) != 1 << steps:
        raise ValueError("the tree has holes")
    for _ in range(steps):
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]


def _join(parts: Sequence[bytes]) -> bytes:
    node = parts[-1]
    for left in reversed(parts[:-1]):
        node = node_hash(left, node)
    return node
