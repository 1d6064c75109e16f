"""A talk: one conversation with its client, its tools, its log, and the human who decides about calls.

Law: what an earlier run has left waiting is decided by a human, whatever this run was told; keeping a conversation
never stands in the way of an answer.
"""

from __future__ import annotations

from time import time  # noqa: TID251 - a program's own clock
from typing import TYPE_CHECKING, Any, cast

from chat_cli import log, requests
from chat_cli.defaults import model_of
from chat_cli.terminal import DIM, err
from chat_core.approval import Ask, Run
from chat_core.errors import ConfigurationError, StoreMissing, UnansweredToolCall
from chat_core.messages import Message
from chat_core.plugins.registry import registry
from chat_core.session import Session
from chat_core.tools import AnyTool, names_of

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from chat_cli.flags import Flags
    from chat_core.approval import Decision, Decisions, Pending, Verdict
    from chat_core.calls import Asking
    from chat_core.chat import Chat
    from chat_core.flow.drive import Drive
    from chat_core.functions import FunctionTool
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.outputs import Output
    from chat_core.parts import ToolCall
    from chat_core.request import OutputFormat
    from chat_core.sessions.shown import Told
    from chat_core.stores.protocol import Store
    from chat_core.turn import Turn


def begun(flags: Flags, title: str) -> Talk:
    """Begin a conversation, or go on with the one that the flags name.

    Raises:
        StoreError: the one that is named cannot be read.
        ConfigurationError: the set-up is wrong.
        click.UsageError: a flag means nothing.
    """
    if flags.goes_on:
        return taken_up(flags)
    talk = Talk(flags, model_of(flags.model))
    talk.begin(requests.instructions(flags), title)
    return talk


def taken_up(flags: Flags) -> Talk:
    """Go on with a conversation of the log; raises as `begun`."""
    store = log.opened(flags.store)
    there = log.found(store, flags.cid)
    if log.BARE in there.tags:
        raise StoreMissing(f"the conversation {there.id} was kept without its words: nobody can go on with it")
    talk = Talk(flags, flags.model or there.model or model_of(None), store)
    talk.go_on(there.id, store)
    return talk


