"""Facts about plugins, the command line and the project itself.

Law: a line here is true of the repository, or it is wrong.
"""

from pico.fact import Fact

FACTS = {
    "plugins": Fact(
        answer="Plugins are found by entry points of the group chat_core.plugins, with hooks of pluggy.",
        keys=("chat_core.plugins",),
        do=(
            "[write|make|install|use|add|create|register|publish] [a plugin|plugins|my own plugin|an extension|extensions]",
            "extend [the library|it|chat-core]",
            "[find|list|see] installed plugins",
        ),
        about=(
            "[plugins|a plugin|the plugin system|plugin system|extensions|pluggy|entry points|plugin discovery|hooks]",
        ),
        ask=(
            "[does it|can it|do you] [support|have] [plugins|extensions]",
            "how are plugins [found|discovered|loaded|installed|registered]",
            "how do plugins work",
            "is it extensible",
            "can it be extended",
        ),
    ),
    "provider": Fact(
        answer="Read docs/plugins/write-a-provider.md: a provider is pure functions, and ProviderContract tests it.",
        keys=("write-a-provider.md",),
        do=(
            "[write|make|create|add|build|implement|develop|contribute] [a provider|my own provider|a new provider|another provider|support for a new service|support for another vendor|a provider package|a custom provider]",
            "[support|add] [a new|another] [service|vendor|api]",
        ),
        about=(
            "[a provider|providers|writing a provider|a custom provider|provider packages|a new provider|the provider contract|ProviderContract|the provider protocol]",
            "the [guide|tutorial|documentation] [to|for|on] [a provider|providers|writing providers]",
        ),
        ask=(
            "what [is|does] a provider [|do]",
            "[can|may] i [add|write] [a|my own] provider",
            "my [service|vendor] is [not supported|missing]",
        ),
    ),
    "doctor": Fact(
        answer="chat doctor says what is set up, where it comes from, and what is wrong.",
        keys=("chat doctor says",),
        do=(
            "[check|diagnose|inspect|verify|debug|examine] [my setup|the setup|my installation|my configuration|what is set up|the installation|my environment|what is wrong]",
            "[find|see|know] [what is wrong|what is set up|whether it is set up|what is missing|which keys are found]",
        ),
        about=("[chat doctor|the doctor command|doctor|the doctor|diagnosis|diagnostics]",),
        ask=(
            "what does [chat doctor|doctor|the doctor] do",
            "[is|what is] [my setup right|wrong with my setup|everything set up]",
            "which command [checks|diagnoses|verifies] [my setup|the installation|my configuration]",
            "why does it not work",
        ),
    ),
    "models": Fact(
        answer="chat models lists the models that can be asked; in a program it is chat.models().",
        keys=("chat models lists",),
        do=(
            "[list|see|show|print|find|get|display|look up] [models|the models|all models|available models|the available models|which models there are|a list of models|the model list|what models exist]",
        ),
        about=(
            "[the|a] [list of models|model list|available models]",
            "[models|available models|chat models|all models|the models]",
        ),
        ask=(
            "[which|what] models [are there|exist|can i use|are available|do you have|can i ask|does it know|are supported]",
            "how many models are there",
        ),
    ),
    "cli": Fact(
        answer='chat -m replay:demo "Hello" asks once in the terminal; chat alone begins a conversation.',
        keys=('chat -m replay:demo "Hello"',),
        do=(
            "[use|run|start|call] [the command line|the cli|the chat command|it in the terminal|it from the shell|it in a terminal|the terminal program|chat in the terminal]",
            "[ask|chat|talk to a model|ask a model|ask something|ask a question] [in|from|on] [the terminal|the shell|the command line|a terminal|bash]",
        ),
        about=(
            "[the command line|the cli|the chat command|chat-cli|command line usage|the command line interface|the terminal interface|the terminal program]",
        ),
        ask=(
            "[is there|does it have|do you have] [a command line|a cli|a terminal program|a command line tool]",
            "what does the chat command do",
            "how does the command line work",
        ),
    ),
    "continue": Fact(
        answer="chat -c goes on with the last conversation; --cid names another one.",
        keys=("chat -c goes on",),
        do=(
            "[continue|go on with|resume|carry on with|pick up|return to] [the|my|a] [last|previous|earlier|old|latest] [conversation|chat|dialogue|discussion] [|in the terminal|on the command line|from the shell]",
        ),
        about=(
            "[the -c option|the continue option|continuing a conversation in the terminal|the --cid option|chat -c|option -c|the -c flag]",
        ),
        ask=(
            "[which|what] [option|flag|switch] [continues|resumes|goes on with] [the last|a|my last|the previous] [conversation|chat]",
            "can the command line [continue|go on with|resume] a conversation",
            "what does -c do",
        ),
    ),
    "logs": Fact(
        answer="chat logs lists, searches and exports the conversations that were kept.",
        keys=("chat logs lists",),
        do=(
            "[see|read|list|search|find|export|show|look at|browse] [my|the|] [old conversations|logs|past conversations|past chats|log|logged conversations|earlier chats|chat history|old chats|previous chats] [|on the command line|in the terminal]",
        ),
        about=(
            "[chat logs|the logs|the log|logs|the log of conversations|the logs command|logged conversations|the chat history of the command line]",
        ),
        ask=(
            "[which|what] command [shows|lists|searches|exports] [old|past|earlier|my] [conversations|chats]",
            "does the command line [log|keep|remember] [conversations|anything|what i say]",
            "where are my [old chats|logs|past chats]",
        ),
    ),
    "default_model": Fact(
        answer="Set CHAT_MODEL, or model in the configuration file: then chat needs no -m.",
        keys=("set chat_model",),
        do=(
            "[set|choose|change|configure|define|pick|have] [a|the|my|another] [default model|standard model|model by default|default]",
            "[leave out|omit|skip|avoid] -m",
            "use chat without -m",
        ),
        about=(
            "[the default model|a default model|CHAT_MODEL|the CHAT_MODEL variable|default models|the standard model]",
        ),
        ask=(
            "[which|what] [variable|environment variable] [sets|holds|has|is for] the [default model|model]",
            "which model is [the default|used by default|used without -m]",
            "do i always have to type -m",
            "what is CHAT_MODEL",
        ),
    ),
    "errors": Fact(
        answer="Every error is a ChatError: its class says whose fault it is, its message what to do.",
        keys=("every error is a chaterror",),
        do=(
            "[handle|catch|deal with|treat|process|react to] [errors|an error|exceptions|failures|an exception|problems|all errors|what goes wrong|a failure]",
        ),
        about=(
            "[errors|the errors|exceptions|error handling|the exceptions|ChatError|the error classes|exception handling|error types|failures]",
        ),
        ask=(
            "[which|what] [errors|exceptions] [are there|can happen|does it raise|can it raise|exist|do i catch|should i catch|may be raised]",
            "what [is raised|happens] when [something fails|a call fails|something goes wrong|it fails]",
        ),
    ),
    "retry": Fact(
        answer="Connect errors, 429 and 5xx are retried before anything is visible; retry= says how often.",
        keys=("429 and 5xx are retried",),
        do=(
            "[retry|repeat] [a call|calls|requests|failed calls|a failed request|a request|failed requests|after an error|automatically]",
            "[set|change|configure|limit|turn off|disable] [retries|the retries|the number of retries|retrying|the retry policy]",
        ),
        about=(
            "[retries|retry|retrying|the retry policy|automatic retries|rate limits|rate limiting|a 429|backoff|server errors]",
        ),
        ask=(
            "[does it|will it|do you] [retry|try again|repeat failed calls|retry automatically|try a second time]",
            "are [failed|broken] [calls|requests] [retried|repeated]",
            "what [about|happens with|happens at|happens on] [a rate limit|429|rate limits|a 503|an overloaded service|a busy server]",
        ),
    ),
    "timeouts": Fact(
        answer="Pass timeouts=Timeouts(…): each phase has a limit, and the error names the phase.",
        keys=("timeouts=Timeouts(",),
        do=(
            "[set|change|configure|give|choose|use|specify] [a|the|my|] [timeout|timeouts|time limit|time limits|deadline]",
            "[limit|bound] [the time|how long it waits|the time of a call|the waiting time|the duration of a call]",
            "wait [longer|less long] for an answer",
        ),
        about=("[timeouts|the timeout|a timeout|time limits|a time limit|the default timeout|deadlines]",),
        ask=(
            "how long does it wait",
            "what if [the service|the model|a server] [is slow|hangs|does not answer]",
            "is there a timeout",
        ),
    ),
    "config": Fact(
        answer="config.toml, in the folder that CHAT_HOME names, or ~/.config/chat on Linux.",
        keys=("config.toml",),
        do=(
            "[find|edit|write|change|open|create|make|use|locate] [the|a|my] [configuration file|config file|settings file|configuration|settings|config.toml|config]",
            "[configure|customise] [it|the library|the command line|chat-core|chat]",
        ),
        about=(
            "[the|a] [configuration file|config file|settings file|configuration|config|settings folder|config.toml|configuration folder]",
            "[settings|configuration|CHAT_HOME]",
        ),
        ask=(
            "where [is|are|do i find|lies] [the|my] [configuration|config file|settings|configuration file|settings file]",
            "is there a [configuration|config|settings] file",
        ),
    ),
    "roadmap": Fact(
        answer="ROADMAP.md says what exists and what comes next.",
        keys=("roadmap.md",),
        do=(
            "[see|know|find out|learn] [what comes next|what is planned|the plans|what is still missing|what is next|the roadmap]",
        ),
        about=(
            "[the roadmap|planned features|the plans|the plan|future plans|the future of the project|upcoming features|the next steps of the project|the state of the project|missing features]",
        ),
        ask=(
            "what [comes next|is planned|is next|is still missing|will come|is not done yet|are the plans]",
            "[is|are] there [a roadmap|plans]",
            "which features are [planned|missing|coming]",
            "is [gemini|bedrock|azure] [supported|planned|coming]",
        ),
    ),
    "docs": Fact(
        answer="The documentation is in docs/index.md: tutorial, how to, concepts, plugins, reference.",
        keys=("docs/index.md",),
        do=(
            "[find|read|see|open|get|build] [the|some|more|] [documentation|docs|manual|tutorial|reference|handbook|user guide]",
            "[learn|read|find out|know] more [about it|about the library|about this|]",
        ),
        about=(
            "[the|a] [documentation|docs|manual|tutorial|reference|handbook|api reference|user guide]",
            "[documentation|docs|tutorials|further reading]",
        ),
        ask=(
            "where [is|are|do i find] [the|any] [docs|documentation|manual|tutorial|reference]",
            "is there [a manual|a tutorial|documentation|a guide|an api reference|more to read]",
        ),
    ),
    "run_tests": Fact(
        answer="Install nox and uv, then run nox -s tests.",
        keys=("nox -s tests",),
        do=(
            "[run|start|execute|launch] [the|all|] [tests|test suite|checks|unit tests] [|of the project|of the library|of this repository|of chat-core]",
            "check that the [project|repository|code base] works",
        ),
        about=("[the|] [test suite|project's tests|tests of the project|test command|nox sessions]", "nox"),
        ask=(
            "[which|what] command runs the [tests|test suite]",
            "how are the tests of the project [run|started|executed]",
            "do the tests pass",
        ),
    ),
    "contribute": Fact(
        answer="CONTRIBUTING.md says how to set up, which checks there are, and the house rules.",
        keys=("contributing.md",),
        do=(
            "[contribute|help|take part|send a patch|make a pull request|submit a change|fix a bug|become a contributor|join the development|report a bug|open a pull request] [|to the project|in the project|to chat-core]",
        ),
        about=(
            "[contributing|contributions|the house rules|pull requests|the contribution guide|the coding rules|the rules of the project|the code style|the development setup]",
        ),
        ask=(
            "[can|may] i [contribute|help|send a patch|take part]",
            "what are the [house rules|coding rules]",
            "how do contributions work",
            "who may contribute",
        ),
    ),
    "depends": Fact(
        answer="chat-core stands on pydantic, httpx, pluggy and platformdirs.",
        keys=("pydantic, httpx, pluggy",),
        do=("[see|know|list|find] [the dependencies|what it depends on|its dependencies|the requirements]",),
        about=(
            "[the|its] [dependencies|requirements|third-party libraries|third party packages|required packages]",
            "[dependencies|third-party packages]",
        ),
        ask=(
            "[what|which] [libraries|packages|dependencies] [does it need|does it use|does it depend on|does it stand on|does it have|are needed|are required|does it pull in]",
            "what does [it|chat-core|the library] [depend on|stand on|build on|require|rest on]",
            "does it [use|need|depend on] [pydantic|pluggy|platformdirs|numpy]",
        ),
    ),
}
