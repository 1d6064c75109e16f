"""Facts about what a program can do with the library.

Law: a line here is true of the repository, or it is wrong.
"""

from pico.fact import Fact

FACTS = {
    "stream": Fact(
        answer='with chat.stream("Hello") as stream: for event in stream: a TextDelta has the next piece in event.text.',
        keys=("chat.stream(",),
        do=(
            "[stream|stream] [an answer|the answer|answers|a response|the response|the reply|text|tokens|output|]",
            "[watch|see|show|print|display] [the answer|an answer|the reply|text|the response|the output] [as it comes|while it comes|token by token|bit by bit|piece by piece|live|as it arrives|word by word|immediately|in real time]",
            "[get|receive|read|have] [tokens|the tokens|pieces|chunks|text|deltas] [as they come|while they come|one after another|one by one|incrementally|live|in real time|as they are generated]",
        ),
        about=(
            "[streaming|streams|the stream|a stream|token streaming|streamed answers|incremental output|streaming output]",
        ),
        ask=(
            "[does it|can it|do you] [stream|support streaming|have streaming]",
            "is [streaming|a stream] [supported|possible|available]",
            "how does streaming work",
            "can answers be streamed",
        ),
    ),
    "async": Fact(
        answer="Use AsyncChat with await, async with and async for.",
        keys=("AsyncChat",),
        do=(
            "[use|call|write|run|do|make] [it|this|the library|chat-core|calls|everything|a call|requests] [in asyncio|with asyncio|with async|asynchronously|async|with await|from a coroutine|in async code]",
            "[await|make async calls|use await|use asyncio|use async|write async code|call it without blocking]",
        ),
        about=(
            "[asyncio|async|asyncio support|async support|asynchronous calls|async usage|AsyncChat|the async client|the asynchronous client|an async version|await]",
        ),
        ask=(
            "[does it|can it|do you] [support|have|do] [async|asyncio|await|asynchronous calls]",
            "is [it|there] [async|an async client|an async version|an async api]",
            "which class is [asynchronous|async|for asyncio]",
        ),
    ),
    "tools": Fact(
        answer="Put @tool on a function with types and a docstring, and pass tools=[that_function].",
        keys=("@tool on a function",),
        do=(
            "[give|offer|pass|add|write|make|define|use|register|create|declare] [tools|a tool|the tools|functions|a function|my own tools|a python function] [to|for|with|] [the|a|] model",
            "let [the|a] model [call|use|run|execute] [a function|my function|functions|my code|python functions|tools|a tool|code]",
            "[define|write|make|use|create|add] [a tool|tools|my own tool|a function tool]",
            "[do|use] [function calling|tool calling|tool use]",
        ),
        about=(
            "[tools|a tool|tool calls|function calling|tool calling|tool use|function calls|the tool loop|the tool decorator|@tool]",
        ),
        ask=(
            "[does it|can it|do you] [support|have|do] [tools|function calling|tool calls|tool calling]",
            "can the model [call|use|run] [functions|tools|my functions|my code|a python function]",
            "how do tools work",
        ),
    ),
    "approval": Fact(
        answer="With @tool(approval=True) the turn pauses first; chat.resume(turn.messages, {call.id: Approve()}) goes on.",
        keys=("@tool(approval=True)",),
        do=(
            "[approve|confirm|review|check|allow|permit|accept|reject|deny] [a tool|tools|tool calls|a tool call|each tool|calls|each call|a call of a tool|the tool call]",
            "[ask|involve] [a human|me|the user|a person|somebody] before a tool [runs|is run|is called|is executed]",
            "[pause|stop|wait] before [a tool|tools|a tool call|the tool] [runs|run|is run|is executed|is called]",
            "[resume|continue] a paused turn",
            "[put|have|get] a human in the loop",
        ),
        about=(
            "[approval|approvals|tool approval|human approval|human in the loop|a paused turn|confirmation of tools|approving tools]",
        ),
        ask=(
            "can [a human|i|a person|the user|someone] [approve|confirm|check|reject|allow] [tools|a tool call|tool calls|calls|a tool]",
            "can i be asked before a tool runs",
            "what is a paused turn",
        ),
    ),
    "output": Fact(
        answer="Pass output=City, a dataclass or another type: turn.output is the checked value.",
        keys=("output=City",),
        do=(
            "[get|receive|ask for|have|obtain|force|want] [json|structured output|a value|typed output|a dataclass|an object|a typed value|structured data|valid json|a python object|typed data|data]",
            "[get|make|parse|turn] [an answer|the answer|the reply|answers] [as|into] [json|a dataclass|a value|an object|structured data|a typed object]",
            "make [the|a] model [answer|reply|respond] [in|with] [json|a schema|a dataclass|structured data]",
            "use [a schema|a json schema|a dataclass|pydantic models] for the [answer|output|reply]",
        ),
        about=(
            "[structured output|structured outputs|typed output|json output|json mode|output types|a json schema|schemas|turn.output|typed answers|structured answers]",
        ),
        ask=(
            "[does it|can it|do you] [support|return|give|do|have] [structured output|json|typed values|a dataclass|json mode|typed answers]",
            "can [the answer|answers|a reply] be [json|typed|structured|a dataclass|an object]",
        ),
    ),
    "session": Fact(
        answer='A Session holds a conversation: session = Session("claude:…"), then session.send("Hello").',
        keys=("a session holds",),
        do=(
            "[hold|have|keep|keep up|make|run|lead|maintain] [a conversation|conversations|a dialogue|a dialog|a chat history|the history|context|a multi-turn conversation|memory]",
            "[remember|keep] [what was said|the conversation|the history|earlier turns|previous messages|the context] [between calls|across calls|over turns|]",
            "use a session",
            "[send|ask] a follow-up [question|message|]",
        ),
        about=(
            "[a session|sessions|the session|Session|a conversation object|conversation history|conversation memory|multi-turn conversations|multi-turn|the Session class]",
        ),
        ask=(
            "[what|which] [object|class|thing] [holds|keeps|remembers|has] [the|a] [conversation|history|dialogue]",
            "does [it|a chat|the model|Chat] remember [the conversation|what i said|earlier messages|anything|the history]",
        ),
    ),
    "threads": Fact(
        answer="A Chat holds no conversation and is safe to share between threads and tasks.",
        keys=("safe to share",),
        do=(
            "[share|use] [a chat|one chat|a client|one client|the client] [between|in|from|across] [threads|many threads|several threads|tasks|several tasks|multiple threads]",
            "use [threads|multithreading|a thread pool]",
        ),
        about=("[thread safety|threads|thread-safety|multithreading|concurrent use|sharing a client]",),
        ask=(
            "is [it|a chat|the client|Chat|the library] [thread-safe|thread safe|safe to share|safe in threads]",
            "can [threads|two threads|tasks|several tasks|many threads] [share|use] [a client|one client|the same chat|one chat|a chat]",
        ),
    ),
    "save": Fact(
        answer="dump(turn.messages) makes JSON of a history, and load reads it back.",
        keys=("dump(turn.messages)",),
        do=(
            "[save|serialise|serialize|dump|export|write] [messages|a history|the history|the messages|a conversation|my conversation|the conversation] [|as json|to json|to a file|as a file|in json]",
            "[load|read|restore|import|reload] [messages|a history|a saved conversation|saved messages|the history] [|from json|from a file|again]",
        ),
        about=(
            "[serialising|serializing|saving|dumping|loading] [messages|a history|conversations|the history]",
            "[dump and load|dump|serialisation|serialization]",
        ),
        ask=(
            "can [messages|a history|conversations|the history] be [saved|serialised|stored as json|written to a file|loaded again|pickled]",
            "[which|what] function [saves|dumps|loads|writes|reads] [messages|a history]",
        ),
    ),
    "stores": Fact(
        answer="Stores keep conversations: SQLite and memory in chat-core, PostgreSQL in chat-store-postgres.",
        keys=("stores keep conversations",),
        do=(
            "[keep|store|archive|persist] [conversations|chats|my chats|all conversations|many conversations|my conversations] [in|with|by] [a database|sqlite|a store|a file|memory|some database]",
            "use [a store|stores|sqlite|a database]",
            "search [conversations|stored conversations] in a [store|database]",
        ),
        about=(
            "[a store|stores|the stores|the sqlite store|sqlite|the database|databases|persistence|conversation storage|storage of conversations|a database for conversations]",
        ),
        ask=(
            "[which|what] [stores|databases|storage] [are there|exist|can i use|are supported|do you support|does it support]",
            "[does it|can it|do you] [support|use|work with] [sqlite|a database|databases]",
            "where are conversations [kept|stored|persisted]",
        ),
    ),
    "postgres": Fact(
        answer="chat-store-postgres keeps conversations in PostgreSQL: install it with -e packages/chat-store-postgres.",
        keys=("-e packages/chat-store-postgres",),
        do=(
            "[use|install|set up|connect|connect to|keep conversations in|store chats in|save conversations in|add] [postgres|postgresql|chat-store-postgres|a postgres database|a postgres server|a postgresql server]",
        ),
        about=(
            "[postgres|postgresql|chat-store-postgres|the postgres store|postgres support|postgresql support|the postgresql package|a postgres database]",
        ),
        ask=(
            "[does it|can it|do you] [support|use|work with|have] [postgres|postgresql|a postgres store]",
            "is [postgres|postgresql] supported",
            "which package is for [postgres|postgresql]",
        ),
    ),
    "options": Fact(
        answer="Pass options=Options(temperature=0, max_tokens=100): what is None is not sent.",
        keys=("options=Options(",),
        do=(
            "[set|change|give|choose|specify|configure|pass|adjust|control|use] [the|a|] [temperature|max_tokens|top_p|seed|sampling options|options|stop sequences|sampling|sampling parameters|stop texts|maximum length|token limit|max tokens|parameters]",
            "[make|get] [answers|the model] [less random|shorter|deterministic|more creative]",
            "limit the [length|tokens] of [answers|the answer]",
        ),
        about=(
            "[options|the temperature|temperature|max_tokens|top_p|the seed|sampling parameters|model parameters|sampling|the options of a call|max tokens|the Options class]",
        ),
        ask=(
            "[where|how] [do i|can i] [set|give|put|change|pass] the [temperature|seed|options|top_p|max tokens]",
            "[which|what] [options|parameters|settings] [are there|can i set|does it have|does it take]",
        ),
    ),
    "strict": Fact(
        answer="With strict=True a setting that a service cannot take is an error instead of a notice.",
        keys=("strict=true",),
        do=(
            "[make|turn] [notices|an unsupported option|unsupported settings|a notice|dropped options] [an error|into errors|errors|into an error|raise]",
            "[use|switch on|turn on|enable] strict [mode|]",
            "be told about dropped options",
            "[see|find|read] [notices|dropped options|what was dropped]",
        ),
        about=(
            "[strict|strict mode|strict=True|the strict argument|notices|a notice|dropped options|unsupported options|unsupported settings]",
        ),
        ask=(
            "what happens [with|to] [unsupported|unknown|dropped] [options|settings|parameters]",
            "what if [an option|a setting|a parameter] is not supported",
            "what is strict [for|]",
            "are options dropped silently",
        ),
    ),
    "middleware": Fact(
        answer="Pass middleware=: functions around each call, for a cache, a fallback, a router or a budget.",
        keys=("middleware=",),
        do=(
            "[write|use|add|pass|make|insert] [middleware|a middleware|a cache|caching|a fallback|fallbacks|a router|a budget|a circuit breaker|a hook around calls]",
            "[cache|intercept|wrap|route|limit] [calls|answers|each call|every call|requests|all requests|each request]",
            "fall back to another model",
        ),
        about=(
            "[middleware|a middleware|caching|a cache|fallbacks|a fallback|routing|the middleware argument|fallback models|a budget]",
        ),
        ask=(
            "[does it|can it|do you] [support|have|do] [middleware|caching|fallbacks|routing|a cache]",
            "where do i [hook in|add a cache|add a fallback|put a fallback]",
            "can answers be cached",
        ),
    ),
}
