"""Faults: how a reply goes wrong, one function each.

Law: a fault is told by its name in `FAULTS` and by nothing else; what it does is drawn from the chance that it is
given. It writes to the connection, and says whether the connection may serve again.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.endurance.replies import Reply

STALL = 2.5
"""Seconds for which a stalled reply is silent: longer than any client waits."""
PAGE = b"<html><body><h1>It works</h1></body></html>"
OTHER = b'{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"stolen"},"finish_reason":"stop"}]}'


async def right(reply: Reply) -> bool:
    """Say everything as it should be."""
    match reply.chance.randrange(4):
        case 0:
            await reply.head(content_length=str(len(reply.body)))
            await reply.say(reply.body)
        case 1:
            packed = gzip.compress(reply.body, 1)
            await reply.head(content_length=str(len(packed)), content_encoding="gzip")
            await reply.say(packed)
        case 2:  # lines and characters cut anywhere
            await reply.head(transfer_encoding="chunked")
            size = reply.chance.randrange(1, 60)
            await reply.chunks([reply.body[at : at + size] for at in range(0, len(reply.body), size)])
        case _:
            await reply.head(transfer_encoding="chunked")
            await reply.chunks(reply.frames)
    return True


async def until_closed(reply: Reply) -> bool:
    """End the body by closing, as HTTP/1.0 does."""
    await reply.say(b"HTTP/1.0 200 OK\r\ncontent-type: " + reply.kind.encode() + b"\r\n\r\n" + reply.body)
    return False


async def informed(reply: Reply) -> bool:
    """Say first that more will come."""
    await reply.say(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")
    return await right(reply)


async def cut_head(reply: Reply) -> bool:
    """Close inside of the head."""
    await reply.say(b"HTTP/1.1 200 OK\r\ncontent-ty"[: reply.chance.randrange(1, 29)])
    return False


async def cut_body(reply: Reply) -> bool:
    """Close inside of the body, in the middle of a frame."""
    await reply.head(transfer_encoding="chunked")
    await reply.chunks(reply.cut(), end=False)
    return False


async def reset(reply: Reply) -> bool:
    """Reset before the reply, or inside of it."""
    if reply.chance.random() < 0.6:
        await reply.head(transfer_encoding="chunked")
        await reply.chunks(reply.cut(), end=False)
    reply.reset()
    return False


async def silent(reply: Reply) -> bool:  # noqa: ARG001 - as all faults are called
    """Say nothing for long."""
    await asyncio.sleep(STALL)
    return False


async def stalled(reply: Reply) -> bool:
    """Say nothing for long in the middle."""
    await reply.head(transfer_encoding="chunked")
    await reply.chunks(reply.cut(), end=False)
    await asyncio.sleep(STALL)
    return False


async def pinging(reply: Reply) -> bool:
    """Say nothing but comments, for long; a reply that is no stream dribbles in."""
    await reply.head(transfer_encoding="chunked")
    await reply.chunks(reply.cut(), end=False)
    for _ in range(int(STALL / 0.1)):
        await reply.say(b"3\r\n:\n\n\r\n" if reply.kind == "text/event-stream" else b"1\r\n\n\r\n")
        await asyncio.sleep(0.1)
    return False


async def slow_head(reply: Reply) -> bool:
    """Let the head come byte by byte; now and then too slowly."""
    pause = reply.chance.choice((0.002, 0.002, 0.1))
    for byte in b"HTTP/1.1 200 OK\r\ncontent-type: " + reply.kind.encode() + b"\r\ntransfer-encoding: chunked\r\n\r\n":
        await reply.say(bytes([byte]))
        await asyncio.sleep(pause)
    await reply.chunks(reply.frames)
    return True


async def busy(reply: Reply) -> bool:
    """Refuse, with and without saying when to come back, in JSON or in words."""
    status = reply.chance.choice((429, 500, 502, 503, 504, 529))
    body = reply.chance.choice(
        (
            b"",
            PAGE,
            b"upstream connect error",
            json.dumps({"error": {"type": "overloaded_error", "code": "x", "message": "no"}}).encode(),
        )
    )
    waits: tuple[dict[str, str], ...] = (
        {},
        {"retry-after": "0"},
        {"retry-after": "0.02"},
        {"retry-after": "soon"},
        {"retry-after": "3600"},
        {"retry-after-ms": "15"},
    )
    refusal = replace(reply, headers=reply.chance.choice(waits))
    await refusal.head(status, content_length=str(len(body)))
    await reply.say(body)
    return True


async def refused(reply: Reply) -> bool:
    """Refuse for good."""
    body = json.dumps({"error": {"type": "invalid_request_error", "message": "no"}}).encode()
    await reply.head(reply.chance.choice((400, 401, 403, 404, 413, 422)), content_length=str(len(body)))
    await reply.say(body)
    return True


async def malformed(reply: Reply) -> bool:
    """Break one frame's JSON."""
    frames = list(reply.frames)
    at = reply.chance.randrange(len(frames))
    frames[at] = frames[at].replace(b"{", reply.chance.choice((b"{{", b"[", b"", b"\xff\xfe")), 1)
    await reply.head(transfer_encoding="chunked")
    await reply.chunks(frames)
    return True


