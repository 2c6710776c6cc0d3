/**
 * What the blog's people write about. Sentences may hold slots: {thing}, {place}, {n} (a small number), {time}, {span}.
 * Everything here was written for this example.
 */
export interface Theme {
  tags: readonly string[]
  things: readonly string[]
  places: readonly string[]
  titles: readonly string[]
  descriptions: readonly string[]
  headings: readonly string[]
  sentences: readonly string[]
  points: readonly string[]
  quotes: readonly string[]
  code?: readonly { language: string; text: string }[]
}

const baking: Theme = {
  tags: ['bread', 'baking', 'sourdough', 'kitchen', 'fermentation'],
  things: [
    'rye loaf',
    'country loaf',
    'focaccia',
    'seeded batard',
    'milk bread',
    'spelt roll',
    'baguette',
    'brioche',
  ],
  places: [
    'a rented kitchen',
    'my grandmother’s oven',
    'the village bakehouse',
    'a very cold flat',
    'the café downstairs',
  ],
  titles: [
    'What a {thing} taught me about waiting',
    'The {thing} I bake when nobody is coming',
    '{N} mornings with a {thing}',
    'Against the perfect {thing}',
    'Notes on a {thing} from {place}',
    'How long can a {thing} wait?',
  ],
  descriptions: [
    'Flour, water, salt, and the part of the recipe that nobody writes down.',
    'A slow dough, a hot stone, and a small confession about the oven light.',
    'Hydration is a number. Dough is not.',
    'Why I stopped weighing everything, and what I weigh again now.',
  ],
  headings: [
    'The starter',
    'Mixing',
    'The long rest',
    'Shaping without fear',
    'Heat',
    'The crumb',
    'What I would change',
  ],
  sentences: [
    'A {thing} forgives a late start far more readily than an early finish.',
    'I keep the dough at the back of the fridge for {n} days and let the cold do the talking.',
    'The first loaf came out pale, flat and honest.',
    'In {place} the air is so dry that every recipe needs another spoon of water.',
    'You can feel the moment when the flour stops resisting and begins to hold.',
    'Steam matters less than people say, and a heavy pot matters more.',
    'Nobody at the table has ever asked me about hydration.',
    'A neighbour gave me a jar of her starter and {n} pieces of advice, of which one was true.',
    'The crust sang for a full minute after it left the oven.',
    'Salt is the only ingredient I still weigh to the gram.',
    'When the dough doubles in {span}, something was too warm; when it takes all night, something was right.',
    'I used to slash it with a razor blade; now I use scissors and fewer plasters.',
    'It keeps for {n} days in a paper bag, though it has never had the chance.',
  ],
  points: [
    'Warm the bowl first, not the water.',
    'Fold every half hour, {n} times, and then leave it alone.',
    'Flour the cloth more than seems decent.',
    'Bake darker than you dare.',
    'Wait an hour before cutting. Fine, half an hour.',
  ],
  quotes: [
    'Bread is a schedule that you can eat.',
    'The dough doesn’t know what day it is, and that is its charm.',
    'If in doubt, give it time; if in a hurry, make pancakes.',
  ],
}

