"""What the service keeps, and how all kinds of it are asked for: by name, page by page, and to be deleted.

Law: one exchange each, but for a list, which is one for each page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt
from chat_gemini.sending import PAGE, gone, listed, object_of, page_of, text_of, wire_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat_core.codec.effects import Flow
    from chat_core.codec.wire import WireResponse
    from chat_core.flow.service import Operation, Service
    from chat_core.jsonvalue import JSONObject
    from chat_core.parts import Meta
    from chat_gemini.sending import Page, Sender

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Generic[T]):
    """One kind of things that the service keeps.

    Attributes:
        path: the collection, such as `files`.
        sender: returns the provider of a client, or refuses one that has no such things.
        read: reads what is said about one.
        whole: returns the whole name of one.
        key: the member of a page that holds the things; `None` = called as the collection.
        page: most things that a page can have.
    """

    path: str
    sender: Callable[[Service], Sender]
    read: Callable[[Sender, JSONObject], T]
    whole: Callable[[str], str] = str
    key: str | None = None
    page: int = PAGE

    def get(self, name: str) -> Operation[T]:
        """Ask about one by its name."""

        def operation(service: Service) -> Flow[T]:
            sender = self.sender(service)
            wire = wire_of(sender, self.url(sender, name), method="GET")
            return service.exchange(wire, lambda reply: self.decode(sender, reply))

        return operation

    def list_all(self, path: str | None = None, key: str | None = None) -> Operation[tuple[T, ...]]:
        """List all, page by page; `path` and `key` are of another collection of such things."""

        def operation(service: Service) -> Flow[tuple[T, ...]]:
            sender = self.sender(service)
            url = sender.place.url(self.path if path is None else path)
            return listed(
                service,
                lambda query: wire_of(sender, url, method="GET", query=query),
                lambda reply: self.decode_page(sender, reply, key),
                self.page,
            )

        return operation

    def delete(self, name: str, query: Mapping[str, str] | None = None) -> Operation[Meta]:
        """Delete one."""

        def operation(service: Service) -> Flow[Meta]:
            sender = self.sender(service)
            wire = wire_of(sender, self.url(sender, name), method="DELETE", query=query)
            return service.exchange(wire, lambda reply: gone(sender, reply))

        return operation

    def url(self, sender: Sender, name: str) -> str:
        """Return the address of one."""
        return sender.place.url(self.whole(name))

    def decode(self, sender: Sender, reply: WireResponse) -> T:
        """Read a reply about one.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        return self.read(sender, object_of(sender, reply))

    def decode_page(self, sender: Sender, reply: WireResponse, key: str | None = None) -> Page[T]:
        """Read a page of a list; raises as `decode`."""
        held = key or self.key or self.path
        return page_of(sender, reply, held, lambda item: self.read(sender, item))


def name_of(data: JSONObject, what: str) -> str:
    """Return the name of a thing, without which nothing can be done with it.

    Raises:
        DecodeError: it has none.
    """
    name = text_of(data, "name")
    if name is None:
        raise DecodeError(f"{what} without a name: {excerpt(repr(data))}")
    return name
