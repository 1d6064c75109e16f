"""Let the model call a function of yours, and watch it do so."""

from __future__ import annotations

from chat_core import Chat, ToolContext, tool
from chat_core.events import TextDelta, ToolEnd, ToolProgress, ToolStart


@tool(timeout=10)
def get_weather(city: str, context: ToolContext[dict[str, str]]) -> str:
    """Tell the weather of a city.

    Args:
        city: its name, in English.
        context: what the library hands in; the model does not see it.
    """
    context.progress(f"looking out of the window in {city}")
    return context.deps.get(city, "nobody knows")


chat = Chat("replay:demo", context={"Oslo": "rain"})
with chat.stream("How is the weather?", tools=[get_weather]) as stream:
    for event in stream:
        match event:
            case ToolStart(call):
                print(f"[{call.name} {call.arguments}]")
            case ToolProgress(_, value):
                print(f"[{value}]")
            case ToolEnd(call, result):
                print(f"[{call.name} gave {result.content}]")
            case TextDelta(_, text):
                print(text, end="")
            case _:
                pass
print()
print(f"{len(stream.result.responses)} answers, {stream.result.usage.input_tokens} tokens read")
