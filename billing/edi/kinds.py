"""What kind of file this is, by its first transaction set, without reading on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from billing.edi.claim_status.status import status_kind
from billing.edi.envelope import Transaction, transactions
from billing.edi.segments import CHUNK, Source

_BY_FUNCTIONAL_GROUP = {"FA": "999", "HB": "271", "HS": "270", "HC": "837", "HN": "277", "HP": "835"}


def kind_of(source: Source) -> str:
    """``835``, ``999``, ``997``, ``TA1``, ``277CA``, ``277``, ``271`` ...: ST01, except that a 277 is told apart.

    Where an ST was lost the functional group tells. Empty when there is no transaction set within the first
    64 KiB, such as in what is no X12. No more than that is read of ``source``, so an opened file has to be
    wound back before it is read.
    """
    for transaction in transactions(_head(source), []):
        of_group = _BY_FUNCTIONAL_GROUP.get(transaction.group.functional_id, "") if transaction.group else ""
        kind = transaction.set_id or of_group
        if kind == "277":
            return status_kind(transaction.version, _structure(transaction))
        if kind:
            return kind
    return ""


def _head(source: Source) -> Source:
    if isinstance(source, bytes | bytearray | str):
        return source[:CHUNK]
    if isinstance(source, Iterable) and not hasattr(source, "read"):
        return _first_chunks(source)
    return _first_chunks([source.read(CHUNK)])


def _first_chunks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    length = 0
    for chunk in chunks:
        yield chunk
        length += len(chunk)
        if length >= CHUNK:
            return


def _structure(transaction: Transaction) -> str:
    """BHT01, which stands right behind the ST."""
    begin = next((segment for segment in islice(transaction.segments, 2) if segment.id == "BHT"), None)
    return begin.element(1) if begin else ""
