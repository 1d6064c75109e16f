"""More ways to ask for facts that few phrasings had.

Law: no answers here, only questions.
"""

from pico.facts_rest import REST

MORE: dict[str, tuple[str, ...]] = {
    "install_claude": (
        "what [must|has to|should] be installed [for|to use|to reach|before i use|before using] [claude|anthropic|anthropic's models]",
        "[what|which command] [adds|installs|brings] [claude|anthropic|claude support|the claude package|the anthropic package]",
        "i [need|want|am missing] the [claude|anthropic] package [, how do i install it|, how is it installed|]",
        "[adding|getting] the [claude|anthropic] package [with pip|]",
    ),
    "install_openai": (
        "what [must|has to|should] be installed [for|to use|to reach|before i use|before using] [openai|gpt|openai's models]",
        "[what|which command] [adds|installs|brings] [openai|gpt|openai support|the openai package]",
        "i [need|want|am missing] the [openai|gpt] package [, how do i install it|, how is it installed|]",
        "[adding|getting] the [openai|gpt] package [with pip|]",
    ),
    "install_ollama": (
        "what [must|has to|should] be installed [for|to use|to reach|before i use|before using] [ollama|an ollama server]",
        "[what|which command] [adds|installs|brings] [ollama support|the ollama package|chat-ollama]",
        "i [need|want|am missing] the ollama package [, how do i install it|, how is it installed|]",
        "[adding|getting|installing] [the ollama package|ollama support] [with pip|]",
    ),
    "install_cli": (
        "[what|which command] [adds|installs|brings] [the command line|the cli|chat-cli|the chat command]",
        "i have no chat command [, how do i get it|, what do i install|]",
        "the chat command is [missing|not found|not installed]",
        "which package [do i need|must i install] for the [terminal|command line|shell]",
    ),
    "released": (
        "[is|was] there [a|any|some] [published|released|finished] [version|package|build]",
        "can i [get|install|fetch] it from pypi",
        "[was|is] anything [published|released|uploaded] [yet|already|so far]",
        "when can i pip install it [from pypi|]",
        "is it on the package index",
        "how finished is it",
        "any [releases|release|published version] [yet|so far|]",
    ),
    "python": (
        "[which|what] [version|versions] of python [must i have|is ok|will do|do you need|can i use|is supported]",
        "[will|would] it [work|run] [on|with] [python 3|an older python|my python]",
        "[minimum|lowest|oldest] [python|python version]",
        "do i need a [new|newer|recent] python",
        "python version",
    ),
    "licence": (
        "is [it|this] [gpl|bsd|apache|mit licensed|proprietary|public domain] [or not|or what|]",
        "[what|which] [terms|conditions|rights] [apply|are there|do i have|come with it]",
        "whose [property|copyright] is the code",
    ),
    "first_call": (
        "[give me|show me|i want] [an example|a short example|some code|a few lines of code] [of a call|in python|of a program|to start from]",
        "what does a [first|short|whole|tiny] [program|call|example] look like",
        "an example [in python|of a request|of a call|with code|for beginners]",
        "the [smallest|shortest|first] [program|script]",
    ),
    "claude": (
        "[get|receive|want|need] [answers|replies|text] [from|of|by] [claude|anthropic]",
        "can my [script|program|app] [use|ask|call|talk to] [claude|anthropic]",
        "i have an anthropic [account|key|subscription] [, how do i use it|, what now|]",
        "[talking to|asking|calling|using] [claude|anthropic] [from python|in a script|in code|]",
        "claude in [my program|a script|python]",
    ),
    "openai": (
        "[get|receive|want|need] [answers|replies|text] [from|of|by] [openai|gpt|chatgpt]",
        "can my [script|program|app] [use|ask|call|talk to] [openai|gpt|chatgpt]",
        "i have an openai [account|key|subscription] [, how do i use it|, what now|]",
        "[talking to|asking|calling|using] [openai|gpt|chatgpt] [from python|in a script|in code|]",
        "gpt in [my program|a script|python]",
        "the string for [gpt|openai|a gpt model]",
    ),
    "ollama": (
        "can it [reach|use|find|see] my ollama [server|]",
        "[talking to|asking|calling|using] ollama [from python|in a script|]",
        "my ollama server is running [, how do i use it|, what now|]",
        "llama [3|3.2|models] [with|in|by|over|on] ollama",
        "ollama [is running|is installed|runs on my machine] [, what do i write|, and now|]",
    ),
    "vllm": (
        "[my|our] [vllm|vllm server] [is running|runs on my server] [, how do i use it|, what now|]",
        "[talking to|asking|calling|using] vllm [from python|in a script|]",
        "can it [reach|use|find] my vllm [server|]",
        "the client [for|and|with] vllm",
    ),
    "real": (
        "[give|get|bring] me [a real|a proper|a bigger|a smarter|another] [model|one]",
        "i would [like|prefer] a [real|bigger|smarter|better|proper|serious] [model|one]",
        "[a demo|you] [is|are] not enough [for me|]",
        "this [demo|model] is [useless|too small|not enough|too weak]",
        "from the demo to [a real|a serious|a proper] [model|one]",
        "how [do i|can i|to] [leave|get away from] [you|the demo]",
    ),
    "key_openai": (
        "[which|what] [variable|environment variable|env var] [is|has|holds|takes] [my|the] openai [key|api key]",
        "openai [key|api key] [variable|environment|env var]",
        "the name of openai's [variable|environment variable|env var]",
    ),
    "key_claude": (
        "[which|what] [variable|environment variable|env var] [is|has|holds|takes] [my|the] [claude|anthropic] [key|api key]",
        "[claude|anthropic] [key|api key] [variable|environment|env var]",
        "the name of [claude's|anthropic's] [variable|environment variable|env var]",
    ),
    "key_safe": (
        "are [keys|secrets|api keys|passwords] [kept out|hidden|removed|visible|shown|kept|masked] [in|from|of|out of] [logs|errors|error messages|recordings|tracebacks|the log]",
        "[will|can] [anybody|somebody|someone|others] see my [key|secret|api key]",
        "do [errors|logs|recordings|error messages] [hold|contain|show|leak] [keys|secrets|my key]",
    ),
    "swap": (
        "[replace|replacing|exchange|exchanging] [claude|openai|one provider|a vendor|a provider] [by|with] [another|openai|claude|another one|ollama]",
        "can i [use|take|try] another [provider|vendor] [later|instead|without rewriting|with the same code]",
        "how much [code|work] [changes|is it] [for|with] another [vendor|provider]",
    ),
    "stream": (
        "[show|print|display|give] [the answer|the text|the reply|tokens|words] [while|as] it is [made|written|produced|being made|coming]",
        "[tokens|words|pieces|text] [one by one|one after the other|as they come|bit by bit|immediately]",
        "i [want|need|like] to see [tokens|the text|the answer|words] [at once|immediately|live|as it comes|while it is made]",
        "an answer [piece by piece|bit by bit|live|in pieces|in real time]",
        "[printing|showing] the [answer|reply|text] [live|as it comes|piece by piece]",
    ),
    "tools": (
        "[can|may|will|could] the model [call|use|run|execute|start] [my|python|own|some] [functions|code|function]",
        "my [functions|code|python functions] [called|used|run] by the model",
        "[explain|what is|describe] [function calling|tool calling|tool use]",
        "the model should [call|use|run] [my function|a function|my code]",
        "[functions|a function|python code] as [tools|a tool]",
    ),
    "approval": (
        "[i|a human|a person|somebody|the user] [must|should|has to|wants to|can] [approve|confirm|allow|agree to|say yes to] [tools|each tool|tool calls|every call|what a tool does]",
        "[ask me|wait for me|ask a human|wait for a yes] before [a tool|each tool|any tool|the tool] [runs|is run|is called|starts]",
        "no tool [should run|may run|runs] without [my approval|me|a yes|a human]",
        "[confirmation|permission|a yes|consent] [for|before|of] [tools|tool calls|a tool call]",
    ),
    "output": (
        "[structured|typed|validated|checked|json] [answers|answer|output|replies|results|values]",
        "an answer that [fits|matches|is] [a schema|my dataclass|json|a type|an object|my type]",
        "[objects|a typed value|a dataclass|a value] [instead of|rather than|not] [text|plain text|a string]",
        "json [from|by|of] the model",
    ),
    "save": (
        "messages [as|to|in] json [and back|and read them again|]",
        "[write|read] [a history|messages|the conversation] [to|from] [a file|disk|json]",
        "[json|a file] of [the messages|a conversation|the history]",
        "[store|keep] messages as json [and load them later|]",
        "[functions|a function] to [dump|save|load|serialise] [messages|a history]",
    ),
    "stores": (
        "[is|can] sqlite [supported|be used|there|possible|used]",
        "[sqlite|a database|a file] [for|to keep] [conversations|chats|my chats]",
        "[kinds|types|choices] of [stores|store|storage|databases]",
        "where [can|do] [chats|conversations] [live|go|stay|be kept]",
    ),
    "postgres": (
        "[conversations|chats|messages] [in|into|on] [postgres|postgresql|a postgres server]",
        "can [chats|conversations|messages] [be kept|be stored|go|be saved] in [postgres|postgresql]",
        "[a postgresql|a postgres] [store|database|server] for [chats|conversations]",
    ),
    "transport": (
        "[exchange|replace|swap] the http [layer|client|library|stack]",
        "which http [layer|stack|client] is [below|used|inside|under it]",
        "[another|my own|a different] [http client|transport|way to send bytes]",
        "can the [transport|http client|http layer] be [replaced|changed|exchanged]",
    ),
    "record": (
        "[record|recording|capture] [traffic|the traffic|exchanges|what is sent] [and|to] [replay|play] [it|them|] [later|again|]",
        "can [traffic|calls|exchanges] be [recorded|captured|taped|saved to a file]",
        "[traffic|calls] for [later|replay|playback|tests]",
    ),
    "testing": (
        "[unit tests|tests] [of|for] [my|our] [code|program|app|project] [|that uses this|without a network|with no model]",
        "my [tests|test suite|unit tests] [should not|must not|cannot|need not] [use|touch|reach] the [network|internet|service]",
        "tests [without|with no] [a network|real calls|a model|keys]",
        "advice on [tests|testing|unit tests] of my [program|code|app]",
    ),
    "doctor": (
        "[is|whether] [everything|all|it] [configured|set up|installed] [right|correctly|well|properly]",
        "a command that [checks|tells|finds] [my setup|what is wrong|whether all is well|my configuration]",
        "is my [configuration|setup|installation] [right|ok|correct|complete]",
        "[something|it] does not work [, where do i look|, how do i find out why|]",
    ),
    **REST,
}
