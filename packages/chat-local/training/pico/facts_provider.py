"""Facts about providers, keys, addresses and the ways on which bytes travel.

Law: a line here is true of the repository, or it is wrong.
"""

from pico.fact import Fact

FACTS = {
    "claude": Fact(
        answer='Chat("claude:claude-sonnet-5-5"), with chat-claude installed and a key in ANTHROPIC_API_KEY.',
        keys=('Chat("claude:', "with chat-claude installed"),
        do=(
            "[use|call|ask|talk to|chat with|reach|query|connect to|get an answer from|speak to|work with] [claude|anthropic|a claude model|claude sonnet|anthropic models|anthropic's claude]",
            "[use|call|ask|select|pick|run] [claude|a claude model|anthropic's models] [in python|from python|in code|from my program|with this library]",
        ),
        about=(
            "[claude|anthropic] [support|usage|access|models]",
            "the [model name|model string|string|name] [for|of] [claude|anthropic]",
        ),
        ask=(
            "[does it|can it|do you] [support|work with|talk to|speak to] [claude|anthropic]",
            "is [claude|anthropic] supported",
            "which [name|string|model] do i [use|give|write|pass] for claude",
        ),
    ),
    "openai": Fact(
        answer='Chat("openai:gpt-6-luna"), with chat-openai installed and a key in OPENAI_API_KEY.',
        keys=('Chat("openai:', "with chat-openai installed"),
        do=(
            "[use|call|ask|talk to|chat with|reach|query|connect to|get an answer from|speak to|work with] [openai|gpt|a gpt model|chatgpt|openai models|a model of openai|gpt models]",
            "[use|call|ask|select|pick|run] [openai|gpt|chatgpt|openai's models] [in python|from python|in code|from my program|with this library]",
        ),
        about=(
            "[openai|gpt|chatgpt] [support|usage|access|models]",
            "the [model name|model string|string|name] [for|of] [openai|gpt]",
        ),
        ask=(
            "[does it|can it|do you] [support|work with|talk to|speak to] [openai|gpt|chatgpt]",
            "is [openai|gpt|chatgpt] supported",
            "which [name|string|model] do i [use|give|write|pass] for [openai|gpt]",
        ),
    ),
    "ollama": Fact(
        answer='Chat("ollama:llama3.2:3b"), with chat-ollama installed and an Ollama server that runs.',
        keys=('Chat("ollama:', "with chat-ollama installed"),
        do=(
            "[use|call|ask|talk to|chat with|reach|query|connect to|get an answer from|speak to|work with] [ollama|an ollama model|my ollama server|ollama models|llama through ollama|a model in ollama]",
            "[use|call|run|select] [ollama|an ollama model|llama3.2] [in python|from python|in code|with this library|with ollama]",
        ),
        about=(
            "ollama [support|usage|access|models]",
            "the [model name|model string|string|name] [for|of] ollama",
            "ollama",
        ),
        ask=(
            "[does it|can it|do you] [support|work with|talk to|speak to|connect to] [ollama|an ollama server]",
            "is ollama supported",
            "which [name|string] do i [use|give|write|pass] for ollama",
        ),
    ),
    "groq": Fact(
        answer='Chat("groq:openai/gpt-oss-120b"), with chat-completions installed and a key in GROQ_API_KEY.',
        keys=('Chat("groq:',),
        do=(
            "[use|call|ask|talk to|chat with|reach|query|connect to|speak to|send something to|work with] [groq|a groq model|groq models|models on groq]",
        ),
        about=("groq [support|usage|access|models]", "the [model name|model string|string|name] [for|of] groq", "groq"),
        ask=(
            "[does it|can it|do you] [support|work with|talk to|speak to] groq",
            "is groq [supported|available|there]",
            "which [name|string] do i [use|give|write|pass] for groq",
        ),
    ),
    "vllm": Fact(
        answer='Chat("vllm:my-model", base_url="http://localhost:8000/v1"), with chat-completions installed.',
        keys=('Chat("vllm:',),
        do=(
            "[use|call|ask|talk to|chat with|reach|query|connect to|work with] [vllm|my own vllm server|a vllm server|a model on vllm|my vllm instance|models served by vllm]",
            "[use|call|reach] [my own|a self-hosted|my company's] [model server|inference server|openai-compatible server]",
        ),
        about=(
            "vllm [support|usage|access|models|servers]",
            "the [model name|model string|string|name] [for|of] vllm",
            "vllm",
            "[self-hosted|my own] [model servers|inference servers]",
        ),
        ask=(
            "[does it|can it|do you] [support|work with|talk to|speak to] [vllm|a vllm server]",
            "is vllm supported",
            "[i run|i have|i host|we run] [vllm|a vllm server|vllm myself]",
        ),
    ),
    "real": Fact(
        answer='Name another model: Chat("claude:claude-sonnet-5-5") with a key, or Chat("ollama:llama3.2:3b") with an Ollama server.',
        keys=("name another model",),
        do=(
            "[use|get|reach|call|run|try|switch to|have|talk to|connect|choose] [a real|a proper|a better|a bigger|a serious|a good|a smarter|a larger|a large|another|a stronger|an intelligent|a different] [model|one|language model|llm]",
            "[get|have] [better|real|good|proper|smarter|serious] answers",
            "[replace|get rid of|stop using] [you|this demo|the demo model|the demonstration model|pico]",
            "[move|switch|change|upgrade] from [you|the demo|pico|this demo] to [a real|a proper|a big|a good|something better|a better] [model|one|]",
        ),
        about=("[a real|a better|a proper|a bigger|a serious|a smarter] [model|one]",),
        ask=(
            "where [is|are] the real [model|models]",
            "[you are|you're] [too|so] [small|stupid|dumb|limited|weak|useless]",
            "i [want|need] [a real|a better|a bigger|a proper|a smarter] [model|one|llm]",
            "what [do|should|can] i use instead of [you|this demo|pico]",
            "which model [is better|should i use instead|would be better]",
        ),
    ),
    "keys": Fact(
        answer="Run chat keys set claude, which keeps it in a file of yours, or set the provider's variable, or pass api_key=.",
        keys=("chat keys set",),
        do=(
            "[set|give|configure|store|enter|provide|add|put|pass|keep|supply|register|specify|save] [my|a|an|the] [api key|key|credential|credentials|api token|token|secret|access key]",
            "[authenticate|log in|sign in|authorise]",
            "[tell|give] [it|the library|you|the program] my [key|api key|credentials]",
        ),
        about=(
            "[the|an|my] [api key|api keys|key|keys|credentials]",
            "[authentication|credentials|api keys|keys|key management|the key file|key file|keys.json]",
            "the place for [my key|my api key|keys|api keys]",
        ),
        ask=(
            "where [do|does|should|must] [i put|i enter|i store|it look for|go] [my|the|an] [key|api key|credentials]",
            "where do [keys|api keys|my credentials] go",
            "do i need [a key|an api key|credentials]",
            "how does [it|the library|chat-core] [find|know|get|learn] my [key|api key]",
            "where are [keys|api keys] [kept|stored]",
        ),
    ),
    "key_claude": Fact(
        answer="ANTHROPIC_API_KEY is the variable for Claude.",
        keys=("ANTHROPIC_API_KEY is the variable",),
        do=(
            "set [the|my] [claude|anthropic] [key|api key] [in the environment|as an environment variable|by a variable]",
        ),
        about=(
            "the [variable|environment variable|env var|variable name] [for|of|with|that holds] [claude|anthropic|the claude key|my anthropic key|claude's key|anthropic's key|the claude api key]",
            "the [claude|anthropic] [key variable|environment variable|env var]",
        ),
        ask=(
            "[which|what] [variable|environment variable|env var] [does claude read|does claude use|is for claude|does anthropic use|has the anthropic key|is read for claude]",
        ),
    ),
    "key_openai": Fact(
        answer="OPENAI_API_KEY is the variable for OpenAI.",
        keys=("OPENAI_API_KEY is the variable",),
        do=("set [the|my] [openai|gpt] [key|api key] [in the environment|as an environment variable|by a variable]",),
        about=(
            "the [variable|environment variable|env var|variable name] [for|of|with|that holds] [openai|gpt|the openai key|my openai key|openai's key|the openai api key]",
            "the [openai|gpt] [key variable|environment variable|env var]",
        ),
        ask=(
            "[which|what] [variable|environment variable|env var] [does openai read|does openai use|is for openai|does gpt use|has the openai key|is read for openai]",
        ),
    ),
    "key_safe": Fact(
        answer="Secrets never appear in reprs, errors, logs or recordings.",
        keys=("secrets never appear",),
        do=(
            "[keep|hide] my [key|keys|secrets|credentials] [secret|safe|private|out of logs|from others]",
            "be sure that my key [is not leaked|stays secret|is safe]",
        ),
        about=(
            "the [safety|security|secrecy] of [my key|keys|api keys|secrets]",
            "[secrets|leaked keys|key safety|secret handling]",
        ),
        ask=(
            "[is|are] my [key|keys|secrets|credentials|api key] [safe|secure|protected|logged|printed|shown|visible|leaked]",
            "[can|could|will|does] [it|the library|the log|a log|an error|a recording] [leak|print|show|contain|expose|log] my [key|api key|secrets|credentials]",
            "[can|could|will|does] my [key|api key|secret] [leak|appear in logs|show up in an error|get logged|end up in a recording|be printed|be leaked]",
        ),
    ),
    "names": Fact(
        answer="A model's name is provider:model, and only the first colon counts.",
        keys=("provider:model",),
        do=(
            "[write|spell|form|build|read|name|specify] [a model name|model names|the name of a model|a model|a model id|a model identifier]",
        ),
        about=(
            "[a model name|model names|the model string|the model names|the name of a model|model strings|model ids|a model id]",
            "the [format|form|syntax|structure|meaning|shape] of [a model name|model names|the model string|a model id]",
            "the [colon|part before the colon|prefix] [in a model name|in the name|in a model string]",
        ),
        ask=(
            "how are models [named|called|written|spelled|specified]",
            "[what|which] [form|format|syntax] [has|have|do] [a model name|model names|models]",
            "why is there a colon in the [name|model name]",
        ),
    ),
    "swap": Fact(
        answer='Change the string: Chat("openai:…") instead of Chat("claude:…"). Nothing else changes.',
        keys=("change the string",),
        do=(
            "[change|switch|swap|replace|exchange] [the|my|] [provider|providers|vendor|vendors|service|services]",
            "[move|switch|change|go] [from one|to another|to a different|to the other] [provider|vendor|service]",
            "[switch|change|move] from [claude to openai|openai to claude|gpt to claude|openai to ollama]",
            "use [another|a different|a second] [provider|vendor|service]",
        ),
        about=(
            "[changing|switching|swapping|replacing] [providers|the provider|vendors|the vendor|services]",
            "a [change|switch|swap] of [provider|providers|vendor]",
            "vendor lock-in",
        ),
        ask=(
            "what [do i change|changes|has to change] [for|with] another [provider|vendor|service]",
            "is it [easy|hard|difficult] to [change|switch] [providers|the provider|vendors]",
            "am i locked in",
        ),
    ),
    "base_url": Fact(
        answer='Give base_url="https://…" to Chat, or set it in the configuration file.',
        keys=("give base_url=",),
        do=(
            "[set|change|use|give|configure|specify|override] [the|a|an|another] [base url|address|endpoint|url|server address|custom endpoint|own endpoint|different endpoint|different address]",
            "[point|direct] [it|the client|the library] [to|at] [another|a different|my own] [server|address|url|endpoint|host]",
        ),
        about=(
            "[the|a] [base url|base_url|endpoint|custom endpoint|server address]",
            "[base_url|endpoints|custom addresses]",
        ),
        ask=(
            "[which|what] argument [sets|changes|is for|takes] the [address|url|endpoint|server]",
            "where do i [set|put|write|give] the [address|url|endpoint|base url]",
        ),
    ),
    "transport": Fact(
        answer="Give transport= to Chat: httpx (the default), httpx2, websocket, auto, a recording, or one of your own.",
        keys=("httpx (the default)",),
        do=(
            "[change|choose|pick|set|replace|select|swap|use another|use a different|exchange] [the|a|] [transport|transports|http client|http library|network layer]",
            "[write|bring|use|make] my own transport",
        ),
        about=(
            "[the|a] [transport|http client|network layer]",
            "[transports|the transports|the available transports|a custom transport]",
            "the default transport",
        ),
        ask=(
            "[which|what] transports [are there|exist|can i use|are available|do you have|are supported]",
            "does it use [httpx|requests|aiohttp]",
            "which http [client|library] [does it use|is used|is inside]",
            "how do [bytes|requests] travel",
        ),
    ),
    "proxy": Fact(
        answer='Use Chat(…, transport=HTTPTransport(proxy="http://proxy.example:3128")); proxies of the environment are honoured.',
        keys=("HTTPTransport(proxy=",),
        do=(
            "[use|set|configure|go through|add|work with|connect through|get through|run behind|specify] [a|the|my|our|a company|a corporate|an http] proxy",
        ),
        about=(
            "[the|a] [proxy|http proxy|proxy setting|corporate proxy|proxy server]",
            "[proxies|proxy support|proxy settings|https_proxy]",
        ),
        ask=(
            "does it [support|honour|work with|respect] [a proxy|proxies|https_proxy]",
            "i am behind a [proxy|corporate proxy|firewall proxy]",
            "where does the proxy go",
        ),
    ),
    "websocket": Fact(
        answer='Give transport="websocket" to Chat, and install chat-core[websocket].',
        keys=('transport="websocket"',),
        do=(
            "[use|enable|switch on|turn on|open|connect over|talk over|connect through|speak|switch to] [a websocket|websockets|a web socket|web sockets|the websocket transport|the websocket]",
        ),
        about=(
            "[websockets|websocket support|the websocket transport|web sockets|websocket|the websocket connection]",
        ),
        ask=(
            "[does it|can it|do you] [support|speak|have|use|do] [websockets|web sockets|a websocket]",
            "are websockets [supported|possible|available|there]",
        ),
    ),
    "record": Fact(
        answer='Use transport=Recording(HTTPTransport(), "cassette.jsonl"): it writes each exchange down, to be replayed.',
        keys=("Recording(HTTPTransport()",),
        do=(
            "[record|capture|write down|keep] [a call|calls|exchanges|an exchange|real exchanges|requests|traffic|the traffic|answers|real answers|http traffic|a session of calls]",
            "[make|create|write] a [cassette|recording]",
            "[replay|play back] [a recording|a cassette|recorded traffic|recorded calls|exchanges]",
        ),
        about=(
            "[recording|recordings|a recording|cassettes|a cassette|the cassette|cassette files]",
            "[recording and replay|record and replay|replaying recorded calls]",
        ),
        ask=(
            "can [it|i] record [traffic|calls|exchanges|requests|what is sent]",
            "what is a cassette",
            "can recorded [calls|exchanges|traffic] be [replayed|played back|played again]",
        ),
    ),
}
