"""The second half of `facts_more`.

Law: no answers here, only questions.
"""

REST: dict[str, tuple[str, ...]] = {
    "models": (
        "[see|show|print|list|get] [every|all|each|the available] [model|models]",
        "[which|what] command [prints|lists|shows|gives] [models|all models|every model|the available models]",
        "a [list|table|catalogue] of [models|all models]",
        "every [model|available model]",
    ),
    "cli": (
        "[use|run|try] [this|it|the library] [in|from] [a terminal|the terminal|the shell|a shell|the console|the command line]",
        "[usage|examples|an example|help] [of|for] the chat command",
        "[ask|asking] [a question|questions|a model] [from|in|on] the [shell|terminal|console|command line]",
        "is it usable [in|from] a [terminal|shell|console]",
    ),
    "default_model": (
        "[without|not] [typing|giving|writing|saying] -m [each time|every time|again and again|always|]",
        "a [standard|default|usual|fixed] model [for|of|in] [the command line|the terminal|chat|the cli]",
        "[typing|giving|writing] -m [again and again|always|every time] is [annoying|tedious]",
        "can the [model|default] be set [once|for all calls|for the command line]",
    ),
    "retry": (
        "[what happens|what does it do] [when|if|after] [a request|a call|the service|a server] [fails|is busy|gives 429|is overloaded|says 503|breaks]",
        "does it [try|send] [again|once more|it again|a second time] after [an error|a failure|a 500|a 429|a server error]",
        "[a 429|a 503|a 500|a server error|a failed request] [, and now|, what happens|is retried|]",
    ),
    "strict": (
        "can [an unsupported|a dropped|an unknown|a wrong] [setting|option|parameter] [be|become|raise|give] an error",
        "i want [an error|errors] [for|when|if] [options|settings] [are dropped|are not supported|cannot be sent]",
        "[unsupported|ignored|dropped] [settings|options] [as errors|silently|, what happens]",
    ),
    "middleware": (
        "[a cache|a fallback|a budget|a router] [around|for|before|between] [calls|each call|every call|models]",
        "[fall back|falling back|fallback] to [another|a second|a cheaper] model",
        "where [can|do] i [hook in|put my own code|add something to each call]",
        "[code|a function|something] around [each|every|all] [call|calls]",
    ),
    "usage": (
        "[see|find|where are|where is] the [tokens|number of tokens|cost] [of|that] [a call|the last call|an answer|were used|it used]",
        "[tokens|the tokens] [used|spent|consumed] [by|in|for] [a call|an answer|the answer]",
        "how many tokens [were spent|has it used|did that take|were billed]",
        "what [did|has] [that|the answer|this call] [cost|used|taken]",
    ),
    "system": (
        "[instructions|orders|rules] [up front|first|before the question|for the model|to the model]",
        "[give|tell] the model [instructions|rules|a role|orders|how to behave] [first|up front|beforehand|]",
        "where [do|can] [instructions|rules|a role] [go|be given]",
    ),
    "config": (
        "is there [a|any|some] [settings|configuration|config] [file|folder] [, and where|, where|]",
        "where does [it|chat|the library] [keep|store|read|look for] [settings|its settings|its configuration|my settings]",
        "[settings|configuration] [file|folder|place|location]",
    ),
    "depends": (
        "[which|what] [dependencies|libraries|packages] [come along|come with it|are pulled in|are installed too|does it bring|are behind it]",
        "what [else|other packages] [gets installed|comes with it|is installed|does it pull in]",
    ),
    "contribute": (
        "i [want|would like|'d love|wish] to [help|contribute|take part|join|send a patch|fix something]",
        "[rules|guidelines|conventions] for [contributors|contributing|developers|patches|new code]",
        "how [can|do|could] i [help|join|take part] [with development|in development|to develop it|]",
    ),
    "provider": (
        "[support|adding support|add support] for [a new|another|my|an unknown] [vendor|service|provider|api] [myself|]",
        "my own [provider|vendor|service] [, how|]",
        "[writing|building|making] [a|my own|my|a new] provider",
    ),
    "identity": (
        "who [am i|are we] [talking|speaking|writing|chatting] [to|with] [here|]",
        "[and|so|now|hey] who are you",
        "tell [me|us] [something|more|a bit|a little] about [you|yourself|pico]",
        "[and|so] [you|you are] [who|what]",
        "say [who|what] you are",
        "what [are you|is pico] [exactly|really|then|]",
        "what sort of [thing|model|bot|machine] are you",
        "who [answers|speaks|is speaking|is answering|talks] [me|here|now|to me]",
        "your name [please|]",
        "introduce yourself [please|]",
    ),
    "abilities": (
        "what [are you|is pico] [able|made|built|here] [to do|for]",
        "[which|what] [tasks|questions|jobs|things|topics] [can|do] you [do|handle|answer|solve|cover|know|master]",
        "what [can|may|should|could] [i|one|people] ask [you|of you|pico]",
        "[show|tell] me what you [can do|can|know|are able to do]",
        "what is possible with you",
        "what [all|else] can you do",
        "list [your|all your] [skills|abilities|talents|tasks]",
        "what are you [capable of|there for]",
    ),
    "size": (
        "[how many|the number of|number of] [parameters|weights|layers] [have you got|do you have|you have|are in you|has pico|]",
        "how [big|large|small|tiny] [is|are] [this model|pico|you|the demo model|you really]",
        "your [size|parameters|weights] [please|]",
    ),
    "offline": (
        "[does|can|will|would] [this model|pico|the demo|it] [work|run|answer] [without|with no] [internet|a network|wifi|a connection|being online]",
        "do you [need|use|require|want] [a network|an internet connection|the internet|the net|wifi|the web|a server|a key]",
        "[on a plane|in a train|without wifi|in a bunker] [can i use you|do you work|will you work|]",
        "[must i|do i have to|need i] be online [for you|]",
    ),
    "privacy": (
        "[is|are|will] [what i|the things i|everything i|all that i] [type|say|write|ask|tell you] [sent|kept|stored|uploaded|logged|shared] [anywhere|somewhere|to a server|away|]",
        "[where|does] [do|goes] [my data|my words|my questions] [go|leave this machine]",
        "is [this|our] [chat|conversation|talk] [private|secret|confidential|recorded|safe]",
    ),
    "training": (
        "who [built|made|trained|created|wrote|developed|programmed] [you|pico|this model|this demo]",
        "[how|where|when] were you [made|trained|built|created|born|developed]",
        "[what|which] [data|texts|text] [did you learn from|made you|are you trained on|is behind you]",
        "your [makers|creators|parents|developers|origin]",
        "by whom were you [made|trained|built]",
        "on what were you trained",
    ),
    "trust": (
        "[how|are you] [accurate|reliable|correct|trustworthy|exact] [are you|always|at all|]",
        "[can|should|may] [i|one|people|we] [rely on|count on|trust|depend on|believe] [you|your answers|your words|what you say]",
        "how [often|much] are you [wrong|right|mistaken]",
        "are your answers [right|correct|true|reliable|accurate]",
    ),
    "language": (
        "[do|can] you [understand|speak|talk|answer in|write|read|know|learn] [german|french|spanish|italian|russian|chinese|swedish|greek|hindi|turkish|korean|latin]",
        "[which|what] languages [are there|can you|do you use|can i use|do you know]",
        "can [i|we] [talk|write|ask] [in|to you in] [german|french|spanish|my language|another language|chinese]",
    ),
    "local_models": (
        "[run|running|use|using|host] [a model|models|an llm|llms] [on|at|with] [my own|my|our own|this] [computer|machine|laptop|hardware|pc|home]",
        "[options|ways|choices|possibilities] for [local|in-house|private|self-hosted] [models|inference|llms]",
        "can [a model|models|an llm] [run|work|live] [here|at home|on my computer|on this machine|on my own pc]",
        "a model [on|for] my own [computer|machine|laptop|pc]",
    ),
    "many": (
        "[many|lots of|hundreds of|several] [prompts|requests|questions|calls] [at once|at the same time|in parallel|together|concurrently]",
        "[parallel|concurrent|simultaneous] [prompts|requests|questions|calls]",
    ),
    "cancel": (
        "[stop|abort|cancel|end|interrupt] [it|an answer|a reply|a running answer|generation] [halfway|in the middle|early|before the end]",
        "can an answer be [stopped|aborted|cut short|interrupted]",
    ),
    "notebook": (
        "[does|will|can] the [blocking|normal|sync|synchronous] [client|chat|call] [work|run] [in|inside] [a notebook|jupyter|ipython|a running loop]",
        "in [a notebook|jupyter|colab] [does it work|is it ok|can i use it|]",
    ),
    "media": (
        "[a picture|an image|a photo|a file|a pdf] [with|in|for|along with] [my question|a question|the prompt|a message]",
        "[attach|attaching|send|sending] [a picture|an image|a photo|files|a pdf]",
        "can [a picture|an image|a pdf|a file] be [sent|attached|added|included]",
    ),
    "base_url": (
        "[another|a different|my own|a custom] [address|url|endpoint|server] [for|of] [the service|a service|a provider|the provider]",
        "[custom|own|other] [endpoint|url|address|server]",
        "the service is at [another|a different] [address|url|host]",
    ),
    "install": (
        "[which|what] command [installs|gets|brings|sets up] [it|this|the library|the project]",
        "i want [it|this|the library] on my [machine|laptop|computer|pc|server]",
        "[steps|first steps|instructions] [to install|for installing|for setting up] [it|this|the library]",
        "[set up|setting up] [it|the thing|this thing|everything] , where do i [start|begin]",
    ),
    "project": (
        "[what|so what] [is|does] [this|this thing|the library|the project] [exactly|really|do|do exactly]",
        "[the|a] [one-line|short|brief] [summary|description|overview] of [the project|this|the library]",
        "chat-core [, what is it|, what does it do|in one sentence|]",
    ),
}
