"""Words of the world outside: what questions are about that nobody can answer here.

Law: lists of plain words, none of them a name of this project.
"""


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace("\n", " ").split(",") if part.strip())


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


THINGS = _words("""
apple ball bag balloon bank barrel basket bath bed bell belt bench bicycle bike blanket blender boat book boot bottle bowl box
bread brick bridge broom brush bucket building bus button cable cage cake calendar camera candle canoe car card carpet castle
ceiling chain chair chalk cheese chimney church clay clock cloth cloud coat coin comb compass cookie couch cradle crane crown
cup curtain cushion dam deck desk diamond dice dish door dress drill drum engine envelope eraser fan farm faucet feather fence
ferry field fire flag flame floor flower flute fork fountain fridge furnace garage garden gate glass glove glue gold grill guitar
hammer harbour hat helmet hill hinge honey hook horn hose hospital house ink iron island jacket jar jewel jug kettle kitchen kite
knife ladder lake lamp lantern lawn leaf lemon lens letter lever lighthouse lipstick lock luggage magnet mailbox map marble
mattress meadow medal microscope milk mirror motor mountain mug museum nail napkin necklace needle nest net newspaper oar ocean
oven paddle paint palace pan paper parachute park pearl pen pencil pepper perfume phone piano picture pillow pipe plane plate
pocket pond pool pot printer puzzle pyramid quilt radio raft rail rain razor ribbon ring river road robe rock rocket roof rope
rug ruler saddle sail salt sand sandal saw scale scarf school scissors screw sea seed shampoo shelf ship shirt shoe shovel
silver sink skirt sled snow soap sock sofa soup spoon stair stamp star statue stove straw street suit sugar sun sunglasses sword
table tap tea telescope tent theatre thermometer ticket tie tile tire toaster toilet tooth towel tower toy tractor train tram
tray tree trousers truck trumpet tube tunnel tyre umbrella vase vest violin volcano wagon wall wallet washer watch water wave
wheel whistle wind window wine wire wood wool yacht yard zipper""")

ANIMALS = _words("""
ant badger bat bear beaver bee beetle bison buffalo butterfly camel canary cat chicken cobra cow crab cricket crow deer dog dolphin
donkey dove dragonfly duck eagle eel elephant elk falcon ferret fish flamingo fly fox frog gazelle gecko giraffe goat goose gorilla
hamster hare hawk hedgehog heron hippo horse hyena jaguar jellyfish kangaroo koala lion lizard lobster lynx mole monkey moose
mosquito moth mouse octopus orca ostrich otter owl ox panda panther parrot peacock pelican penguin pig pigeon puma rabbit raccoon
rat raven rhino salmon scorpion seagull seal shark sheep snail snake sparrow spider squid squirrel stork swan tiger toad tortoise
trout tuna turkey turtle walrus wasp whale wolf wombat worm zebra""")

FOODS = _words("""
bacon bagel banana beans beef beer beetroot biscuits broccoli burger butter cabbage cake carrots casserole cauliflower celery cereal
cheesecake cherries chicken chili chips chocolate chowder cider cocoa coffee cookies couscous crackers cream croissants cucumber
curry custard dumplings eggs falafel fries fudge garlic ginger gnocchi grapes gravy ham hummus jam juice kale kebab ketchup lamb
lasagne leeks lemonade lentils lettuce mango mayonnaise meatballs melon muffins mushrooms mustard noodles nuts oats olives omelette
onions oranges paella pancakes pasta pastry peaches peanuts pears peas pesto pickles pie pineapple pizza plums popcorn pork porridge
potatoes pudding pumpkin quiche ravioli rice risotto salad salami sandwiches sausages scones soup spaghetti spinach steak stew
strawberries sushi syrup tacos tea toast tofu tomatoes trout vinegar waffles yoghurt""")

