"""Sentences that ask what states show, in numbers and words, and about the run as a whole. Notation: sentences.py."""

READINGS = """
confidence
    How (sure|certain|confident) (is|was) {step} (of its (top |)token|about its token|)?
    How (sure|certain|confident) (is|was) {it} (at|in|on) {step}?
    What is the (top token|token) (of|at) {step}, with its (percent|probability)?
    What (percent|probability|confidence) does {step} (have|give|put) (on|to) its (top |)token?
    (Tell me|Show me|Give me) (how sure {step} is|the certainty of {step}|the probability of the token at {step}).
    (confidence|certainty|probability|sureness|top probability) (at|of|in) {step}
    {step}: (how sure|confidence|certainty|probability|percent)?
    At {step}, how (sure|certain|confident) is {it}?
    (What is|How high is|How big is) (the|its) (confidence|certainty|top probability|probability) (at|of|in) {step}?
    {idea} how (sure|certain|confident) {it} is at {step}?
    What probability does the (lens|logit lens|readout) (assign to|give|put on) the top token (at|of) {step}?
    How peaked is the (lens distribution|distribution|readout|softmax) (at|in|of) {step}?
    Report the (top token's probability|argmax probability|max probability) (for|at|of) {step}.
    {reason}. How (sure|certain|confident) is it at {step}?
    {so} how (sure|certain|confident) is {step} (really|then|in its token)?
    How (likely|probable) (is|was) the (top|best|leading) token (of|at|in) {step}?
    (p(op token|rob)|max softmax|top-token probability|argmax prob), {step}(?|)
    I would like (the max softmax probability|the probability of the best token|the confidence) (at|of|for) {step}.
    (With|At) what (probability|confidence|percentage) does {step} (favour|prefer|back|choose) its (best|top) token?
    When we look at {step}, how (likely|probable|strong) is its (best|favourite|leading) token?
    I wonder how (sure|certain|confident) {step} is (of its token|about its token|there).
    (The|Its) (confidence|certainty|probability) at {step}, (what is it|how high|please)?
    (Is|Was) {step} (sure|certain|confident) of its token, and how (much|very)?
    How (strongly|firmly|much) does {step} believe in its (top |best |)token?
    * (Give|Read me) the confidence of {step}.
    * (Does|Did) {it} (hesitate|waver) at {step}, or how (firm|strong) is its (token|guess)?
    * Could you put a (number|percentage|figure) on the certainty (of|at) {step}?
    * The (trust|belief) of {step} in its own token is how (large|strong)?
    * (Doubts|Any doubts) at {step}, in percent?
top_tokens
    What are the (top|most likely|most probable|likeliest|best) tokens (of|at|in) {step}?
    {which} tokens (does {step} show|do you see at {step}|are at the top of {step}|come up at {step})?
    What is (in|inside|on the mind of) {step}?
    What (does|would) the (logit |)lens (show|say|read) (at|in|for|of) {step}?
    What (is|was) (the|its) (top token|top word|best token|likeliest token) (of|at|in|for) {step}?
    {show} (the |)(top tokens|most likely tokens|lens tokens) (of|at|in) {step}.
    (top tokens|lens|logit lens|tokens|top token) (at|of|for) {step}
    {step}: (top tokens|tokens|lens|which tokens)?
    At {step}, (what are the top tokens|which tokens are on top|what does the lens show)?
    What (does {step} (show|encode|represent|stand for|say|have in mind)|is {step} thinking of)?
    What is {it} thinking (of |)(at|in|during) {step}?
    {idea} which tokens (lead|rank highest|are on top) (at|in) {step}?
    Project {step} (through the unembedding|onto the vocabulary). Which tokens (rank highest|come out|win)?
    Give the highest-probability (tokens|vocabulary items|words) (for|at|of) {step}.
    {reason}. What are the top tokens (at|of|in) {step}?
    {so} what is {step} (about|on about|thinking) in tokens?
    What (words|tokens|words or tokens) does {step} (look most like|resemble|come closest to)?
    Read {step} as tokens(: what do you get|, what are they|. Which are they)?
    Can you list the (most likely|top|leading|best) tokens (at|of|for) {step}?
    (readout|decoded tokens|unembedded|vocab projection|logits top) (of|at|for) {step}(?|)
    What does {step} (read as|decode to|map to|spell)?
    I wonder what {step} (means|has in it|looks like) in (words|tokens).
    The (tokens|top tokens|words) (of|at|in) {step}, (what are they|please|which)?
    What (can you|do you|can we) (see|read) (in|at) {step}?
    What does {step} have on its mind?
    * List what the lens (shows|sees|finds) at {step}.
    * (Decoded|Put|Turned) into words, {step} (reads how|says what|is what)?
    * (Open|Look into) {step} and tell me what (stands|is written) there.
    * Unembed {step}: the (winners|front runners|leaders)?
    * Through the lens {step} would (sound|look) like (which words|what)?
entropy
    (Where|At which step|When) is the entropy (the |)(highest|largest), (and |)where (the |)(lowest|smallest|least)?
    (Where|When|At which step) is {it} (most uncertain, and where least|least and most sure)?
    How does the entropy (run|go|change|develop|move)( over the steps| along the steps|)?
    {which} (steps|states) have the (highest|largest) and the (lowest|smallest) entropy?
    (Show|Tell|Give) me (where|at which steps) the entropy (peaks and dips|is highest and lowest|is at its extremes).
    (entropy extremes|highest and lowest entropy|entropy max and min|max and min entropy|entropy over the steps)
    What (about|of) the entropy: (highest|most) (where|at which step), (lowest|least) (where|at which step)?
    (In terms of|By|Judging by) entropy, which states are (the extremes|highest and lowest)?
    {idea} (where|at which step|when) the entropy is (highest|largest) and (where |)(lowest|smallest)?
    (Where|When) along the (chain|run|{latents}) does (the |)(lens |)entropy peak, and where is it (minimal|lowest)?
    {want} the (location|place|steps) of the entropy (extremes|maximum and minimum) over the {latents}.
    (Tell me|Say) at which {latent} the (readout |)distribution is (flattest|widest) and at which sharpest.
    {reason}. At which {latent} is the entropy highest, at which lowest?
    {so} which {latents} have (most|the most) and (least|the least) entropy?
    Which {latent} has the most spread-out distribution? (And which|Which) (has |)the least?
    (entropy|lens entropy) (max and min|extremes|peak and low|maximum, minimum|range)(, where|, which steps|)(?|)
    (most and least|least and most) (uncertain|undecided|unsure) {latent}(?|)
    (highest|largest|max)(/| and )(lowest|smallest|min) entropy {latent}(?|)
    Where is {it} (most uncertain|least sure) and where is it (least uncertain|surest), (by|going by|in) entropy?
    (Find|Locate|Mark) the (maximum and minimum|peak and valley|top and bottom) of the entropy.
    The entropy, where is it (highest|largest|most) and (where |)(lowest|smallest|least)?
    I wonder (where|at which {latent}) the entropy (peaks|is highest) and (where it |)(bottoms out|is lowest).
    (Can|Could) you (give|find|tell me|show me) the {latents} of (highest|largest) and (lowest|smallest) entropy?
    (maximum|highest|largest) entropy where, and (minimum|lowest|smallest)(?|)
    At {which} {latent} is it (most lost|most unsure) and at which least, (measured by|in) entropy?
    * At which states is it (least and most|most and least) (sure|certain) by entropy?
    * (Point to|Find) the (flattest and the sharpest|most and least spread out) (distributions|states), by entropy.
    * Is there a {latent} where it is all at sea and one (where it is clear|that is settled), by entropy?
    * The (entropy curve|curve of entropy): its top and its bottom (are where|are at which {latents})?
    * (Entropy-wise|By its entropy), the two (ends|poles|outliers) are which {latents}?
change
    (At|In) {which} step does the hidden state (change|move|turn|jump) (the |)most?
    Which step (turns|changes|moves|shifts) the hidden (state|vector) (the |)most?
    Where does the (hidden state|vector) (change|turn|move) (the |)most?
    {show} the step (with|of) the (biggest|largest|greatest) (change|turn|jump) (of|in) the hidden state.
    (biggest|largest) (hidden state change|change of hidden state|jump of the hidden state|turn of the vector)
    (Between which steps|When|Where) is the hidden state (least like|most unlike) the (one|state) before?
    The hidden state (changes|turns|moves) most (where|at which step|when)?
    Which (step's|state's) (vector|hidden state) differs (the |)most from the (previous one|one before)?
    {idea} (where|at which step|when) the (hidden state|vector) (changes|turns|moves|jumps) (the |)most?
    Between which (consecutive |neighbouring |two |){latents} is (the |)cosine( similarity|) (lowest|smallest|least)?
    Where does the (hidden state|vector) (rotate|shift|swing|bend) (the |)most( from one {latent} to the next|)?
    At which (transition|step) does the representation (shift|change) (direction |)most (sharply|strongly)?
    I am (looking for|after|searching for) the (largest|biggest) (step-to-step |)change (in|of) the {state}.
    {reason}. Where does the (hidden state|vector) change the most?
    {so} (where|at which {latent}) is the (big|biggest|largest) (jump|turn|move|change) of the (hidden state|vector)?
    What is the (biggest|largest|greatest|strongest) (jump|turn|shift|change) in the {state}?
    (largest|biggest|greatest) (turn|jump|rotation|shift|direction change)( between {latents}|, which {latent}|)(?|)
    (lowest|smallest|min|least) (cosine|cosine similarity)( between {latents}| to the one before|, where|)(?|)
    {latent} with (the |)(biggest|largest) (change of direction|direction change|turn|rotation)(?|)
    (where|when) does (the |)(hidden state|vector|state) (move|turn|change|jump) most(?|)
    The {state}, where does it (change|move|turn|jump) most?
    I wonder (where|at which {latent}) the {state} (changes|turns|moves|jumps) the most.
    (Can|Could) you (find|tell me|show me) the (biggest|largest) (change|jump|turn) (of|in) the {state}?
    Which two {latents} (in a row|next to each other) are (least alike|most different)( in their {state}|)?
    How big is each change of the {state}, or (just|only) where the biggest is?
    * Where is the cosine (to the step before|to the previous step|to its predecessor) (lowest|smallest)?
    * (Follow|Watch) the (hidden states|vectors): where is the (sharpest bend|sharpest turn|greatest leap)?
    * Which {latent} (breaks|departs) most (sharply|clearly) with (its|the) predecessor?
    * The (vectors|states) go (along|on) until they (swerve|veer) hard: where is that?
    * (Something|The vector) takes a sudden turn: (where|at which {latent}) is it?
settle
    (Where|When) does the {lens_token} (settle|settle down|become stable|stop changing|stay put)?
    From {which} step on (is|was|stays) the {lens_token} (always |)the same?
    (At which step|After which step) does the {lens_token} (settle|stay the same|stop changing|become fixed)?
    {which} top token does {it} (settle on|end up with), and (from when|from which step|where)?
    (Tell me|Show me|I want to know) (when|where) the (top|lens) token (settles|no longer changes|becomes stable).
    (top token|lens token) (settles when|stable from|settled where|fixed from when)
    How (soon|early|fast) does the {lens_token} (settle|stabilise|stop changing)?
    The top token (no longer changes|stays the same|is stable) from {which} step?
    {idea} (when|where|from which step on) the {lens_token} (settles|stays the same|stops changing)?
    After {which} {latent} does the (argmax token|argmax|top-1 token) (remain|stay) (constant|fixed|the same)?
    From {which} {latent} (onward|on) is the (top-1 lens|argmax|leading|top-1) token (stable|constant|fixed|unchanged)?
    When does the (readout|lens|logit lens) stop (changing|switching) its (leading|top|best) token?
    (At what point|When|Where) does the (lens prediction|lens reading|readout) (lock in|stabilise|settle)( for good|)?
    {reason}. From which {latent} on is the top token (the same|stable)?
    {so} (when|where|at which {latent}) does the {lens_token} (settle|stop changing)?
    (At which|At what) {latent} does it settle on (a single|one|its) token( and stick with it| and keep it|)?
    Is there a (point|step|moment) after which the top token is always the same one? (When|Where|Which)?
    (top|lens|leading|argmax) token (stable|fixed|constant|unchanged) (from when|from which {latent}|since when)(?|)
    (last|final) (switch|change) of the (top|lens|leading|argmax) token(, at which {latent}|, when|, where|)(?|)
    (token|top token|lens) (stabilises|settles|locks in) (when|where|at which {latent})(?|)
    The {lens_token}, (when|where|at which {latent}) does it (settle|stop changing|stay the same)?
    I wonder (when|where|at which {latent}) the {lens_token} (settles|stops changing|becomes stable).
    (Can|Could) you (find|tell me|see) (when|where) the {lens_token} (is fixed|gets stable|no longer changes)?
    (Until|Up to) (when|which {latent}) does the {lens_token} (still |)(change|switch|jump around)?
    The same {lens_token} (from when on|since which {latent}|from which {latent})?
    * When does the lens stop changing its mind?
    * (After|Past) which point is the (lens|logit lens) (reading|token) (frozen|steady)?
    * (Beyond|From) where on does no other token (take over|take the lead)?
    * {which} token (wins|stays ahead) for good, and since which {latent}?
    * (Now|First) this token, (then|now) that token: when does it end?
norms
    (Where|At which step|When) is the (norm|vector norm) (highest|largest), (and |)where (the |)(lowest|smallest)?
    How does the norm (run|go|change|develop|move)( over the steps| along the steps|)?
    {which} (steps|states) have the (highest|largest) and the (lowest|smallest) norm?
    (Show|Tell|Give) me (where|at which steps) the norm (peaks and dips|is highest and lowest|is at its extremes).
    (norm extremes|highest and lowest norm|norm max and min|max and min norm|norms over the steps)
    {which} hidden states are the (biggest and smallest|largest and smallest) (by|in) norm?
    (In terms of|By|Judging by) norm, which states are (the extremes|highest and lowest)?
    {idea} (where|at which step|when) the (norm|vector norm) is (highest|largest) and (where |)(lowest|smallest)?
    What are the (L2 |vector |)norms of the (latents|hidden states|vectors|steps)?
    How does the (magnitude|size|length) of the (hidden state|vector|latent) (vary|change|develop) over the {latents}?
    (Report|Give|List|Show) the (vector |L2 |)norm (at|of|for) (each|every) {latent}.
    Which (latents|hidden states) have the (largest|biggest|highest) and (the |)(smallest|lowest) (norms|norm|length)?
    {reason}. (How big are the hidden states|How long are the vectors|What are the norms)?
    {so} (how big|how large|how long) are the (vectors|hidden states|latents)( at each {latent}|, by norm|)?
    Do the (vectors|hidden states) get (bigger or smaller|longer or shorter) (during|in|over) the (thinking|run|chain)?
    (norms|norm|L2 norms|vector norms|hidden state norms|magnitudes)( per {latent}|, all {latents}| by {latent}|)(?|)
    (How big|How large|How long) (are|were) the (hidden states|vectors|latent vectors)(?|)
    (hidden state|vector|latent) (magnitudes|sizes|lengths|norms)(, all {latents}| per {latent}| over the run|)(?|)
    {tell} (where|at which {latent}) the (vector|hidden state) is (longest|largest) and (where |)(shortest|smallest).
    The norms, where (is the|are the) (highest and lowest|largest and smallest|extremes)?
    I wonder (how big|how long|how large) the (vectors|hidden states|latent vectors) (are|get).
    (Can|Could) you (give|tell|show) me the (norms|sizes|lengths|magnitudes) of the (vectors|hidden states|latents)?
    (longest|biggest) and (shortest|smallest) (vector|hidden state|latent vector)(, by norm|, which {latents}|)(?|)
    (Is|Was) there a (very |)(big|large|long) (vector|hidden state)? (Where|Which)( and where is the smallest|)?
    * Which states are the longest and the shortest vectors?
    * (Measure|Compare) the (lengths|sizes) of the vectors: where (most and least|the extremes)?
    * (Give|Hand) me the extremes in (vector |)(length|magnitude).
    * (Growing or shrinking|Swelling or shrivelling), the (states|vectors): where is the peak and the trough?
    * (Size-wise|By length), the (giant|big one) and the (dwarf|tiny one) are which {latents}?
summary
    (Sum up|Summarise|Summarize|Describe|Explain) what (the latent steps|the thoughts|these thoughts|the steps) do.
    What is going on in (the latent steps|the thoughts|these thoughts|there|its head)?
    (Give|Write) me (a|the|a short) (summary|overview|report)( of the thoughts| of the run| of it all|).
    What (happens|happened|is happening|goes on) (in|during) (the thoughts|the latent steps|its thinking|this run)?
    (summary|overview|sum up|tl;dr|the whole story)( please| of the thoughts|)
    (Explain|Describe|Walk me through|Go over) (the thoughts|this run|the run|its thinking|the whole run).
    (How|What) (does|did) {it} think(, all in all|, overall|, in sum)?
    (Can|Could) you (sum up|summarise|explain) (the thoughts|what it did|the run|everything)?
    What do (the latent steps|these thoughts|the thoughts) (do|say|mean)( altogether| overall| all in all|)?
    What can you (tell me|say) about (this run|these thoughts|the latent steps|the thoughts)?
    {idea} what (is going on|happened|goes on) in (this run|the thoughts|the {latents}|its head)?
    (Summarise|Summarize|Sum up|Recap|Outline) (the run|this run|this trace|the chain)( briefly| in short| please|).
    (Give|Write) (me |)a (brief|short|quick|full|compact) (overview|summary|account) of (this trace|the run).
    Describe the (latent reasoning|reasoning process|thinking) (in a few sentences|in short|as a whole|briefly).
    Could you (characterise|describe|outline|recap) (this chain|the run|this trace)( as a whole| in short|)?
    {reason}. (Can you sum it up|Could you sum up the run|What happened in this run|Give me the overview)(?|)
    {so} (what happened here|what did it do in there|what is the story of this run|what went on in this run)?
    What are the main (things|points|findings) (I should know about|in|of) (this run|the trace|the {latents})?
    Could you explain (in short|briefly|roughly) how the model (thought|reasoned|went about it|worked)( here|)?
    (summary|overview|recap|gist|big picture|synopsis|tl;dr)( of this run| of the trace| of the chain|)(?|)
    (Sum it up|Wrap it up|Recap|In a nutshell|The gist|The big picture|Long story short)( for me|, please|)(.|?|)
    {want} (a summary|an overview|the gist|a short report|the big picture) of (the run|this trace|its thinking).
    (So|And|Well,) (what is|tell me) the (whole |)story (of|behind|in) (this run|this trace|these thoughts)(?|.)
    (I wonder|Please explain|Tell me) what (went on|goes on) (in this run|in there|during the thinking|in its head).
    (Can|Could) you (describe|explain|recap) (the whole thing|all of it|this run|what happened)( for me| in short|)?
    This run, (what is it about|what happened in it|explain it to me|in short)(?|)
    (A|One) (short |quick |)(summary|overview|recap) (of all this|of the whole run|would help)(.|, please.)
    * Tell me (all|everything) about these thoughts.
    * (In a few words|In short|Briefly), how did (the run|it all) go?
    * (Brief|Fill) me (in |)on (this|the) (run|trace) (from end to end|as if I had missed it).
    * If you had (a minute|a paragraph) for (this|the) run, what would you (report|write)?
    * (Pretend|Imagine) I know nothing: (what did it do|how does this run go)?
asked
    (What|Which question) was (it asked|asked|the model asked)?
    {which} (question|problem|word problem) was (put|put to it|it given|it answering|it solving)?
    What (was|is) the (question|prompt|input|problem|word problem|task)?
    (Tell me|Show me|Repeat|Reconstruct|Recover|Give me) the {prompt}.
    (Can|Could) you (tell|reconstruct|recover|read off|work out) (the question|what was asked|what the question was)?
    (question|the question|original question|what question)?
    Which question does {it} (answer|try to answer|reply to)?
    {tell} what (was asked|the question was|it was asked).
    (From the thoughts|By its thoughts), what was (asked|the question)?
    What did (they|the user|someone|people|I) ask( it| the model|)?
    {idea} what (the question was|it was asked|the prompt said|the problem was)?
    {which} (question|problem|prompt|task) (led to|is behind|caused|started) (this run|these thoughts|this trace)?
    (Can|Could) (you|we|one) (recover|reconstruct|restore|infer|work out) the {prompt}( from this| from the {latents}|)?
    {reason}. What was the (question|problem|prompt|input)?
    {so} what (was|is) the (question|problem|prompt)( then| it had|)?
    I (lost|can not see|do not have|forgot) the (question|prompt|problem). What was it?
    {want} (the question|the wording of the question|the prompt|the original problem)( back|).
    (the |)(original|hidden|underlying|input) (question|prompt|problem)(?|, please|)
    What (did|does|was) the (question|prompt|problem) (say|ask|read|asking)( for| exactly|)?
    (Write|Spell|Read) out the {prompt}( for me| it got|).
    (Judging|Going) by the (thoughts|{latents}|trace), {which} question (did it get|was it given)?
    What (exactly |)was {it} (supposed|told|meant|to|asked) to (solve|find|work out|compute|answer)?
    The (question|prompt|problem), (what was it|what is it|please|it was what)?
    I wonder what (the question was|it was asked|they asked it|the prompt was|problem it had).
    (Can|Could) you (see|say|guess|find) (from this |from the {latents} |)what (was asked|the question was)?
    What (words|text|sentence) (was|were) (it given|the model given|put in|typed in)( as the question|)?
    (Try|Attempt) to (reconstruct|recover|restore|guess) the {prompt}( from the {latents}|).
    * Guess the question.
    * (To what|To which words) is (this|that|all this) (a reply|the answer)?
    * (Turn|Work|Go) back from (the {latents}|the {answer}) to the question.
    * (Someone|A user) typed something to get this: what (exactly|words)?
    * The {answer} I know, but what had been asked?
about
    What (is|was) the question about?
    {which} words does the question turn on?
    {which} (is|was) the (topic|subject|theme)( of the question| of the story|)?
    What (things|objects|words) (is|was) the question about?
    (topic|subject|theme|keywords|key words)( of the question| of the story|)
    {show} the (topic|subject|theme|main words|keywords)( of the question| of the story|).
    What does the {problem} (deal with|revolve around|talk about)?
    (Can you tell|Can you see|Do you know|Could you say) what the {problem} is about?
    {tell} what the {problem} is about.
    {idea} what (the question|the story|the problem|the word problem) (is|was) about?
    What was the (input problem|word problem|input|problem|prompt) about?
    What (topic|subject|theme) does the {problem} (deal with|treat|cover|have)(, judging from the {latents}|)?
    (Can|Could) you (recover|guess|infer|tell) the (subject|topic|theme) of the {problem}?
    {which} (scenario|situation|setting|subject) was {it} (reasoning|thinking) (over|about)?
    {reason}. What is the {problem} about?
    {so} (what|which topic) is the {problem} about?
    What (kind|sort) of (story|situation|scenario) (was|is) the (problem|question|word problem)( telling| about|)?
    What things or people does the {problem} (talk about|mention|deal with|feature)?
    I can not see the {problem}. What is it about?
    (question|problem|story|it is) about what(?|)
    (topic|subject|theme|gist|keywords) of the (question|problem|word problem|story|prompt)(?|)
    {which} (nouns|main words|keywords|key words) (occur|come up|appear) in the {problem}?
    The {problem}, what (is|was) it about?
    I wonder what the {problem} (is|was) about.
    (So|And) it is (a {problem}|the {problem}) about what?
    About (what|what things|which things|which topic) (is|was) the {problem}?
    (Can|Could) you (see|say|tell) (from this |from the {latents} |)what the {problem} (is|was) about?
    (main|central|key) (topic|theme|thing|things|words) (of|in) the {problem}(?|)
    * Guess the (topic|subject|theme).
    * {which} two (words|things|nouns) matter most (in the question|in the story|to the question)?
    * (Bread, money, animals|Shopping, travel, work), or what is the (question|story) (on|concerned with)?
    * In (a word or two|two words): the {problem} (turns|centres) (on|around) what?
    * (Paint|Sketch|Give) me the (scene|setting) of the {problem}.
    * The {problem} has to do with what?
answer_kind
    {which} (kind|sort|type) of (answer|reply|output) (does {it} give|is it|is given|comes out)?
    Of {which} (kind|sort|type) is the (answer|reply|output)?
    {which} (form|format|shape) (has the answer|does the answer have|has the output)?
    (How many digits has|How many digits are in|How long is) the (answer|output)?
    Is the (answer|output|reply) (a number or words|a whole number or a decimal|a whole number, a decimal or words)?
    (kind|type|form|format) of (the |)(answer|output|reply)
    {tell} {which} (kind|sort|type) of (answer|output) it is.
    (Without saying it, |Not the value: )what (kind|type|sort) of (answer|thing) is it?
    {idea} what (kind|sort|type) of {answer} (it is|it gives|comes out)?
    (Is|Was) the {answer} a (number|whole number|decimal|word)(, or what is it|, or something else|, or what)?
    (Is|Was) it a (number|decimal|whole number|word) that it {says}(, or what|, or something else|)?
    {reason}. {which} (kind|sort|type) of {answer} is it?
    {so} what (kind|sort|type) of {answer} (do we|does one|will I) (get|see)?
    How many digits (does|will) (the {answer}|the number|it) have?
    (Don't tell me the|I do not need the) (value|number|figure), only (its type|its format|what kind it is).
    {answer} (type|kind|format|category|length)(?|)
    (number or words|integer or decimal|digits or words|text or number)( for the {answer}|, the {answer}|)(?|)
    (number of|how many|count of) digits( in the {answer}| of the {answer}|)(?|)
    I (only |just |)(want|need) the (kind|type|form|format) of the {answer}.
    (In|Under) {which} (category|class|format) (is|does) the {answer}( come| fall|)?
    The {answer}, is it a (number|word|decimal|whole number) or (what|something else)?
    I wonder {which} (kind|type|sort) of {answer} (it is|comes out|we get).
    (Can|Could) you (tell|say) {which} (kind|type|sort) of {answer} (it is|this is|comes)?
    The {answer} is of {which} (kind|type|sort)?
    How (long|many digits) is the {answer}(, and is it a whole number|)?
    * Describe the (answer|output|reply)'s (form|format|type).
    * (Is it|Does it look like) (text or digits|digits or text), and how many (of them|digits)?
    * What (does|would) the {answer} look like (on paper|written down), (short or long|words or digits)?
    * (Short of|Apart from) the value, what can you (say|tell) about the {answer}?
    * (Numeric|A figure) or not, and with how many (digits|places)?
holds
    {which} result does {step} (hold|carry|contain), by {which} operation?
    What has {step} (worked out|computed|calculated), and how?
    {which} (calculation|computation|operation) (is done|is made|happens|takes place) (at|in) {step}?
    {which} intermediate (result|value) is (in|at|held by) {step}(, and how did it come about|)?
    What does {step} (compute|calculate|work out)?
    (intermediate result|calculation|computation|operation) (held by|in|at) {step}
    {step}: (which result and operation|what is computed|which calculation|what is worked out)?
    (Tell me|Show me|I want to know) what {step} (computes|calculates|works out|has worked out).
    (Does|Did) {step} (add|subtract|multiply|divide), and what (results|comes of it|is the result)?
    {idea} what {step} (computes|calculates|works out|has computed)?
    What (intermediate result|partial result) (does|did) {step} (represent|store|carry|keep|encode as a number)?
    {reason}. Which (calculation|computation|operation) (does|did) {step} do?
    {so} what (is computed|gets calculated|is worked out) (in|at) {step}?
    Which (operation|calculation) and which result (belong to|go with|are at|sit in) {step}?
    (arithmetic|partial result|interim result|operation and result|subtotal) (at|in|of|for) {step}(?|)
    Which (part|piece|line) of the (calculation|arithmetic|solution) is (done|handled|carried out) (by|at|in) {step}?
    (Does|Did) {step} (compute|calculate|work out) (something|anything), and (what|what is it)?
    {step} (multiplies|adds|subtracts|divides)(, or what| or what) does it (do|compute)?
    I wonder what {step} (computes|works out|calculates).
    The (calculation|operation|result) (of|at|in) {step}, (what is it|which|please)?
    (Is|Was) (anything|something) (computed|calculated|worked out) (in|at) {step}, and what?
    * Name the intermediate result in {step} and the operation it came by.
    * (On|With) what (arithmetic|sum) is {step} (busy|at work), and what comes of it?
    * Of the solution, {step} takes care of which (calculation|operation)?
    * What (arithmetic|maths|operation) (lies|hides) behind {step}, and with what result?
surer: yes means that the step named first is surer, or the other less sure
    (Is|Was) {step} {surer} than {other}?
    (Is|Was) {it} {surer} (at|in) {step} than (at|in) {other}?
    (Is|Was) {other} less (sure|certain|confident) than {step}?
    (Does|Did) {step} have (a higher|a greater|more) (confidence|certainty|probability) than {other}?
    (Compared|In comparison) (to|with) {other}, is {step} {surer}?
    {tell} {if} {step} is {surer} than {other}.
    {step} {surer} than {other}?
    (Is|Was) the (confidence|certainty|probability) (of|at) {step} (higher|greater) than (of|at) {other}?
    {idea} {if} {step} is {surer} than {other}?
    Is the (top |)(probability|confidence) (at|of) {step} (higher|larger|greater) than (at|of) {other}?
    Does the (lens|readout) put more (mass|weight) on its (argmax|top token) (at|in) {step} than (at|in) {other}?
    {reason}. Is {step} {surer} than {other}?
    {so} {step} is {surer} than {other}(, right|, yes or no|, isn't it|)?
    Does {step} give its (best|top|leading) token (a higher|more|a larger) probability than {other} does?
    When you compare them, is {step} {surer} than {other}?
    (More|Higher) (confidence|certainty|probability) (at|in) {step} than (at|in) {other}(, yes or no|, y/n|)?
    I (want|would like) to know {if} {it} is {surer} (at|in) {step} than (at|in) {other}.
    I wonder {if} {step} is {surer} than {other}.
    {guess} {step} is {surer} than {other}, {right}?
    Would you say (that |){step} is {surer} than {other}?
    * (Does|Did) {step} beat {other} (in|for) (confidence|certainty)?
    * (Yes or no|True or not): {step} (outdoes|tops) {other} in (sureness|certainty).
    * Is {other} (outdone|topped) by {step} (in|for) (confidence|certainty)?
    * {step} ahead of {other} in order of (certainty|confidence): (true|yes|right)?
surer_of
    {which} (of {step} and {other}|one, {step} or {other},|of the pair {step} and {other}) is {surer}?
    (Which|Who) is {surer}, {step} or {other}?
    {step} or {other}: (which|which one) is {surer}?
    (Compare|Weigh) {step} (and|with) {other}: which is {surer}?
    Where is {it} {surer}, (at|in) {step} or (at|in) {other}?
    {surer}: {step} or {other}?
    {tell} which is {surer}, {step} or {other}.
    {idea} which is {surer}, {step} or {other}?
    Which has the (higher|greater|larger) (confidence|top probability|certainty), {step} or {other}?
    {reason}. Which is {surer}, {step} or {other}?
    {so} which of {step} and {other} is (the |){surer}( one|)?
    (At|In) which is {it} {surer}, {step} or {other}?
    (Choose|Pick|Decide): {step} or {other}, which is {surer}?
    Of {step} and {other}, which (puts more on its top token|has more confidence|has the higher probability)?
    I (want|would like) to know which is {surer}: {step} or {other}.
    {step} vs {other}(: which is {surer}|, the {surer} one|: more confidence where)?
    (higher|more) (confidence|certainty|probability): {step} or {other}?
    I wonder which is {surer}, {step} or {other}.
    The {surer} (step|of them|of both), is it {step} or {other}?
    (Is|Was) it {step} or {other} that is {surer}?
    * Between {step} and {other}, (the surer|the more certain) is which?
    * {step} against {other}: who wins (in|by) (confidence|certainty)?
    * Put {step} beside {other}: whose token is (firmer|the safer bet)?
    * The palm for (certainty|confidence) goes to {step} or to {other}?
"""
