"""Questions that nobody can answer here: as wide as the lists reach, and look-alikes.

Law: a question is made unknown by its words, never by its frame.
"""

from random import Random

from pico import lookalikes
from pico.frames import anything, both, framed, invented, spell
from pico.phrases import HOW, WHAT

REFUSAL = "I do not know that: I am too small."
ONLY_ADD = "I can only add numbers from 0 to 99."

_DO = (
    "{activity}",
    "{activity}",
    "{activity}",
    "{verb} a {thing}",
    "{verb} the {adjective} {thing}",
    "{verb} my {thing}",
    "{verb} {thing}s",
    "{cooking} {food}",
    "{cooking} {food} with {food}",
    "{cooking} {adjective} {food}",
    "travel to {place}",
    "move from {place} to {place}",
    "become a {profession}",
    "live like {person}",
    "meet {person}",
    "keep a {animal}",
    "get rid of {animal}s",
    "understand {topic}",
    "study {topic}",
    "learn {topic}",
    "get better at {topic}",
    "win at {topic}",
    "{verb} {person}'s {thing}",
    "teach {topic} to children",
    "dress for {place}",
    "talk about {topic} with {person}",
    "make a {thing} out of {food}",
    "go to {place} by {thing}",
)
_ABOUT = (
    "a {strange}",
    "an {strange}",
    "{strange}",
    "the {strange}",
    "{strange} {topic}",
    "the {strange} of {place}",
    "the [rules|laws|theory|principles|symptoms|number|smell|sound|taste|shape|origin|age|speed|depth|reason|effect|leader|members|parts|types|kinds|uses] of [{topic}|{thing}s|{food}|a {animal}|{strange}]",
    "the word [{strange}|{thing}|{adjective}]",
    "[{topic}|{strange}|{thing}] and [{topic}|{strange}|{food}]",
    "the {adjective}est [word|river|country|city|planet|bird|language|number] [in {place}|of the world|on earth|]",
    "{topic}",
    "{topic}",
    "{topic}",
    "{thing}s",
    "a {thing}",
    "the {thing}",
    "the {adjective} {thing}",
    "a {adjective} {animal}",
    "{food}",
    "{food} and {food}",
    "{place}",
    "{person}",
    "{work}",
    "{software}",
    "a {animal}",
    "{animal}s",
    "a {profession}",
    "the {profession} of {place}",
    "the history of {topic}",
    "the history of {place}",
    "the capital of {place}",
    "the meaning of {topic}",
    "the price of {food}",
    "the recipe for {food}",
    "the difference between a {thing} and a {thing}",
    "the difference between {topic} and {topic}",
    "the difference between a {animal} and a {animal}",
    "the best {food} in {place}",
    "the {adjective}est {animal}",
    "the most {adjective} {thing} in {place}",
    "the life of {person}",
    "the death of {person}",
    "{person}'s {thing}",
    "the plot of {work}",
    "the author of {work}",
    "the colour of {thing}s",
    "the weather in {place}",
    "the weight of a {animal}",
    "the chemical formula of {food}",
    "the opposite of {adjective}",
    "the {thing} in {place}",
    "a joke about {animal}s",
    "a joke",
    "a poem about {topic}",
    "a song about a {thing}",
    "a story about a {adjective} {animal}",
    "an essay on {topic}",
    "good books about {topic}",
    "a word that rhymes with {thing}",
    "a synonym for {adjective}",
    "your opinion on {topic}",
    "the population of {place}",
    "the distance from {place} to {place}",
    "the year of the first {thing}",
    "the causes of {topic}",
    "the future of {topic}",
    "the benefits of {food}",
)
_ASK = (
    "how many [{strange}s|{thing}s|{animal}s|countries|stars|planets|oceans] are there [in {place}|on earth|at night|]",
    "which [{thing}s|{animal}s|{strange}s|{food}|countries|shares|teams] [will|do|can|have] [rise|win|fly|the most {thing}s|{verb} {thing}s|grow]",
    "why do [{animal}s|{thing}s|{strange}s|people|plants] [turn {adjective}|become {adjective}|{verb} {thing}s|fall|grow|change]",
    "what does [the word|] [{strange}|{thing}|{adjective}] mean [in English|in Latin|exactly|]",
    "how do [{strange}s|{thing}s|{animal}s] [get into {place}|work|{verb} {thing}s|become {adjective}]",
    "who [invented|discovered|made|found|broke|bought|designed|stole] [the {thing}|{topic}|{food}|the {adjective} {thing}]",
    "who [wrote|painted|directed|composed|sang|filmed|read] {work}",
    "who [is|was] [{person}|{person}|the {adjective}est {profession}|the first {profession}|the {profession} of {place}|the president of {place}|the king of {place}|in charge of {place}]",
    "who [killed|married|loved|met|taught|hated|succeeded] {person}",
    "who [won|lost|plays] [the {topic} final|against {place}|yesterday|the election in {place}|in {work}]",
    "when [was|did] [{person} born|{person} die|{work} written|the {thing} invented|{place} founded|{topic} begin|{person} live]",
    "when [is|does] [{topic}|the {thing}|summer|winter|the match|christmas|the {thing} season] [over|start|end|begin|]",
    "where [is|lies] [{place}|the {thing} of {person}|my {thing}|the {adjective}est {thing}|the {thing}]",
    "where do [{animal}s|{profession}s|{thing}s|{food}] [live|come from|sleep|grow|work|go in winter]",
    "where can i [eat {food}|see a {animal}|learn {topic}|repair my {thing}|go on holiday]",
    "why [are|is|do|does] [{animal}s {adjective}|the {thing} {adjective}|{person} famous|{food} {adjective}|{place} so {adjective}|{animal}s sleep|we dream|people lie]",
    "why do [{animal}s|{profession}s|people|children] [like|need|fear|eat|want|avoid] [{food}|{thing}s|{topic}|{animal}s]",
    "why did [{person}|the {profession}|{place}|the {animal}] [leave|lose|fall|win|die|cry|become {adjective}]",
    "how [big|old|tall|heavy|fast|deep|far|long|hot|cold|strong|{adjective}] [is|are] [{place}|a {animal}|the {thing}|{person}|the sun|{animal}s|the moon|a {thing}]",
    "how many [{thing}s|{animal}s|people|legs|{profession}s|days|calories|countries|bones|colours] [are there in {place}|has a {animal}|does {person} have|are in a {thing}|fit in a {thing}|are in {food}|exist]",
    "how much [is|costs|does] [a {thing}|{food}|a {animal}|a flight to {place}|a {profession}] [cost|weigh|earn|eat|]",
    "how [is|are] [{food}|{thing}s|a {thing}|{topic}] [made|taught|sold|invented|grown|measured]",
    "how did [{person}|the {animal}s|{place}|{topic}] [die|begin|become {adjective}|win|end|change]",
    "how long does [{food}|a {thing}|a flight to {place}|a {animal}|{topic}] [take|last|live|keep]",
    "how do [{animal}s|{thing}s|{profession}s|birds|fish|plants] [fly|work|sleep|live|breathe|communicate|grow|see|move|{verb} {thing}s]",
    "how does [a {thing}|a {animal}|{topic}|the {thing}|{food}] [work|taste|smell|change {topic}|grow|sound]",
    "which [{thing}|{animal}|{food}|{profession}|country|river|city|planet|colour|team|book|film] is [the {adjective}est|the best|{adjective}|better|in {place}|good for {topic}]",
    "which {food} [goes with|is better than|is in] {food}",
    "what [eats|hunts|kills] [{animal}s|a {animal}]",
    "what do [{animal}s|{profession}s|people in {place}] [eat|do|wear|need|think of {topic}]",
    "what [happened|changed] [in {place}|to {person}|in 1914|in 1789|yesterday|in 2001|to the {animal}s]",
    "what [makes|causes] [{topic}|{food} {adjective}|the {thing} {adjective}|{animal}s {adjective}|rain|headaches]",
    "what colour [is|are] [{thing}s|a {animal}|the {thing}|{food}|the sky]",
    "what time is it [in {place}|now|]",
    "what day is [it|today|tomorrow]",
    "what's the weather [in {place}|today|like|like in {place}]",
    "what should i [eat|wear|read|buy|visit in {place}|cook|name my {animal}|give my {profession}|do on {topic} day|do today]",
    "[should|can|may|must] i [eat {food}|buy a {thing}|keep a {animal}|visit {place}|marry a {profession}|{verb} my {thing}]",
    "[is|are] [{food}|{animal}s|{topic}|{place}|a {thing}|{person}] [{adjective}|dangerous|healthy|real|{adjective}|better than {food}|in {place}]",
    "do [{animal}s|{profession}s|plants|{thing}s] [dream|eat {food}|sleep|feel pain|like {topic}|get {adjective}]",
    "does [{person}|a {animal}|{food}|{place}] [contain {food}|like {food}|sleep|have a {thing}|help against {topic}]",
    "[translate|say|spell] [{thing}|{adjective} {animal}|{food}|good night|i love you] [in|into] [French|Latin|Spanish|German|Chinese|Welsh]",
    "[write|compose|make up|invent|tell me|give me] [a poem|a story|a joke|a song|a riddle|an essay|a speech] [|about {topic}|about a {animal}|for {person}|about {place}]",
    "[recommend|suggest|name] [a book|a film|a restaurant in {place}|three {animal}s|a {adjective} {thing}|two {profession}s|a {food} recipe|a name for my {animal}|something to eat]",
    "[solve|integrate|factor|differentiate] [x squared|this equation|2x = 8|sin x|the puzzle]",
    "i [feel|am] [sad|lonely|tired|hungry|bored|ill|{adjective}|in love]",
    "my [{thing}|{animal}|head|{profession}|car|mother] [is {adjective}|is broken|hurts|is lost|smells of {food}]",
    "i [saw|love|hate|want|found|bought|ate] [a {thing}|a {adjective} {animal}|{food}|{person}|{place}|{topic}]",
    "the {adjective} {animal} [eats|likes|sees] the {thing}",
    "[draw|paint|show me|sing] [a {animal}|a {thing}|{person}|a song|{work}]",
    "convert [10 miles to kilometres|dollars to euros|20 degrees to fahrenheit|pounds to kilos|5 feet to metres]",
    "is it [true that {animal}s {verb} {thing}s|going to rain|late|{adjective} in {place}|cold outside]",
    "what is {topic} [in simple words|about|to you|good for]",
    "summarise [{work}|the life of {person}|{topic}]",
    "compare [{place} and {place}|{food} and {food}|{person} and {person}|{software} with {software}]",
    "how do you feel about [{topic}|{person}|{animal}s]",
    "what would {person} say about {topic}",
    "if a {animal} meets a {animal}, who wins",
    "[x|why|because|maybe|what|really|yes|no|huh|when|who|where|so what|and|never|what else|which one]",
)