PLACES = _phrases("""
Albania, Algeria, Angola, Argentina, Armenia, Australia, Austria, Belgium, Bolivia, Bosnia, Botswana, Bulgaria, Cambodia, Cameroon,
Canada, Chile, Colombia, Croatia, Cuba, Cyprus, Denmark, Ecuador, Egypt, England, Estonia, Ethiopia, Finland, Georgia, Germany,
Ghana, Greece, Greenland, Guatemala, Haiti, Hungary, India, Indonesia, Iran, Iraq, Ireland, Israel, Italy, Jamaica, Kenya, Kuwait,
Laos, Latvia, Lebanon, Libya, Lithuania, Luxembourg, Malaysia, Mali, Malta, Mexico, Mongolia, Morocco, Nepal, New Zealand, Nigeria,
Norway, Oman, Pakistan, Panama, Peru, Poland, Portugal, Qatar, Romania, Russia, Rwanda, Senegal, Serbia, Singapore, Slovenia,
Somalia, South Africa, Spain, Sudan, Sweden, Switzerland, Syria, Taiwan, Tanzania, Thailand, Tunisia, Turkey, Uganda, Ukraine,
Uruguay, Venezuela, Vietnam, Wales, Yemen, Zambia, Amsterdam, Athens, Barcelona, Beijing, Boston, Brussels, Budapest, Cairo, Chicago,
Copenhagen, Delhi, Dublin, Edinburgh, Florence, Geneva, Hamburg, Helsinki, Istanbul, Kyiv, Lisbon, Lyon, Madrid, Manchester, Milan,
Montreal, Moscow, Munich, Naples, New York, Oslo, Oxford, Paris, Porto, Prague, Reykjavik, Riga, Rome, Seoul, Seville, Sofia,
Stockholm, Sydney, Toronto, Venice, Vienna, Warsaw, Zurich, the Alps, the Sahara, the Amazon, the North Pole, the Black Sea, Hawaii,
Texas, California, Florida, Bavaria, Tuscany, Siberia, the Nile, the Danube, Lake Garda, Antarctica, Europe, Asia, Africa""")

PEOPLE = _phrases("""
Aristotle, Plato, Socrates, Galileo, Newton, Einstein, Darwin, Marie Curie, Tesla, Edison, Bach, Beethoven, Chopin, Verdi, Wagner,
Vivaldi, Picasso, Rembrandt, Van Gogh, Leonardo da Vinci, Michelangelo, Dante, Goethe, Tolstoy, Dickens, Jane Austen, Mark Twain,
Hemingway, Kafka, Agatha Christie, Homer, Alexander the Great, Hannibal, Charlemagne, Queen Victoria, Abraham Lincoln, Gandhi,
Churchill, Nelson Mandela, Martin Luther King, Columbus, Magellan, Marco Polo, Neil Armstrong, Elvis Presley, Madonna, the Beatles,
Bob Dylan, Frank Sinatra, Charlie Chaplin, Marilyn Monroe, Hitchcock, Spielberg, Pele, Maradona, Messi, Roger Federer, Usain Bolt,
Muhammad Ali, Michael Jordan, Steve Jobs, Bill Gates, Henry Ford, Walt Disney, Coco Chanel, Sherlock Holmes, Harry Potter, Batman,
Superman, Robin Hood, King Arthur, Zeus, Hercules, Cinderella, Santa Claus, the Pope, the king of Spain, the prime minister, the mayor,
my neighbour, my uncle, my boss, your sister, Anna, Peter, Maria, John Smith, Mrs Miller, Doctor Brown, the queen of England""")

TOPICS = _phrases("""
history, geography, biology, chemistry, physics, astronomy, philosophy, psychology, sociology, economics, politics, religion, art,
music, opera, ballet, dance, theatre, cinema, photography, literature, poetry, grammar, mathematics, algebra, geometry, calculus,
statistics, medicine, surgery, nutrition, yoga, meditation, football, basketball, tennis, golf, hockey, cricket, boxing, swimming,
cycling, running, skiing, sailing, fishing, hunting, hiking, climbing, gardening, cooking, baking, knitting, sewing, carpentry,
pottery, fashion, makeup, travel, tourism, banking, insurance, taxes, marketing, advertising, law, justice, crime, war, peace,
democracy, monarchy, socialism, capitalism, feminism, evolution, genetics, bacteria, viruses, cancer, diabetes, allergies, anatomy,
the brain, the heart, the liver, sleep, dreams, memory, love, friendship, marriage, divorce, children, parenting, school, university,
homework, exams, jobs, careers, salaries, pensions, housing, rent, electricity, energy, solar power, nuclear power, oil, coal, gas,
pollution, recycling, climate, weather, storms, hurricanes, floods, earthquakes, volcanoes, oceans, deserts, forests, glaciers,
planets, galaxies, comets, satellites, robots, cars, trains, ships, aviation, the stone age, the middle ages, the renaissance,
the cold war, ancient Egypt, the Vikings, the Romans, the Aztecs, dinosaurs, fossils, minerals, gemstones, chess, poker, bingo,
magic tricks, astrology, horoscopes, ghosts, aliens, mythology, fairy tales, comics, jazz, rock music, hip hop, folk songs, the violin,
gravity, atoms, electrons, light, sound, heat, magnetism, time travel, infinity, prime numbers, probability, logic, ethics, happiness,
the stock market, bitcoin, gold prices, interest rates, the elections, the olympics, the world cup, the news, tomorrow, yesterday""")

