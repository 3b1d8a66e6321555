/** Units by the names that texts give them; the first of a line is the one that the comparison uses. */
const NAMES = `
gram grams gramme grammes g
kilogram kilograms kilo kilos kg
milligram milligrams mg
tonne tonnes ton tons
pound pounds lb lbs
ounce ounces oz
kilometer kilometers kilometre kilometres km
mile miles mi
meter meters metre metres
centimeter centimeters centimetre centimetres cm
millimeter millimeters millimetre millimetres mm
foot feet ft
inch inches
yard yards yd
liter liters litre litres
milliliter milliliters millilitre millilitres ml
gallon gallons gal
cup cups
pint pints
quart quarts
acre acres
hectare hectares
knot knots
mph
kmh
tablespoon tablespoons tbsp
teaspoon teaspoons tsp
celsius
fahrenheit
kelvin kelvins
byte bytes
kilobyte kilobytes kb
megabyte megabytes mb
gigabyte gigabytes gb
terabyte terabytes tb
percent % pct
dollar dollars usd $
euro euros eur €
sterling gbp £
yen jpy ¥
minute minutes min mins
hour hours hr hrs
day days daily
week weeks weekly
month months monthly
year years yearly annual annually
am
pm
kilowatt kilowatts kw
watt watts
volt volts
radius
diameter
`;

const UNITS: ReadonlyMap<string, string> = new Map(
  NAMES.trim()
    .split('\n')
    .flatMap((line) => line.split(' ').map((name) => [name, line.split(' ')[0] as string] as const)),
);

/** Abbreviations that are words or letters elsewhere. */
const ONLY_AFTER_NUMBERS = new Set(['g', 'min', 'am', 'pm', 'mi', 'gal', 'foot', 'feet', 'knot', 'knots', '$']);

/** The unit that a word names; undefined when it names none where it stands. */
export function unitIn(word: string, before: string | undefined): string | undefined {
  const unit = UNITS.get(word);
  if (unit === undefined) return undefined;
  return ONLY_AFTER_NUMBERS.has(word) && !/\d$/.test(before ?? '') ? undefined : unit;
}