const databases: Theme = {
  tags: ['databases', 'postgres', 'sql', 'performance', 'operations'],
  things: [
    'covering index',
    'partial index',
    'foreign key',
    'materialised view',
    'advisory lock',
    'check constraint',
    'sequence',
    'write-ahead log',
  ],
  places: [
    'a staging server',
    'the reporting replica',
    'a table with 900 million rows',
    'production, on a Friday',
    'a laptop on a train',
  ],
  titles: [
    'The {thing} that paid for itself',
    'You may not need a {thing}',
    'Reading a query plan in {n} minutes',
    'A {thing} met {place}',
    'What I wish I had known about the {thing}',
    'Small tables, large mistakes: the {thing}',
  ],
  descriptions: [
    'A slow query, a wrong guess, and the line in the plan that gave it away.',
    'Constraints are documentation that argues back.',
    'The database knew all along. We just hadn’t asked it.',
    'An afternoon of measuring saved a year of guessing.',
  ],
  headings: [
    'The symptom',
    'Reading the plan',
    'The wrong fix',
    'The fix',
    'Numbers',
    'What stays',
    'Before you copy this',
  ],
  sentences: [
    'The query took {n} seconds, and every one of them was spent sorting rows that nobody would see.',
    'We had added a {thing} years ago and then written every query so that it could not be used.',
    'On {place} the plan was different, because the statistics were.',
    'An estimate of one row and a reality of forty thousand explain most bad evenings.',
    'The trouble with a {thing} is not its cost but its silence.',
    'Deleting the trigger made the import faster, which was embarrassing and instructive.',
    'A lock is a promise to be quick, and somebody had gone to lunch.',
    'Nothing in the code was wrong; two things in the code were right at the same time.',
    'We measured before, we measured after, and we measured once more on {place}.',
    'A {thing} is the cheapest colleague you will ever have.',
    'Write the constraint first: the bug reports will arrive at insert time, with a stack trace.',
    'The migration ran for {span} and blocked nobody, which is the only metric that I put on the slide.',
  ],
  points: [
    'Ask for the plan with real parameters.',
    'Compare estimated rows with actual rows, top to bottom.',
    'Change one thing, then measure {n} times.',
    'Prefer a constraint to a comment.',
    'Name indexes after the question they answer.',
  ],
  quotes: [
    'The fastest query is the one that you understand.',
    'Every table is an opinion about the world.',
    'Locks don’t wait for you; you wait for them.',
  ],
  code: [
    {
      language: 'sql',
      text: 'explain (analyze, buffers)\nselect title, created_at\n  from articles\n where author_id = 42\n order by created_at desc\n limit 10;',
    },
    {
      language: 'sql',
      text: 'create index concurrently orders_open\n    on orders (customer_id, placed_at desc)\n where shipped_at is null;',
    },
    {
      language: 'sql',
      text: 'alter table bookings\n  add constraint no_overlap\n  exclude using gist (room with =, during with &&);',
    },
  ],
}

const walking: Theme = {
  tags: ['walking', 'mountains', 'maps', 'weather', 'slow-travel'],
  things: [
    'ridge path',
    'paper map',
    'bothy',
    'drovers’ road',
    'coastal path',
    'night train',
    'wind shelter',
    'river crossing',
  ],
  places: [
    'the north side',
    'a valley without a name',
    'the last bus stop',
    'the far end of the island',
    'a pass at dusk',
  ],
  titles: [
    '{N} days on the {thing}',
    'The {thing} is the point',
    'Getting lost near {place}',
    'What fits in a small rucksack',
    'A {thing} in the rain',
    'Walking to {place}, slowly',
  ],
  descriptions: [
    'Fog, blisters, and the best cheese sandwich of my life.',
    'On going slowly, and on the people whom one meets at that speed.',
    'A short walk that became a long one because of a sign.',
    'Less weight, fewer plans, and one good pair of socks.',
  ],
  headings: [
    'Setting out',
    'The weather, naturally',
    'A wrong turn',
    'People',
    'The top',
    'Coming down',
    'What was in the bag',
  ],
  sentences: [
    'The {thing} begins behind the church and ends, depending on the weather, at the pub or in it.',
    'I met {n} people all day, and each told me that the worst was over.',
    'From {place} you can see tomorrow’s rain arriving in good time.',
    'My feet had opinions by noon and a manifesto by {time}.',
    'A paper map never runs out of battery, but it does leave by the window of a train.',
    'There was a sign, and there was a path, and they had not spoken in years.',
    'I sat in the lee of a wall and ate everything that I had meant for the evening.',
    'The dog knew the way and was too polite to mention that I didn’t.',
    'At {place} the wind took my hat, which I had been meaning to replace.',
    'You learn to read the ground: rushes mean wet, nettles mean people, silence means cows.',
    'Going down is where walks are decided.',
    'Nobody photographs the {n} kilometres of tarmac at the end, so here they are in words.',
  ],
  points: [
    'One warm layer more than you think.',
    'Turn round at {time}, whatever the summit says.',
    'Tell somebody where you’ll sleep.',
    'Dry socks are a moral question.',
    'Leave the gate as you found it.',
  ],
  quotes: [
    'There is no bad weather, only an optimistic forecast.',
    'The path is a conversation among everyone who came before.',
    'Slow is a perfectly good speed.',
  ],
}