def _sum_like(random: Random) -> str:
    a, b = random.randrange(100), random.randrange(1, 100)
    if random.random() < 0.45:
        sign = random.choice(
            (
                "*",
                "x",
                "times",
                "-",
                "minus",
                "/",
                "divided by",
                "multiplied by",
                "to the power of",
                "less",
                "modulo",
                "over",
            )
        )
    else:
        sign, (a, b) = (
            random.choice(("+", "plus", "and")),
            random.choice(
                (
                    (random.randrange(100, 2000), b),
                    (a, random.randrange(100, 2000)),
                    (random.randrange(100, 999), random.randrange(100, 999)),
                )
            ),
        )
    if sign == "and":
        return f"{random.choice(('add', 'the sum of', 'what is the sum of', 'sum'))} {a} and {b}"
    frame = random.choice(
        (
            "what is {}",
            "{}",
            "how much is {}",
            "calculate {}",
            "compute {}",
            "what's {}",
            "tell me {}",
            "{} = ",
            "can you calculate {}",
            "work out {}",
            "solve {}",
            "and {}",
        )
    )
    return frame.replace("{}", f"{a}{sign}{b}" if sign in "*-/+" and random.random() < 0.4 else f"{a} {sign} {b}")


def unknown(random: Random) -> tuple[str, str]:
    """Make a question and the refusal that it gets."""
    kind = random.random()
    if kind < 0.1:
        return _sum_like(random), ONLY_ADD
    if kind < 0.38:
        return _lookalike(random), REFUSAL
    if kind < 0.42:
        return both(spell(random.choice(_DO), random), spell(random.choice(_ABOUT), random), random), REFUSAL
    if kind < 0.5:
        return framed(spell(random.choice(_DO), random), HOW, random), REFUSAL
    if kind < 0.64:
        return framed(spell(random.choice(_ABOUT), random), WHAT, random), REFUSAL
    return _mixed(spell(random.choice(_ASK), random), random), REFUSAL


def _lookalike(random: Random) -> str:
    which = random.random()
    if which < 0.4:
        return framed(spell(random.choice(lookalikes.DO), random), HOW, random)
    if which < 0.75:
        return framed(spell(random.choice(lookalikes.ABOUT), random), WHAT, random)
    return spell(random.choice(lookalikes.ASK), random)


def _mixed(question: str, random: Random) -> str:
    """Put other words in place of some: what is unknown stays unknown with any words at all."""
    if random.random() > 0.3:
        return question
    parts = question.split()
    for at in range(1, len(parts)):
        if len(parts[at]) > 4 and random.random() < 0.5:
            parts[at] = invented(random) if random.random() < 0.2 else anything(random)
    return " ".join(parts)