class Talk:
    """One conversation.

    Attributes:
        name: the `provider:model` that is asked.
        chat: the client.
        tools: what the model may call.
        asks: whether a human is asked before each call.
        allowed: tools whose calls are allowed without being asked about.
        log: where the conversation is kept; `None` = it is not.
        session: the conversation.
        form: the form of the answers; `None` = text.
    """

    def __init__(self, flags: Flags, model: str, store: Store | None = None) -> None:
        """Make the client and open the log, which may be open already; nothing is said yet.

        Raises:
            ConfigurationError: the set-up is wrong.
            click.UsageError: a source of tools is none.
        """
        self.name = model
        self.tools = _tools(flags)
        self.asks = flags.approve
        self.allowed: set[str] = set()
        self.form: OutputFormat | None = None
        self.chat: Chat = requests.client(flags, model, policy=self.policy if self.tools else None)
        self.log = log.log_for(flags, store)
        self.session: Session = Session(self.chat)
        self._model: str | None = None

    def policy(self, call: ToolCall) -> Verdict | None:
        """Say whether a human is asked about a call; `None` = the tool says it."""
        if call.name in self.allowed:
            return Run()
        return Ask() if self.asks else None

    @property
    def functions(self) -> dict[str, FunctionTool]:
        """The tools that run here, by name."""
        return {tool.name: tool for tool in self.tools if not isinstance(tool, AnyTool)}

    # beginnings

    def begin(self, messages: Sequence[Message], title: str = "") -> None:
        """Begin with what was said before; it is kept with its next answer, and without a title has its first words."""
        name = title or next((log.title_of(message.text) for message in messages if message.role == "user"), "")
        self.session = Session(self.chat, messages=messages, store=self._store, title=name, **self._told)

    def go_on(self, id: str, store: Store) -> None:
        """Go on with a conversation of a store; it stays as it was where nothing is kept, or no words.

        Raises:
            UnansweredToolCall: calls wait, and nothing is kept that says which of them have run.
        """
        if self.log is not None and self.log.content:
            self.session = Session.open(self.chat, self.log.store, id, **self._told)
            return
        self.begin([node.message for node in store.history(store.conversation(id).head)])
        if self.log is None and self.session.waiting:
            raise UnansweredToolCall(f"calls wait: {waiting(self)}: go on without --no-log, so that none runs twice")

    def load(self, data: JSON) -> None:
        """Go on with a turn that was saved, and is not in the log."""
        told: Told = {**self._told, "journal": self._store}
        self.session = Session.load(self.chat, data, **told)

    def use(self, model: str) -> None:
        """Ask another model from now on; one without a provider stays with the provider.

        Raises:
            ConfigurationError: there is no such provider, or the name is a provider's and no model's.
        """
        if ":" not in model and model in registry().names("provider"):
            raise ConfigurationError(f"{model!r} is a provider and no model: write {model}:MODEL")
        self.chat = self.chat.using(model=model)
        self.name = model if ":" in model or ":" not in self.name else f"{self.name.partition(':')[0]}:{model}"
        if self._store is None or self.session.head is None:
            self.begin(self.session.messages)
        else:
            self._model = self.name
            self._store.change(self.session.id, now=time(), model=self.name)

    # steps

    def stream(self, said: Message | Decisions) -> Drive[Turn[Any]]:
        """Say something, or decide about what waits, and iterate over the events."""
        form = cast("Output[Any]", self.form)  # one of the types that `output` has: which one is known to the flags
        if isinstance(said, Message):
            return self.session.stream(said, output=form, **self._asking)
        return self.session.resume_stream(said, output=form, **self._asking)

    def whole(self, said: Message | Decisions) -> Turn[Any]:
        """Say something, or decide about what waits, and wait for the whole answer."""
        form = cast("Output[Any]", self.form)  # as above
        if isinstance(said, Message):
            return self.session.send(said, output=form, **self._asking)
        return self.session.resume(said, output=form, **self._asking)

    def decisions(self, pending: tuple[Pending, ...]) -> dict[str, Decision] | None:
        """Ask about what waits; `None` = nobody is there, or has decided nothing."""
        from chat_cli.approving import Approving  # noqa: PLC0415 - for those who are asked

        return Approving(self.functions, self.allowed).decisions(pending)

    @property
    def signs(self) -> bool:
        """Whether calls that wait are signed."""
        return bool(self.tools) and requests.signer() is not None

    @property
    def kept_as(self) -> str | None:
        """The id under which the log has the conversation; `None` = it has none of it."""
        return self.session.id if self.session.head is not None else None

    def saved(self) -> JSONObject:
        """Write down what `chat resume` takes."""
        return {**self.session.save(), "model": self.name, "asks": self.asks}

    def require_tools(self, answered: Container[str] = ()) -> None:
        """Require that what waits can be run, but for calls that are `answered` otherwise.

        Raises:
            UnansweredToolCall: it needs tools that were not named.
        """
        declared = names_of(tool for tool in self.tools if isinstance(tool, AnyTool)) | self.functions.keys()
        missing = sorted({call.name for call in self.session.waiting if call.id not in answered} - declared)
        if missing:
            again = f"chat resume --cid {self.session.id}"
            raise UnansweredToolCall(
                f"calls of {', '.join(missing)} wait: name the tools again, with -T: {again} -T TOOLS --approve CALL; "
                f"or reject the calls: {again} --reject CALL; waiting: {waiting(self)}"
            )

    def tell(self) -> None:
        """Say what went wrong with the log: between two answers, not inside of one."""
        for fault in self.log.told() if self.log is not None else ():
            err().line(f"warning: {fault}", DIM)

    @property
    def _store(self) -> Store | None:
        return None if self.log is None else self.log.store

    @property
    def _told(self) -> Told:
        return {"tools": self.tools} if self.tools else {}

    @property
    def _asking(self) -> Asking:
        return {} if self._model is None else {"model": self._model}


def waiting(talk: Talk) -> str:
    """Name the calls that wait, with their ids."""
    return ", ".join(f"{call.name} ({call.id})" for call in talk.session.waiting)


def _tools(flags: Flags) -> tuple[AnyTool | FunctionTool, ...]:
    if not flags.tools:
        return ()
    from chat_cli import sources  # noqa: PLC0415 - for those who name tools

    return sources.tools(flags.tools)