const gardening: Theme = {
  tags: ['garden', 'soil', 'seeds', 'seasons', 'compost'],
  things: [
    'compost heap',
    'bean row',
    'quince tree',
    'cold frame',
    'rain barrel',
    'potato bed',
    'herb spiral',
    'hedge',
  ],
  places: [
    'a north-facing yard',
    'the allotment',
    'four pots on a balcony',
    'heavy clay',
    'the shady corner',
  ],
  titles: [
    'A year in the life of a {thing}',
    'The {thing} and the slugs',
    'Gardening in {place}',
    'What the {thing} wants',
    'In praise of the untidy {thing}',
    '{N} things I planted too early',
  ],
  descriptions: [
    'Patience, string, and an uneasy truce with the pigeons.',
    'The soil does the work; we mostly move things about.',
    'A diary of small failures and one enormous courgette.',
    'On doing less, a little later, with better tools.',
  ],
  headings: ['January', 'The soil first', 'Sowing', 'Water', 'Visitors', 'The harvest', 'Next year'],
  sentences: [
    'The {thing} looked dead until the week in which I decided to dig it up.',
    'Everything in {place} happens {n} weeks later than in the books.',
    'I sowed twice: once for the birds, once for the kitchen.',
    'A good spade is inherited, borrowed or expensive.',
    'The slugs came at {time} and held a conference.',
    'Mulch is what I do instead of worrying.',
    'Next door grows the same beans, {n} hands higher, and says that it is the soap.',
    'By August the {thing} had stopped asking for permission.',
    'I water in the morning because the evening belongs to the hedgehog.',
    'The compost was warm to the wrist on the coldest day of the year.',
    'There is no such thing as a weed, my aunt says, pulling one.',
    'What grows in {place} is what wants to, and the trick is to want the same.',
  ],
  points: [
    'Feed the soil, not the plant.',
    'Label everything; you will not remember.',
    'Sow half, keep half.',
    'Water deeply, {n} times a week at most.',
    'Stop tidying in October.',
  ],
  quotes: [
    'A garden is a letter to the person you will be in June.',
    'The best fertiliser is the gardener’s shadow.',
    'Plant the tree, then buy the chair.',
  ],
}

