"""Facts about what else a call can do, and about trying and testing.

Law: a line here is true of the repository, or it is wrong.
"""

from pico.fact import Fact

FACTS = {
    "embed": Fact(
        answer='chat.embed(["a text"]) gives one vector for each text.',
        keys=("chat.embed(",),
        do=(
            "[make|get|compute|create|calculate|ask for|produce] [embeddings|an embedding|vectors|a vector|text embeddings|embedding vectors] [|of a text|for my texts|of texts|of a sentence|for documents]",
            "[embed|vectorise|vectorize] [texts|a text|text|a sentence|documents|my documents|sentences]",
        ),
        about=(
            "[embeddings|an embedding|embedding|text embeddings|vectors|text vectors|embedding models|vector embeddings]",
        ),
        ask=(
            "[does it|can it|do you] [support|make|compute|have|do] [embeddings|vectors|text embeddings]",
            "are embeddings supported",
        ),
    ),
    "count": Fact(
        answer='chat.count_tokens("a text") counts the tokens before anything is asked.',
        keys=("chat.count_tokens(",),
        do=(
            "[count|estimate|know|measure|find out|check] [tokens|the tokens|how many tokens|the number of tokens|the token count|how long] [|of a text|of a prompt|in my prompt|my prompt is|in a text|before i send|before sending|in advance]",
        ),
        about=(
            "[token counting|a token count|counting tokens|the token count of a prompt|the length in tokens|the number of tokens in a text|count_tokens]",
        ),
        ask=(
            "[does it|can it|do you] count tokens",
            "how many tokens [has|does|are in|is] [my prompt|a text|this text|my text|a prompt] [|have]",
            "how long is my prompt in tokens",
        ),
    ),
    "media": Fact(
        answer="Put a Media part into the message: an image, a sound, a video or a document, from bytes, an address or a file.",
        keys=("a media part",),
        do=(
            "[send|attach|add|show|pass|include|upload|use|give] [an image|images|a picture|pictures|a photo|a pdf|a document|audio|a sound|a video|a file|files|screenshots] [|to the model|with a question|in a message|to a message|to the prompt]",
        ),
        about=(
            "[images|pictures|image input|attachments|media|audio input|pdf files|multimodal input|vision|multimodal messages|file attachments|photos]",
        ),
        ask=(
            "[does it|can it|do you|can the model] [support|take|accept|see|read|handle|understand] [images|pictures|audio|pdf files|documents|photos|video|media]",
            "are [images|pictures|audio files] supported",
        ),
    ),
    "usage": Fact(
        answer="turn.usage has the tokens of a call; turn.text is what the model said.",
        keys=("turn.usage",),
        do=(
            "[see|find|get|read|know|print] [the usage|token usage|usage|how many tokens were used|the used tokens|the cost|what a call cost|what it cost|how many tokens it took|the tokens of a call]",
            "[get|read|print] [the text|the text of an answer|the text of a turn|what the model said]",
        ),
        about=(
            "[usage|the usage|token usage|the cost of a call|the number of used tokens|the cost|a turn|turn.text|turn.usage|the Turn|the result of a call]",
        ),
        ask=(
            "how many tokens [did it use|were used|did a call use|did the answer take|did i use]",
            "what did [it|the call|a call|the answer] cost",
            "where is the [text|usage|token usage|text of the answer]",
            "what does complete return",
        ),
    ),
    "system": Fact(
        answer='chat.complete((system("Be brief."), user("Hello"))) gives instructions first.',
        keys=('system("Be brief.")',),
        do=(
            "[give|set|write|add|pass|use|send|specify|provide] [a|the|my] [system prompt|system message|instructions|system instructions|system role|instruction]",
            "[tell|instruct] the model how to [behave|answer|act]",
            "set [the|a] [persona|tone|role|behaviour] [of the model|]",
        ),
        about=(
            "[the|a] [system prompt|system message|system role|instruction message]",
            "[system prompts|system messages|instructions to the model|instructions]",
        ),
        ask=(
            "where [do|does] [the|my] [instructions|system prompt|system message] go",
            "[does it|can i] [have|support|use|take] [a system prompt|system prompts|system messages|instructions]",
        ),
    ),
    "many": Fact(
        answer="chat.map(requests, concurrency=8) sends many requests at once and keeps their order.",
        keys=("chat.map(",),
        do=(
            "[send|ask|run|make|process|do] [many|several|lots of|a hundred|hundreds of|a lot of|multiple|thousands of|a list of] [requests|calls|questions|prompts] [|at once|in parallel|together|concurrently|at the same time]",
            "[run|send] [requests|calls|prompts] [in parallel|concurrently|at once|at the same time|side by side]",
            "set the concurrency",
        ),
        about=(
            "[parallel requests|concurrency|many requests|parallel calls|concurrent requests|chat.map|batches of prompts|parallelism|concurrent calls]",
        ),
        ask=(
            "can [it|i] [run|send|make|do] [many|several|parallel|multiple|concurrent] [requests|calls|prompts]",
            "are parallel [requests|calls] possible",
        ),
    ),
    "cancel": Fact(
        answer="Leave the with block of a stream early: that ends the call and closes its connection.",
        keys=("leave the with block",),
        do=(
            "[cancel|abort|stop|interrupt|end|break off|quit|kill] [a stream|a call|an answer|a request|the stream|the answer|a running call|generation|a response|the model] [|early|in the middle|halfway|while it runs]",
        ),
        about=(
            "[cancellation|cancelling a call|cancelling|aborting a request|stopping a stream|interrupting an answer|ending a stream early]",
        ),
        ask=(
            "can [a call|a stream|an answer|a request|generation|it] be [cancelled|stopped|aborted|interrupted|ended early]",
            "what happens when i leave a stream",
        ),
    ),
    "notebook": Fact(
        answer="The blocking Chat works inside a running loop, so notebooks are fine.",
        keys=("notebooks are fine",),
        do=(
            "[use|run|call|try] [it|this|the library|Chat|chat-core] in [a notebook|jupyter|notebooks|colab|ipython|a jupyter notebook|a running loop|a running event loop]",
        ),
        about=("[notebooks|jupyter|a notebook|jupyter notebooks|notebook support|colab|ipython]",),
        ask=(
            "[does it|will it|can it] [work|run] in [a notebook|jupyter|notebooks|colab|ipython|jupyterlab|a running loop|a running event loop]",
            "is jupyter supported",
        ),
    ),
    "demo": Fact(
        answer="replay:demo is a recording that answers without a key and without a network.",
        keys=("replay:demo is a recording",),
        do=(
            "[use|try|run|call|ask] [replay:demo|the replay demo|the recording|the replay provider]",
            "[try|test|use] [it|the library|this|chat-core] without [a key|an api key|an account|any key|keys|paying|a subscription]",
        ),
        about=("[replay:demo|the replay demo|replay demo|the replay provider|the recorded demo]",),
        ask=(
            "what [is|does] replay:demo [for|do|]",
            "[can i|does it|is there anything that|does anything] [try it|work|works|run] without [a key|an api key|an account|keys|any key]",
            "what works without a key",
        ),
    ),
    "testing": Fact(
        answer="Let your program take its Chat as an argument, and test it with replay:demo or with a recording.",
        keys=("take its chat as an argument",),
        do=(
            "[test|unit test|write tests for|check] [my program|my code|my app|my application|my own code|code that calls a model|a program that uses this|my project] [|without a network|offline|without a key|without a model]",
            "[mock|fake|stub|simulate] [a model|the model|an answer|answers|the service|responses|calls|the api] [|in tests|in a test|in my tests]",
        ),
        about=(
            "[testing my program|testing my code|tests of my program|unit tests of my code|unit testing|mocking|a fake model for tests|testing without a network|tests without a network]",
        ),
        ask=(
            "how can my tests [avoid|do without] [the network|real calls|a model]",
            "how are programs tested [that use this|with this library]",
        ),
    ),
}
