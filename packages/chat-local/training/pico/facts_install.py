"""Facts about what the project is, and how to install and call it.

Law: a line here is true of the repository, or it is wrong.
"""

from pico.fact import Fact

_PIP = "python -m pip install -c constraints.txt -e packages/chat-core"

FACTS = {
    "project": Fact(
        answer="chat-core is one typed Python interface to language models, in small packages.",
        keys=("one typed",),
        do=("[describe|summarise|sum up|understand] [this|the] [project|library|repository|repo|software]",),
        about=(
            "chat-core",
            "this [project|library|repository|repo|software|framework|code]",
            "the project",
            "the library",
            "the [purpose|point|goal|aim|idea] of [this|the] [project|library|repository|software]",
            "the chat-core [package|library|project]",
        ),
        ask=(
            "what [does|can] [this|the] [project|library|software|repository] do",
            "what [is|s] this",
            "what [is|s] this [project|library|repo] [about|for|good for]",
            "what is chat-core [used for|good for|about]",
            "why [would|should] [i|we|anyone] use [this|this library|this project|chat-core]",
            "what [kind of|sort of] [project|library|software] is this",
            "what am i looking at",
        ),
    ),
    "install": Fact(
        answer=f"Clone the repository, then run {_PIP} and one more -e packages/NAME for each package that you want.",
        keys=("-e packages/NAME",),
        do=(
            "[install|set up|get|download|obtain] [this|it|the project|the library|the software|this library|chat-core]",
            "[install|set up|get] [this|it|the library|the project|this thing|chat-core] [on my machine|here|with pip|from a clone|locally]",
            "get started [with|using] [this|it|the library|the project]",
            "get [this|it] running",
            "start",
            "[add|put] [the library|chat-core] [to|into|in] my [environment|project|machine|system|computer|virtualenv]",
        ),
        about=(
            "[the|] installation",
            "the [install|installation|setup|pip] [command|line|instructions|procedure|guide]",
            "[installing|setting up] [this|it|the library|chat-core|the project]",
            "[the first|the] steps to install it",
            "the install",
            "setup",
        ),
        ask=(
            "where [do|should] i [start|begin]",
            "how is [it|this|the library|chat-core] installed",
            "which packages [do|should] i install first",
        ),
    ),
    "install_claude": Fact(
        answer=f"For chat-claude: {_PIP} -e packages/chat-claude",
        keys=("-e packages/chat-claude",),
        do=(
            "[install|set up|add|get|pip install|download] chat-claude",
            "[install|add|set up|get] [the|] [claude|anthropic] [package|support|provider|plugin]",
            "[install|set up] [what is needed for|support for|the package for] [claude|anthropic]",
        ),
        about=(
            "the [install|installation|pip|setup] [command|line|instructions] [for|of] [chat-claude|claude|the claude package|anthropic]",
            "[installing|the installation of|adding] [chat-claude|claude support|the claude package|the anthropic package]",
        ),
        ask=(
            "which package[s|] do i [need|install] for [claude|anthropic]",
            "chat-claude [install|installation|setup]",
            "how is chat-claude installed",
        ),
    ),
    "install_openai": Fact(
        answer=f"For chat-openai: {_PIP} -e packages/chat-responses -e packages/chat-openai",
        keys=("-e packages/chat-responses", "-e packages/chat-openai"),
        do=(
            "[install|set up|add|get|pip install|download] chat-openai",
            "[install|add|set up|get] [the|] [openai|gpt] [package|support|provider|plugin]",
            "[install|set up] [what is needed for|support for|the package for] [openai|gpt]",
        ),
        about=(
            "the [install|installation|pip|setup] [command|line|instructions] [for|of] [chat-openai|openai|the openai package]",
            "[installing|the installation of|adding] [chat-openai|openai support|the openai package]",
        ),
        ask=(
            "which package[s|] do i [need|install] for [openai|gpt]",
            "chat-openai [install|installation|setup]",
            "how is chat-openai installed",
        ),
    ),
    "install_ollama": Fact(
        answer=f"For chat-ollama: {_PIP} -e packages/chat-ollama",
        keys=("-e packages/chat-ollama",),
        do=(
            "[install|set up|add|get|pip install|download] chat-ollama",
            "[install|add|set up|get] [the|] ollama [package|support|provider|plugin]",
            "[install|set up] [what is needed for|support for|the package for] ollama",
        ),
        about=(
            "the [install|installation|pip|setup] [command|line|instructions] [for|of] [chat-ollama|ollama|the ollama package]",
            "[installing|the installation of|adding] [chat-ollama|ollama support|the ollama package]",
        ),
        ask=(
            "which package[s|] do i [need|install] for ollama",
            "chat-ollama [install|installation|setup]",
            "how is chat-ollama installed",
        ),
    ),
    "install_local": Fact(
        answer=f'For chat-local: {_PIP} -e "packages/chat-local[cpu]"',
        keys=('-e "packages/chat-local[cpu]"',),
        do=(
            "[install|set up|add|get|pip install|download] chat-local",
            "[install|add|set up] [the|] [package|support|provider|plugin] for [local|in-process] models",
            "[install|add|get] the [local|in-process] [model|models] [package|support|provider]",
        ),
        about=(
            "the [install|installation|pip|setup] [command|line|instructions] [for|of] [chat-local|the local package|local models]",
            "[installing|the installation of|adding] [chat-local|the local package|local model support]",
        ),
        ask=(
            "which package[s|] do i [need|install] for local models",
            "chat-local [install|installation|setup]",
            "how is chat-local installed",
        ),
    ),
    "install_cli": Fact(
        answer=f"For chat-cli: {_PIP} -e packages/chat-cli",
        keys=("-e packages/chat-cli",),
        do=(
            "[install|set up|add|get|pip install|download] chat-cli",
            "[install|add|set up|get|obtain] the [command line|chat command|command line tool|cli|terminal tool|terminal program]",
        ),
        about=(
            "the [install|installation|pip|setup] [command|line|instructions] [for|of] [chat-cli|the command line|the cli]",
            "[installing|the installation of|adding] [chat-cli|the command line|the cli|the chat command]",
        ),
        ask=(
            "which package [has|contains|brings] the [command line|cli|chat command]",
            "chat-cli [install|installation|setup]",
            "how is [chat-cli|the command line tool|the cli|the chat command] installed",
        ),
    ),
    "released": Fact(
        answer="Nothing is released yet, and names may still change: install from a clone.",
        keys=("nothing is released yet",),
        do=(
            "[find|get|download] [it|this|the library|chat-core] [on|from] [pypi|the package index]",
            "[get|download|find|install] [a|the] [release|released version|stable version|published version]",
        ),
        about=(
            "[the|] [pypi|release|latest version|latest release|release date|current version|version number]",
            "a [release|stable release|stable version|published package]",
        ),
        ask=(
            "is [it|this|chat-core|the library] [on pypi|released|published|stable|production ready|available on pypi]",
            "when [is|will] [it|this|the library|chat-core] [be released|come out|be on pypi|released]",
            "[is|are] there [a release|releases|any releases|any version on pypi]",
            "has [it|this|the library] been [released|published|uploaded] [|to pypi]",
            "which version is [current|the newest|out]",
            "will the [api|names] change",
        ),
    ),
    "python": Fact(
        answer="Python 3.11 or later.",
        keys=("3.11 or later",),
        do=(
            "[use|run] [it|this|the library] [with|on|under] [python 3.8|python 3.10|python 3.12|an old python|python 2]",
        ),
        about=(
            "the [python version|required python version|minimum python|needed python version|supported python versions]",
            "the [oldest|lowest|minimum|required] [python|interpreter] [version|] [that is supported|that works|]",
        ),
        ask=(
            "which [python|python version|version of the interpreter|python versions] [do i need|does it need|is required|are supported|does it support|works]",
            "what [python|version of python|python version] [do i need|is needed|does it require|must i have|should i use]",
            "does it [work|run] [with|on] python 3.[7|8|10|11|12|13]",
            "is python 3.[7|8|10|11|12|13] [enough|supported|ok|fine|too old]",
        ),
    ),
    "licence": Fact(
        answer="The licence is Apache-2.0.",
        keys=("apache-2.0",),
        do=(
            "[use|sell|copy|modify|redistribute] [this|it|the code|the library] [commercially|in a product|at work|in my company]",
        ),
        about=(
            "the [licence|license|terms of use|licensing|legal terms|copyright] [|of this|of the project|of the library|of chat-core]",
            "[licence|license|licensing]",
        ),
        ask=(
            "is [it|this|the code|the library] [open source|free|free software|gpl|mit licensed|apache licensed]",
            "[which|what] [licence|license] [is it under|does it have|does it use|applies|is this|do you use]",
            "how is [it|this|the code] [licensed|licenced]",
            "under which [licence|license] is [it|this|the library]",
            "[may|can] i use [it|this] [for free|commercially|at work|in a commercial product]",
        ),
    ),
    "first_call": Fact(
        answer='from chat_core import Chat; print(Chat("replay:demo").complete("Hello").text)',
        keys=("from chat_core import Chat",),
        do=(
            "[ask|call|prompt|query] a model [from|in|with] [python|code|a program|my program|a script]",
            "[write|make] [my|a] first [program|script|call|request]",
            "[make|do|write] a [simple|basic|first] [call|request|completion]",
            "[send|make] [a prompt|a message|a request|a completion] [in python|in code|from code]",
            "use [the library|chat-core|it] in [python|code|a program]",
        ),
        about=(
            "a [simple|short|minimal|small|basic|first|tiny|complete] [example|program|script|code example|snippet|python example]",
            "[example code|a code sample|sample code|the smallest example|an example in python|hello world|a usage example]",
            "the [simplest|shortest|smallest] [call|program|code|script]",
        ),
        ask=(
            "how does [a|the] [simple|minimal|first|basic] [program|call|script|example] look",
            "what does [the|a] code look like",
            "show me [some|the|] code",
            "[do|have] you [have|got] [a|an|any] [example|examples|sample]",
        ),
    ),
}