const typescript: Theme = {
  tags: ['typescript', 'programming', 'testing', 'refactoring', 'web'],
  things: [
    'discriminated union',
    'type guard',
    'integration test',
    'small module',
    'error message',
    'feature flag',
    'state machine',
    'code review',
  ],
  places: [
    'a legacy codebase',
    'the payments service',
    'a side project',
    'a file called helpers',
    'the build pipeline',
  ],
  titles: [
    'Make the {thing} boring',
    'The smallest useful {thing}',
    'We deleted {n} thousand lines',
    'A {thing} for {place}',
    'Why your {thing} lies',
    'Writing the {thing} first',
  ],
  descriptions: [
    'Types are a conversation with the next reader, who is tired.',
    'How an afternoon of renaming fixed a bug that nobody could see.',
    'Fewer abstractions, better names, and a test that can fail.',
    'The code that we were proud of was the code that we removed.',
  ],
  headings: [
    'Where we started',
    'Naming',
    'The boundary',
    'Tests that can fail',
    'What broke',
    'What it cost',
    'A rule of thumb',
  ],
  sentences: [
    'A {thing} should tell you what went wrong, what it saw, and what to do next.',
    'In {place} every function took an options object, and every option was optional.',
    'We had {n} ways to represent nothing and used them all.',
    'The compiler can’t read your mind, but it can read your unions.',
    'Most of the bugs lived at the edge, where data arrives wearing somebody else’s types.',
    'The test had passed for two years because it asserted nothing.',
    'Renaming one variable made the mistake obvious to everyone in the room.',
    'We moved the check to the door and deleted it from {n} corridors.',
    'A good {thing} is short enough to be wrong in only one way.',
    'It took {span} to write and a month to dare to merge.',
    'Nobody misses an abstraction that nobody understood.',
    'If the name needs the word “manager”, the idea is not finished.',
  ],
  points: [
    'Parse at the boundary; trust inside.',
    'Let a state exist in one place.',
    'Write the error message before the happy path.',
    'Delete, run the tests, wait {n} days, celebrate.',
    'Prefer a table to a clever function.',
  ],
  quotes: [
    'Clever is what code is called before somebody has to change it.',
    'A type is a test that you never have to run.',
    'Delete the second abstraction first.',
  ],
  code: [
    {
      language: 'ts',
      text: "type Result =\n  | { state: 'loading' }\n  | { state: 'failed'; reason: string }\n  | { state: 'ready'; items: Item[] }",
    },
    {
      language: 'ts',
      text: 'export function parsePort(text: string): number {\n  const port = Number(text)\n  if (!Number.isInteger(port) || port < 1 || port > 65535) {\n    throw new RangeError("A port is a whole number from 1 to 65535")\n  }\n  return port\n}',
    },
    {
      language: 'ts',
      text: "test('an empty basket cannot be paid for', () => {\n  expect(() => pay({ items: [] })).toThrow('empty')\n})",
    },
  ],
}

const music: Theme = {
  tags: ['music', 'jazz', 'practice', 'records', 'listening'],
  things: [
    'double bass',
    'ballad',
    'record shop',
    'rehearsal',
    'bossa nova',
    'clarinet solo',
    'walking bass line',
    'Sunday session',
  ],
  places: [
    'a cellar with nine chairs',
    'the back of the bus',
    'a church hall',
    'the cheap seats',
    'an empty bandstand',
  ],
  titles: [
    'Learning the {thing} at forty',
    'Notes from {place}',
    'The {thing} nobody requested',
    'Practising badly, {n} minutes a day',
    'A quintet and one microphone',
    'Listening again: the {thing}',
  ],
  descriptions: [
    'On playing slowly, listening hard, and counting in.',
    'Five people, one microphone, and a neighbour who clapped.',
    'The gap between what the hand knows and what the ear wants.',
    'A love letter to the player at the back.',
  ],
  headings: [
    'Tuning up',
    'The tune',
    'Time',
    'The others',
    'Mistakes',
    'After the last number',
    'What to listen to next',
  ],
  sentences: [
    'The {thing} is mostly a matter of what one leaves out.',
    'We played for {n} people in {place}, and two of them were ours.',
    'My teacher says nothing, taps the rest on the page, and waits.',
    'A wrong note played twice becomes an idea.',
    'The drummer counted us in as if he were apologising.',
    'At {time} somebody opened the window, and the street came in on the second chorus.',
    'I practise with the metronome on two and four, which is where the honesty is.',
    'Every {thing} has a moment at which nobody is leading.',
    'The record crackles just before the solo, and now the silence sounds wrong without it.',
    'In {place} you hear yourself exactly as late as you are.',
    'I know {n} tunes well and forty in the way one knows a neighbour.',
    'The band around the soloist is where the music happens.',
  ],
  points: [
    'Sing it before you play it.',
    'Half the tempo, twice the attention.',
    'Record yourself; listen tomorrow.',
    'Learn {n} tunes in all keys before a single lick.',
    'Make the others sound good.',
  ],
  quotes: [
    'The rest is also music.',
    'Play the room, then the tune.',
    'Everyone waits for the solo; the solo waits for the band.',
  ],
}

export const themes: readonly Theme[] = [baking, databases, walking, gardening, typescript, music]