async def page(reply: Reply) -> bool:
    """Answer with a page, and call it a success."""
    await replace(reply, headers={"content-type": "text/html"}).head(content_length=str(len(PAGE)))
    await reply.say(PAGE)
    return True


async def nothing(reply: Reply) -> bool:
    """Answer with an empty body, and call it a success."""
    await reply.head(reply.chance.choice((200, 204)), content_length="0")
    return True


async def moved(reply: Reply) -> bool:
    """Send the client elsewhere."""
    place = reply.chance.choice(("/elsewhere", "http://127.0.0.1:9/", "", "::", "//[", "?\x7f"))
    await reply.head(reply.chance.choice((301, 302, 303, 307, 308)), content_length="0", location=place)
    return True


async def bad_chunk(reply: Reply) -> bool:
    """Break the chunked encoding."""
    await reply.head(transfer_encoding="chunked")
    await reply.chunks(reply.cut(), end=False)
    await reply.say(
        reply.chance.choice(
            (b"zz\r\nabc\r\n", b"-1\r\n\r\n", b"5\r\nabcdefgh\r\n", b"f" * 30 + b"\r\n", b"\r\n\r\n", b"3 3\r\nabc\r\n")
        )
    )
    await reply.say(b"0\r\n\r\n")
    return False


async def bad_length(reply: Reply) -> bool:
    """Announce another length than comes."""
    size = len(reply.body)
    wrong = reply.chance.choice((size + 7, max(0, size - 7), -1, 10**30, "a", f"{size}, {size + 1}", " "))
    await reply.head(content_length=str(wrong))
    await reply.say(reply.body)
    return False


async def bad_gzip(reply: Reply) -> bool:
    """Cut a packed body, or pack nothing."""
    packed = gzip.compress(reply.body, 1)
    broken = reply.chance.choice(
        (packed[: reply.chance.randrange(len(packed))], b"\x1f\x8b\x08junk", reply.body, packed[:-8] + b"12345678")
    )
    await reply.head(content_length=str(len(broken)), content_encoding="gzip")
    await reply.say(broken)
    return True


async def unended(reply: Reply) -> bool:
    """End the body properly, without what says that the answer is complete."""
    frames = reply.frames[: -reply.wire.endings] if reply.streamed else reply.cut()
    await reply.head(transfer_encoding="chunked")
    await reply.chunks(frames)
    return True


async def ended_twice(reply: Reply) -> bool:
    """Say the end again, or all of it."""
    again = reply.frames if reply.wire.final and reply.chance.random() < 0.3 else reply.frames[-reply.wire.endings :]
    await reply.head(transfer_encoding="chunked")
    await reply.chunks([*reply.frames, *again] if reply.streamed else reply.frames)
    return True


async def half_closed(reply: Reply) -> bool:
    """Close one direction only, inside of the body."""
    await reply.head(transfer_encoding="chunked")
    await reply.chunks(reply.cut(), end=False)
    reply.writer.write_eof()
    await asyncio.sleep(0.2)
    return False


async def poisoned(reply: Reply) -> bool:
    """Say another answer behind the reply, which nobody asked for."""
    await reply.head(content_length=str(len(reply.body)))
    stolen = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(OTHER), OTHER)
    await reply.say(reply.body + stolen)
    return True


async def huge_head(reply: Reply) -> bool:
    """Send more head than anybody takes."""
    await reply.say(b"HTTP/1.1 200 OK\r\n" + b"x-pad: " + b"a" * 400_000 + b"\r\n\r\n" + reply.body)
    return False


async def no_http(reply: Reply) -> bool:
    """Speak something else."""
    await reply.say(
        reply.chance.choice(
            (
                b"\x00" * 40,
                b"SSH-2.0-x\r\n",
                b"HTTP/9.9 999 X\r\n\r\n",
                b"HTTP/1.1 abc\r\n\r\n",
                b"\x15\x03\x01\x00\x02\x02\x16",
            )
        )
    )
    return False


async def failed_inside(reply: Reply) -> bool:
    """Report an error inside of a success."""
    error = json.dumps(
        {"type": "error", "error": {"type": "overloaded_error", "code": "server_error", "message": "no"}}
    ).encode()
    piece = error + b"\n" if reply.kind != "text/event-stream" else b"event: error\ndata: " + error + b"\n\n"
    frames = [*reply.frames[: reply.chance.randrange(len(reply.frames))], piece] if reply.streamed else [error]
    await reply.head(transfer_encoding="chunked")
    await reply.chunks(frames)
    return True


Fault: TypeAlias = "Callable[[Reply], Awaitable[bool]]"

HARMLESS: tuple[Fault, ...] = (until_closed, informed)
FAULTS: tuple[Fault, ...] = (
    cut_head, cut_body, reset, silent, stalled, pinging, slow_head, busy, busy, busy, refused, malformed, page, nothing,
    moved, bad_chunk, bad_length, bad_gzip, unended, ended_twice, half_closed, poisoned, huge_head, no_http,
    failed_inside,
)  # fmt: skip
"""What may go wrong; storms come from `busy` being there more than once."""