SOFTWARE = _phrases("""
Excel, Word, PowerPoint, Outlook, Chrome, Firefox, Safari, Gimp, Blender, Skype, Zoom, Spotify, Netflix, YouTube, Instagram, Facebook,
Twitter, TikTok, WhatsApp, Telegram, Snapchat, Minecraft, Fortnite, Tetris, Steam, Windows, macOS, Ubuntu, Debian, Android, iOS, Linux,
Docker, Kubernetes, Jenkins, Git, GitHub, Jira, Slack, Trello, Notion, Drupal, Joomla, Magento, Shopify, MySQL, Oracle, MongoDB, Redis,
Kafka, Spark, Hadoop, TensorFlow, Django, Flask, React, Angular, Vue, Java, Rust, Go, Ruby, Perl, Haskell, Fortran, Cobol, AutoCAD,
SketchUp, Illustrator, Lightroom, Audacity, OBS, VLC, iTunes, Dropbox, Google Maps, Gmail, PayPal, Uber, Airbnb, SAP, Salesforce,
QuickBooks, Unity, Unreal, Godot, Arduino, a Raspberry Pi, Alexa, Siri, the PlayStation, my printer driver, the antivirus""")

VERBS = _phrases("""
build, buy, sell, clean, wash, paint, repair, fix, draw, carve, polish, move, lift, carry, hide, find, steal, borrow, rent, break,
weigh, measure, cut, fold, throw, catch, kick, burn, melt, freeze, dry, decorate, design, assemble, insure, import, ship, order, return,
photograph, describe, compare, count, sharpen, replace, hang, open, close, lock, unlock, stack, sort, pack, wrap, post, recycle,
restore, sew, knit, glue, weld, drill, varnish, heat, cool, fill, empty, balance, ride, drive, steer, park, feed, train, choose, afford""")

COOKING = _phrases("""
cook, bake, fry, boil, grill, roast, steam, season, peel, chop, slice, freeze, store, serve, eat, digest, grow, harvest, marinate,
smoke, pickle, prepare, make, order, buy, reheat, taste, mash, mix, burn""")

ACTIVITIES = _phrases("""
fall asleep, get up early, lose weight, gain muscle, stop smoking, get married, find a job, ask for a raise, pass my driving test,
learn French, learn to dance, play the piano, play chess, sing better, write a novel, write a letter, give a speech, plan a wedding,
move to another city, renew my passport, get a visa, book a hotel, catch a train, travel to the moon, meet new people, make friends,
raise children, teach maths, treat a burn, stop a nosebleed, cure a cold, survive in the desert, light a fire, pitch a tent, climb a
mountain, swim faster, run a marathon, ride a horse, milk a cow, train a puppy, breed rabbits, keep bees, plant roses, mow the lawn,
prune a tree, fix the roof, unblock a drain, paint a wall, iron a dress, remove a stain, dye my hair, shave, tie a knot, whistle,
juggle, do a handstand, meditate, pray, vote, pay taxes, save energy, invest in shares, get rich, open a bank account, get a loan,
sue somebody, become a pilot, become a doctor, fly a helicopter, sail a boat, drive in snow, change the oil, jump start a car,
read faster, remember names, concentrate, relax, be happy, fall in love, apologise, say no, cook for ten people, make cheese, brew beer,
fold a letter, build a shed, dig a well, catch a fish, hunt deer, recognise mushrooms, predict the weather, measure the height of a tree""")

PROFESSIONS = _words("""
actor architect astronaut baker banker barber butcher carpenter chemist coach cook dancer dentist detective economist electrician farmer
firefighter fisherman gardener geologist hairdresser historian judge king lawyer librarian magician mathematician mechanic miner
musician nurse optician painter pharmacist philosopher photographer physicist pilot plumber poet policeman politician postman priest
professor queen sailor scientist sculptor secretary singer soldier surgeon tailor teacher vet waiter writer zoologist""")

ADJECTIVES = _words("""
amazing ancient angry bad beautiful best big black blue brave bright broken brown busy cheap clean clever cold common cool crazy
cruel curious cute dangerous dark deep dirty dry dull early easy empty expensive fair famous fast fat first flat fresh funny gentle
giant golden good great green happy hard healthy heavy high hot huge important large last late lazy light little lonely long loud
lucky main modern narrow new nice noisy old orange perfect pink poor popular pretty purple quick quiet rare red rich round rude sad
safe sharp short shy silent silver simple slow small smart smooth soft sour special square steep strange strong sweet tall terrible
thick thin tiny tired ugly useful warm weak wet white wide wild wise wooden yellow young""")

WORKS = _phrases("""
Macbeth, Faust, Don Quixote, Moby Dick, the Odyssey, the Iliad, the Bible, Dracula, Frankenstein, Ulysses, Emma, The Hobbit, Dune,
Star Wars, Titanic, Casablanca, Jaws, Frozen, Avatar, The Godfather, Psycho, Carmen, Aida, the Ninth Symphony, the Magic Flute,
Swan Lake, Yesterday, Imagine, Guernica, the Scream, the Night Watch, the Thinker, Pinocchio, Snow White, Peter Pan, Animal Farm""")