/** Sentences that fit any subject. */
export const commonSentences: readonly string[] = [
  'I should say at once that I am no expert.',
  'That was the easy part.',
  'None of this is new, and that is rather the point.',
  'For {n} weeks I told everyone about it, and then I stopped, which is how you know that a habit has settled.',
  'There is a version of this story in which I planned it.',
  'What surprised me was how little it took.',
  'I wrote the first half of this in the spring and no longer agree with it.',
  'A friend read a draft and crossed out the word “simply” {n} times.',
  'You may well see it differently, and I’d like to hear why.',
  'It is tempting to draw a lesson here.',
  'The second attempt was worse, in a more interesting way.',
  'I have no photograph of this, so you’ll have to believe me.',
  'Start with the part that scares you least.',
  'Somewhere around the middle I noticed that I was enjoying it.',
  'The books disagree, and so do the people who wrote them.',
  'It took {span}, of which most was looking out of the window.',
  'Ask three people and you get {n} answers.',
  'I kept a list of everything that went wrong, and it is the most useful thing I own.',
  'This is the step that everyone skips.',
  'If you remember one thing from this page, let it be that.',
  'By {time} I had changed my mind again.',
  'The cheap version was good enough, and then it wasn’t.',
  'It rarely matters, until it is the only thing that matters.',
  'I went back later to check, and it was still true.',
  'Nothing about this is urgent.',
  'Half of what follows I learned by doing it wrong in front of other people.',
]

export const remarks: readonly string[] = [
  'I read this twice, and the second time with a pencil.',
  'This matches what I saw last winter, down to the smell.',
  'Lovely piece. The part about waiting hit home.',
  'I disagree with nearly all of it and enjoyed every line.',
  'Could you say more about the last step? That is where mine goes wrong.',
  'Sent this to my sister, who will claim that she told me so.',
  'The list near the end is now on our fridge.',
  'Tried it on Saturday. It works, and the mess was moderate.',
  'My experience is the opposite, but I live much further north.',
  'Thank you for writing down the failures too.',
  'I would add one thing: start smaller than you want to.',
  'That quote deserves a frame.',
  'How long did the whole thing take, honestly?',
  'We had the same problem. It was the cable. It is always the cable.',
  'Saving this for the next rainy weekend.',
  'Short, kind and useful. More of this, please.',
  'The comments here are nearly as good as the article.',
  'I laughed at the neighbour. We have that neighbour.',
  'Is there a version of this for people with no patience?',
  'Came for the title, stayed for the middle.',
]

export const afterthoughts: readonly string[] = [
  'I’ll report back in a month.',
  'Greetings from a very small balcony.',
  'And yes, the second attempt was better.',
  'My notes run to four pages now.',
  'You’ve talked me into it.',
  'Next time with photographs?',
  'The rest I leave to the experts.',
  'It rained, of course.',
]

export const firstNames =
  'ada amir anouk arne aoife bela bruno carla cheng dana dario edda eira elif emil esra farid felix fina gita goran greta hana hugo ida imre ines ivo jana jonas juno kai kamal kira lars lena lio lotte luca mads maia malik marta mina nadia nils nora odile olek omar orla pavel petra quim rafa rana rhea rosa ruben sami selma sina sora tariq tess theo tilda uma vera viggo wanda yara yusuf zoe'.split(
    ' ',
  )
export const lastNames =
  'abel aydin baker berg bloom brandt costa dahl duarte egan falk ferro finch garcia grove haas hale holm ito jansen kaya keller kovac lang lindt marsh meyer mori moss nagy novak okafor olsen park petri quist reed rossi sato silva stein tanaka thorn urban vance vega wolff yilmaz ziegler'.split(
    ' ',
  )

export const bios: readonly string[] = [
  'Writes slowly, edits quickly.',
  'Mostly outdoors. Otherwise at the stove.',
  'Keeps a notebook, loses a notebook, keeps a notebook.',
  'Collects good questions and bad puns.',
  'Parent, baker, reluctant gardener.',
  'Twenty years of software, three of them on purpose.',
  'Here for the comments.',
  'Plays the bass in a band that you haven’t heard of.',
  'Believes in tests, tea and early trains.',
  'Fixes old radios; breaks new ones.',
]
